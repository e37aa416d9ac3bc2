#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>
#include <string>

namespace HOURGLASS_API hourglass {

// How a gradient is checked.
struct CheckOptions {
  int order = 1;  // 2: the recorded gradient is checked as well, against differences of the first
  double tolerance = 0;    // relative to the largest entry of the gradient; 0: the precision's own
  double step = 0;         // of the differences; 0: the precision's own
  std::uint64_t seed = 1;  // of the random directions
  bool entries = true;     // false: only the random direction, for large models
};

// What a check found. `worst` names the entry that differs most.
struct GradientCheck {
  bool passed = true;
  double error = 0;  // of the worst entry, relative to the largest
  std::string worst;
  // Whether it passed.
  explicit operator bool() const { return passed; }
};

// Compares the gradient of `loss` (recorded on the tape it is given; 1x1) with five-point central
// differences: in a random direction, then entry by entry. Order 2 compares Hessian-vector products
// from the recorded rules with differences of the gradient. The loss must be a function of the
// parameters alone (noise from a Stream is) and smooth within two steps. Parameter values are left
// as they were. Throws what the loss throws, and UsageError at order 2 where an op has no
// recorded rule.
GradientCheck check_gradients(const std::function<Var(Tape&)>& loss, Parameters parameters,
                              const CheckOptions& options = {});

}  // namespace hourglass
