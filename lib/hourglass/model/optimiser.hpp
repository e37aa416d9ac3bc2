#pragma once

#include <hourglass/core/parameter.hpp>
#include <hourglass/model/schedules.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// State by name, for files: "adam.m/encoder.W". In double, which holds every Real and every count
// of steps exactly.
struct NamedArray {
  std::string name;
  Array64 values;
};

// What an optimiser remembers of each parameter: arrays of its shape, zero at first, and how often
// it was stepped. A parameter is known by its identity, wherever it is moved.
class OptimiserMemory {
 public:
  // Of one parameter.
  struct Slot {
    std::shared_ptr<const Identity::Mark> owner;
    std::string name;  // as it was called when it was first stepped
    std::uint64_t steps = 0;
    std::vector<Array> arrays;
  };

  // ("adam", {"m", "v"}): how state() names them
  OptimiserMemory(std::string optimiser, std::vector<std::string> arrays)
      : optimiser_(std::move(optimiser)), arrays_(std::move(arrays)) {}

  // `place`: where the parameter is in its list, the first place that is looked at. Allocates only
  // for a parameter not seen before. Throws UsageError for another shape than before.
  Slot& of(const Parameter& parameter, std::size_t place);

  // For every parameter seen: "adam.m/encoder.W", ..., and "adam.steps/encoder.W" (1x1).
  // Throws UsageError if two parameters have the same name.
  std::vector<NamedArray> state() const;
  // Takes back exactly what state() gave, forgetting all else. Throws InputError, changing nothing,
  // where a name fits none of the parameters, a shape is not the parameter's or a part is missing.
  void restore(const std::vector<NamedArray>& state, Parameters parameters);

 private:
  Slot& fitting(Slot& slot, const Parameter& parameter) const;

  std::string optimiser_;
  std::vector<std::string> arrays_;
  std::vector<Slot> slots_;
};

// The rules: their step() changes every parameter w whose gradient g a backward() filled since,
// once, by r = learning_rate * w.rate; the others stay, with what is remembered of them. It throws
// UsageError if a gradient has not its parameter's shape, and allocates nothing after the
// first step. Defaults and formulas are PyTorch's; weight decay is a penalty (l2) unless it is
// called decoupled. t counts the steps of w from 1.

// w -= r g
struct Sgd {
  double learning_rate = 0.01;
  // One step; parameters whose gradient is not fresh are left alone.
  void step(Parameters parameters) const;
};

// Heavy ball: v <- momentum v + g, w -= r v. Nesterov's form: w -= r (g + momentum v).
struct Momentum {
  double learning_rate = 0.01, momentum = 0.9;
  bool nesterov = false;
  OptimiserMemory memory = {"momentum", {"v"}};
  // One step; parameters whose gradient is not fresh are left alone.
  void step(Parameters parameters);
};

// m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2,
// w -= r m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)   (Kingma & Ba 2015).
// With decoupled decay w <- (1 - r decay) w comes first: AdamW (Loshchilov & Hutter 2019). Biases
// do not decay unless asked; in PyTorch they do. No step where epsilon and all gradients were 0.
struct Adam {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double decoupled_decay = 0;
  bool decay_biases = false;
  OptimiserMemory memory = {"adam", {"m", "v"}};
  // One step; parameters whose gradient is not fresh are left alone.
  void step(Parameters parameters);
};
inline Adam adam_w(double learning_rate = 1e-3, double decoupled_decay = 1e-2) {
  return {.learning_rate = learning_rate, .decoupled_decay = decoupled_decay};
}

// v <- smoothing v + (1 - smoothing) g^2, w -= r g / (sqrt(v) + epsilon); no step as in Adam
struct RmsProp {
  double learning_rate = 0.01, smoothing = 0.99, epsilon = 1e-8;
  OptimiserMemory memory = {"rmsprop", {"v"}};
  // One step; parameters whose gradient is not fresh are left alone.
  void step(Parameters parameters);
};

// sqrt(sum ||g||^2) over the gradients that the last backward() filled.
double gradient_norm(Parameters parameters);
// Scales those gradients to the norm `limit` if theirs is larger; returns the norm before. An
// infinite norm, or NaN, has no scale: the gradients stay as they are. Both throw ArgumentError
// unless the limit is positive.
double clip_by_norm(Parameters parameters, double limit);
// Cuts every entry of them to [-limit, limit].
void clip_by_value(Parameters parameters, double limit);

// Any optimiser, with what is common to all: a schedule, clipping, and its state by name. A rule of
// your own needs step(Parameters); with a member `learning_rate` it can follow a schedule, with
// state() and restore(state, parameters) a run of it can be stopped and resumed.
class Optimiser {
 public:
  // Of one of the rules above.
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
    std::vector<NamedArray> state() const override {
      if constexpr (requires { rule.memory; })
        return rule.memory.state();
      else if constexpr (requires { rule.state(); })
        return rule.state();
      else
        return {};
    }
    void restore(const std::vector<NamedArray>& state, Parameters parameters) override {
      if constexpr (requires { rule.memory; })
        rule.memory.restore(state, parameters);
      else if constexpr (requires { rule.restore(state, parameters); })
        rule.restore(state, parameters);
      else
        require_none(state);
    }
    Rule rule;
  };

  static void require_none(const std::vector<NamedArray>& state);

  std::unique_ptr<Held> held_;
  double base_rate_;
  bool scheduled_ = false;  // the rule's rate is that of a schedule
  std::uint64_t steps_ = 0;
};

// "sgd:0.1:momentum=0.9", "adam:1e-3:clip=1", ...: optimiser_forms() lists them, for the help of a
// command line. Throws InputError with what was found and expected.
Optimiser optimiser_named(const std::string& text);
std::string optimiser_forms();

}  // namespace hourglass
