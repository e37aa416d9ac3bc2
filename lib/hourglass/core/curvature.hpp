#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>
#include <vector>

namespace hourglass {

// The Hessian of the loss (1x1, recorded on `tape` from these parameters) times v, one array a
// parameter: the gradient of <gradient, v>, by differentiating the recorded gradient. About three
// gradients' time. Overwrites the parameters' grad. Throws std::invalid_argument if shapes differ,
// std::logic_error where an op has no recorded rule.
std::vector<Array> hvp(Tape& tape, Var loss, Parameters parameters, const std::vector<Array>& v);

struct LanczosOptions {
  std::size_t steps = 60;   // at most; each costs one Hessian-vector product
  double tolerance = 1e-8;  // on residual / |value|
  std::uint64_t seed = 1;   // of the start
};

// An eigenvalue of the Hessian is within `residual` of `value`.
struct HessianEigenvalue {
  double value = 0, residual = 0;
  std::size_t steps = 0;
};

// The largest (most positive) eigenvalue of the Hessian at the parameters' values, by Lanczos
// iteration with full reorthogonalisation. Throws std::invalid_argument without steps or parameters
// or for a Hessian with NaN, and as hvp does.
HessianEigenvalue largest_hessian_eigenvalue(const std::function<Var(Tape&)>& loss,
                                             Parameters parameters,
                                             const LanczosOptions& options = {});

}  // namespace hourglass
