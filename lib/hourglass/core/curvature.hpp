#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>
#include <vector>

namespace HOURGLASS_API hourglass {

// The Hessian of the loss (1x1, recorded on `tape` from these parameters) times v, one array a
// parameter: the gradient of <gradient, v>, by differentiating the recorded gradient. About three
// gradients' time. Overwrites the parameters' grad and marks it as none, so that no optimiser takes
// it for one. Throws ArgumentError if shapes differ, UsageError where an op has no
// recorded rule.
std::vector<Array> hvp(Tape& tape, Var loss, Parameters parameters, const std::vector<Array>& v);

// The whole Hessian, P x P for P numbers in the parameters, taken one parameter after the other,
// each row by row. Costs P Hessian-vector products; symmetrised, as rounding leaves it almost so.
// Throws ArgumentError if P exceeds the limit (128 MiB), and as hvp does.
inline constexpr std::size_t hessian_limit = 4096;
Array64 hessian(const std::function<Var(Tape&)>& loss, Parameters parameters);

// How long an extreme eigenvalue is looked for.
struct LanczosOptions {
  std::size_t steps = 60;   // at most; each costs one Hessian-vector product
  double tolerance = 1e-8;  // on residual / the largest |eigenvalue| seen, as far as rounding lets
  std::uint64_t seed = 1;   // of the start
};

// An eigenvalue of the Hessian is within `residual` of `value`; the residual counts the rounding of
// the products, so it is seldom below the precision's.
struct HessianEigenvalue {
  double value = 0, residual = 0;
  std::size_t steps = 0;  // taken
};

// The largest (most positive) and the smallest (most negative) eigenvalue of the Hessian at the
// parameters' values, by Lanczos iteration with full reorthogonalisation. Throws
// ArgumentError without steps or parameters or for a Hessian with NaN, and as hvp does.
HessianEigenvalue largest_hessian_eigenvalue(const std::function<Var(Tape&)>& loss,
                                             Parameters parameters,
                                             const LanczosOptions& options = {});
HessianEigenvalue smallest_hessian_eigenvalue(const std::function<Var(Tape&)>& loss,
                                              Parameters parameters,
                                              const LanczosOptions& options = {});

}  // namespace hourglass
