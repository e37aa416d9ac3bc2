#pragma once

#include <hourglass/model/optimisers.hpp>
#include <hourglass/model/schedules.hpp>

#include <concepts>
#include <limits>
#include <memory>

namespace hourglass {

namespace detail {

// Where a rule keeps its state, if it has one: in an OptimiserMemory, or behind state() and
// restore() of its own.
template <class Rule>
std::vector<NamedArray> state_of(const Rule& rule) {
  if constexpr (requires { rule.memory; })
    return rule.memory.state();
  else if constexpr (requires { rule.state(); })
    return rule.state();
  else
    return {};
}
void require_no_state(const std::vector<NamedArray>& state);
template <class Rule>
void restore_into(Rule& rule, const std::vector<NamedArray>& state, Parameters parameters) {
  if constexpr (requires { rule.memory; })
    rule.memory.restore(state, parameters);
  else if constexpr (requires { rule.restore(state, parameters); })
    rule.restore(state, parameters);
  else
    require_no_state(state);
}

}  // namespace detail

// Any optimiser, with what is common to all: a schedule, clipping, and its state by name. A rule of
// your own needs step(Parameters); with a member `learning_rate` it can follow a schedule, with
// state() and restore(state, parameters) a run of it can be stopped and resumed.
class Optimiser {
 public:
  template <class Rule>
  requires(!std::same_as<std::remove_cvref_t<Rule>, Optimiser> &&
           requires(Rule & rule, Parameters p) { rule.step(p); }) Optimiser(Rule rule)
      : held_(std::make_unique<Holder<Rule>>(std::move(rule))), base_rate_(held_->rate()) {}

  Schedule schedule = {};  // empty: constant. Set at the start and again before resuming.
  // Applied before each step, first the values, then the norm over all parameters.
  double clip_value = std::numeric_limits<double>::infinity();
  double clip_norm = std::numeric_limits<double>::infinity();

  // Throws UsageError for a schedule on a rule without a learning rate.
  void step(Parameters parameters);
  std::uint64_t steps() const { return steps_; }  // done so far
  double learning_rate() const;                   // of the next step; NaN for a rule without one

  // All that changes from step to step: "steps" (1x1), then the rule's own. Restoring it and the
  // parameters' values into an optimiser made the same way continues a run bit for bit.
  std::vector<NamedArray> state() const;
  // Throws InputError where the state is not of this optimiser and these parameters.
  void restore(const std::vector<NamedArray>& state, Parameters parameters);

 private:
  struct Held {
    virtual ~Held() = default;
    virtual void step(Parameters parameters) = 0;
    virtual double rate() const = 0;  // NaN: it has none
    virtual void set_rate(double rate) = 0;
    virtual std::vector<NamedArray> state() const = 0;
    virtual void restore(const std::vector<NamedArray>& state, Parameters parameters) = 0;
  };
  template <class Rule>
  struct Holder final : Held {
    explicit Holder(Rule r) : rule(std::move(r)) {}
    void step(Parameters parameters) override { rule.step(parameters); }
    double rate() const override {
      if constexpr (requires { rule.learning_rate; }) return rule.learning_rate;
      return std::numeric_limits<double>::quiet_NaN();
    }
    void set_rate([[maybe_unused]] double rate) override {
      if constexpr (requires { rule.learning_rate = rate; }) rule.learning_rate = rate;
    }
    std::vector<NamedArray> state() const override { return detail::state_of(rule); }
    void restore(const std::vector<NamedArray>& state, Parameters parameters) override {
      detail::restore_into(rule, state, parameters);
    }
    Rule rule;
  };

  std::unique_ptr<Held> held_;
  double base_rate_;
  bool scheduled_ = false;  // the rule's rate is that of a schedule
  std::uint64_t steps_ = 0;
};

// "sgd:RATE[:momentum=M|:nesterov=M]", "adam:RATE[:beta1=..][:beta2=..][:epsilon=..]",
// "adamw:RATE[:decay=0.01]" with Adam's keys, "rmsprop:RATE[:smoothing=..][:epsilon=..]"; each with
// ":clip=NORM" or ":clip_value=LIMIT" if wanted. Throws InputError with what was found and
// expected.
Optimiser optimiser_named(const std::string& text);

}  // namespace hourglass
