#pragma once

#include <hourglass/core/number.hpp>

#include <cstddef>

// One update of n numbers each, in a single pass. w: weights, g: gradient; the formulas stand with
// the optimisers. Large arrays are cut by size alone and run on threads().
namespace hourglass::kernels {

struct MomentumStep {
  Number rate, momentum;
  bool nesterov;
  void operator()(std::size_t n, const Number* g, Number* velocity, Number* w) const;
};

struct AdamStep {
  // rate: over 1 - beta1^t; scale: 1 / sqrt(1 - beta2^t); keep: 1 - rate * decoupled decay
  Number rate, scale, keep, beta1, beta2, epsilon;
  void operator()(std::size_t n, const Number* g, Number* m, Number* v, Number* w) const;
};

struct RmsPropStep {
  Number rate, smoothing, epsilon;
  void operator()(std::size_t n, const Number* g, Number* v, Number* w) const;
};

}  // namespace hourglass::kernels
