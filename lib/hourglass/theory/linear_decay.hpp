#pragma once

#include <hourglass/theory/linear.hpp>

namespace hourglass::theory {

// u(t) of unbalanced weights with decay (docs/theory/linear.md, section 5), for gamma > 0 and
// w1^2 != w2^2; what ScalarMode::strength uses. Relative error about 1e-12 (absolute, of the size
// of the weights, where u crosses zero). Throws DomainError if gamma is so small, against
// the curvature, that following c to its end would take more than two million steps.
double strength_with_decay(const ScalarMode& mode, double t);

}  // namespace hourglass::theory
