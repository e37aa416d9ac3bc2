#pragma once

#include <hourglass/model/optimiser_memory.hpp>

// Optimisers. step() changes every parameter w whose gradient g a backward() filled since, once,
// by r = learning_rate * w.rate; the others stay, with what is remembered of them. It throws
// UsageError if a gradient has not its parameter's shape, and allocates nothing after the
// first step. Defaults and formulas are PyTorch's; weight decay is a penalty (l2) unless it is
// called decoupled. t counts the steps of w from 1.
namespace hourglass {

// w -= r g
struct Sgd {
  double learning_rate = 0.01;
  void step(Parameters parameters) const;
};

// Heavy ball: v <- momentum v + g, w -= r v. Nesterov's form: w -= r (g + momentum v).
struct Momentum {
  double learning_rate = 0.01, momentum = 0.9;
  bool nesterov = false;
  OptimiserMemory memory = {"momentum", {"v"}};
  void step(Parameters parameters);
};

// m <- beta1 m + (1 - beta1) g, v <- beta2 v + (1 - beta2) g^2,
// w -= r m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)   (Kingma & Ba 2015).
// With decoupled decay w <- (1 - r decay) w comes first: AdamW (Loshchilov & Hutter 2019). Biases
// do not decay unless asked; in PyTorch they do.
struct Adam {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double decoupled_decay = 0;
  bool decay_biases = false;
  OptimiserMemory memory = {"adam", {"m", "v"}};
  void step(Parameters parameters);
};
inline Adam adam_w(double learning_rate = 1e-3, double decoupled_decay = 1e-2) {
  return {.learning_rate = learning_rate, .decoupled_decay = decoupled_decay};
}

// v <- smoothing v + (1 - smoothing) g^2, w -= r g / (sqrt(v) + epsilon)
struct RmsProp {
  double learning_rate = 0.01, smoothing = 0.99, epsilon = 1e-8;
  OptimiserMemory memory = {"rmsprop", {"v"}};
  void step(Parameters parameters);
};

// sqrt(sum ||g||^2) over the gradients that the last backward() filled.
double gradient_norm(Parameters parameters);
// Scales those gradients to the norm `limit` if theirs is larger; returns the norm before. Both
// throw ArgumentError unless the limit is positive.
double clip_by_norm(Parameters parameters, double limit);
// Cuts every entry of them to [-limit, limit].
void clip_by_value(Parameters parameters, double limit);

}  // namespace hourglass
