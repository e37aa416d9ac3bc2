#include <hourglass/model/schedules.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hourglass {
namespace schedules {

Schedule constant() {
  return [](std::uint64_t) { return 1.0; };
}

Schedule step(std::uint64_t every, double factor) {
  require_within("step schedule", "the interval", static_cast<double>(every), positive);
  require_within("step schedule", "the factor", factor, positive);
  return [=](std::uint64_t t) {
    const std::uint64_t drops = t / every;  // so far
    return std::pow(factor, static_cast<double>(drops));
  };
}

Schedule cosine(std::uint64_t total) {
  require_within("cosine schedule", "the number of steps", static_cast<double>(total), positive);
  return [=](std::uint64_t t) {
    // as sin^2 of what is left: 1 + cos would lose the last steps in rounding
    const double left = static_cast<double>(total - std::min(t, total));
    return std::pow(std::sin(std::numbers::pi / 2 * left / static_cast<double>(total)), 2);
  };
}

Schedule inverse_time(double scale) {
  require_within("1/t schedule", "the scale", scale, positive);
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

namespace {

constexpr Interval count{.low = 1, .high = 0x1p53, .whole = true};

std::uint64_t steps_in(TextOptions& text, const char* meaning) {
  return static_cast<std::uint64_t>(text.number(meaning, count));
}

const NameTable<Schedule>& named_schedules() {
  static const NameTable<Schedule> table{
      "schedule",
      {{"constant", [](TextOptions&) { return schedules::constant(); }},
       {"step:STEPS:FACTOR",
        [](TextOptions& text) {
          const std::uint64_t every = steps_in(text, "the interval in steps");
          return schedules::step(every, text.number("the factor", positive));
        }},
       {"cosine:STEPS",
        [](TextOptions& text) { return schedules::cosine(steps_in(text, "the number of steps")); }},
       {"1/t:STEPS", [](TextOptions& text) {
          return schedules::inverse_time(text.number("the scale in steps", positive));
        }}}};
  return table;
}

}  // namespace

Schedule schedule_named(const std::string& text) {
  TextOptions options("schedule", text);
  Schedule schedule = named_schedules().make(options);
  const double steps = options.keyed("warmup", 0, count);
  options.finish();
  return steps > 0 ? schedules::warm_up(static_cast<std::uint64_t>(steps), schedule) : schedule;
}

std::string schedule_forms() { return named_schedules().forms() + ", each with [:warmup=STEPS]"; }

}  // namespace hourglass
