#include <hourglass/core/error.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

Optimiser descent(TextOptions& options, double rate) {
  const double momentum = options.keyed("momentum", 0, below_one);
  if (momentum > 0) return Momentum{.learning_rate = rate, .momentum = momentum};
  const double nesterov = options.keyed("nesterov", 0, below_one);  // beside momentum: refused
  if (nesterov > 0) return Momentum{.learning_rate = rate, .momentum = nesterov, .nesterov = true};
  return Sgd{rate};
}

Adam adam(TextOptions& options, double rate, double decay) {
  const Adam standard;
  return {.learning_rate = rate,
          .beta1 = options.keyed("beta1", standard.beta1, below_one),
          .beta2 = options.keyed("beta2", standard.beta2, below_one),
          .epsilon = options.keyed("epsilon", standard.epsilon, not_negative),
          .decoupled_decay = decay};
}

RmsProp rms_prop(TextOptions& options, double rate) {
  const RmsProp standard;
  return {.learning_rate = rate,
          .smoothing = options.keyed("smoothing", standard.smoothing, below_one),
          .epsilon = options.keyed("epsilon", standard.epsilon, not_negative)};
}

Optimiser chosen(TextOptions& options) {
  const auto rate = [&] { return options.number("the learning rate", positive); };
  if (options.name() == "sgd") return descent(options, rate());
  if (options.name() == "adam") return adam(options, rate(), 0);
  if (options.name() == "adamw")
    return adam(options, rate(), options.keyed("decay", 1e-2, not_negative));
  if (options.name() == "rmsprop") return rms_prop(options, rate());
  options.unknown_name("sgd:RATE, adam:RATE, adamw:RATE or rmsprop:RATE");
}

}  // namespace

void detail::require_no_state(const std::vector<NamedArray>& state) {
  if (!state.empty())
    throw InputError("optimiser state: found " + state.front().name +
                     ", expected none: this optimiser remembers nothing");
}

void Optimiser::step(Parameters parameters) {
  if (schedule && std::isnan(base_rate_))
    throw UsageError("a schedule needs a rule with a learning_rate");
  if (schedule || scheduled_) held_->set_rate(learning_rate());
  scheduled_ = bool(schedule);
  constexpr double never = std::numeric_limits<double>::infinity();
  if (clip_value != never) clip_by_value(parameters, clip_value);
  if (clip_norm != never) clip_by_norm(parameters, clip_norm);
  held_->step(parameters);
  ++steps_;
}

double Optimiser::learning_rate() const {
  if (schedule) return base_rate_ * schedule(steps_);
  return scheduled_ ? base_rate_ : held_->rate();
}

std::vector<NamedArray> Optimiser::state() const {
  Array64 steps = empty64({1, 1});
  steps(0, 0) = static_cast<double>(steps_);
  std::vector<NamedArray> result{{"steps", steps}};
  for (NamedArray& entry : held_->state()) result.push_back(std::move(entry));
  return result;
}

void Optimiser::restore(const std::vector<NamedArray>& state, Parameters parameters) {
  std::vector<NamedArray> rest = state;
  const auto steps = std::find_if(rest.begin(), rest.end(),
                                  [](const NamedArray& entry) { return entry.name == "steps"; });
  if (steps == rest.end() || steps->values.size() != 1)
    throw InputError("optimiser state: found no 1x1 array 'steps', expected the number of steps");
  const auto count = detail::count_of("steps", steps->values);
  rest.erase(steps);
  held_->restore(rest, parameters);
  steps_ = count;
}

Optimiser optimiser_named(const std::string& text) {
  TextOptions options("optimiser", text);
  Optimiser result = chosen(options);
  result.clip_norm = options.keyed("clip", result.clip_norm, positive);
  result.clip_value = options.keyed("clip_value", result.clip_value, positive);
  options.finish();
  return result;
}

}  // namespace hourglass
