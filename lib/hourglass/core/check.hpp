#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>
#include <string>

namespace HOURGLASS_API hourglass {

// How a gradient is checked.
struct CheckOptions {
  int order = 1;  // 2: the recorded gradient is checked as well, against differences of the first
  double tolerance = 0;    // relative to the largest entry of the parameter; 0: the precision's own
  double step = 0;         // the first, relative to the entry; 0: the precision's own
  std::uint64_t seed = 1;  // of the random directions
  bool entries = true;     // false: only a random direction for each parameter, for large models
  // For a straight-through estimator, whose gradient is not that of its value: the smooth loss
  // whose gradient it passes. Differences are then of this one; empty: of the loss itself.
  std::function<Var(Tape&)> smoothed = {};
};

// What a check found. `worst` names the entry that differs most, with step and tolerance.
struct GradientCheck {
  bool passed = true;
  double error = 0;  // of the worst entry, relative to the largest of its parameter
  std::string worst;
  // Whether it passed.
  explicit operator bool() const { return passed; }
};

// Compares the gradient of `loss` (recorded on the tape it is given; 1x1) with five-point central
// differences: in a random direction for each parameter, then entry by entry. Order 2 compares
// Hessian-vector products from the recorded rules with differences of the gradient. Steps are
// relative to an entry, or to a tenth of the parameter's mean size if that is more. Where the first
// one does not agree, smaller and larger ones are tried until the differences settle, by
// themselves: what is wrong is wrong at every step. What rounding leaves uncertain about them is
// allowed for; where that is more than a small part of the parameter's gradient, the check fails.
//
// The loss must be a function of the parameters alone (noise from a Stream is) and smooth near
// them. Only the listed parameters are moved and compared: leave out one whose gradient is not
// meant to be that of the loss. Their values are left as they were. Throws ArgumentError for an
// order other than 1 or 2, a negative step or tolerance or no parameters, what the loss throws, and
// UsageError at order 2 where an op has no recorded rule.
GradientCheck check_gradients(const std::function<Var(Tape&)>& loss, Parameters parameters,
                              const CheckOptions& options = {});

}  // namespace hourglass
