#include <hourglass/core/error.hpp>
#include <hourglass/model/schedules.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hourglass {
namespace schedules {
namespace {

void require_positive(const char* schedule, const char* what, double value) {
  if (!(value > 0) || !std::isfinite(value))
    throw ArgumentError(std::string(schedule) + ": " + what + " is " + std::to_string(value) +
                        ", expected a finite number > 0");
}

}  // namespace

Schedule constant() {
  return [](std::uint64_t) { return 1.0; };
}

Schedule step(std::uint64_t every, double factor) {
  require_positive("step schedule", "the interval", static_cast<double>(every));
  require_positive("step schedule", "the factor", factor);
  return [=](std::uint64_t t) { return std::pow(factor, static_cast<double>(t / every)); };
}

Schedule cosine(std::uint64_t total) {
  require_positive("cosine schedule", "the number of steps", static_cast<double>(total));
  return [=](std::uint64_t t) {
    const double done = static_cast<double>(std::min(t, total)) / static_cast<double>(total);
    return (1 + std::cos(std::numbers::pi * done)) / 2;
  };
}

Schedule inverse_time(double scale) {
  require_positive("1/t schedule", "the scale", scale);
  return [=](std::uint64_t t) { return 1 / (1 + static_cast<double>(t) / scale); };
}

Schedule warm_up(std::uint64_t steps, Schedule after) {
  if (!after) after = constant();
  return [steps, after = std::move(after)](std::uint64_t t) {
    if (t >= steps) return after(t);
    return after(t) * (static_cast<double>(t) + 1) / static_cast<double>(steps);
  };
}

}  // namespace schedules

Schedule schedule_named(const std::string& text) {
  constexpr Interval whole{.low = 1, .high = 0x1p53, .whole = true};
  TextOptions options("schedule", text);
  const auto count = [&](const char* meaning) {
    return static_cast<std::uint64_t>(options.number(meaning, whole));
  };
  Schedule schedule;
  if (options.name() == "constant") {
    schedule = schedules::constant();
  } else if (options.name() == "step") {
    const std::uint64_t every = count("the interval in steps");
    schedule = schedules::step(every, options.number("the factor", positive));
  } else if (options.name() == "cosine") {
    schedule = schedules::cosine(count("the number of steps"));
  } else if (options.name() == "1/t") {
    schedule = schedules::inverse_time(options.number("the scale in steps", positive));
  } else {
    options.unknown_name("constant, step:EVERY:FACTOR, cosine:TOTAL or 1/t:SCALE");
  }
  const double steps = options.keyed("warmup", 0, whole);
  options.finish();
  return steps > 0 ? schedules::warm_up(static_cast<std::uint64_t>(steps), schedule) : schedule;
}

}  // namespace hourglass
