#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>

namespace HOURGLASS_API hourglass {

// The Jacobian of f (an encoder, a network, any callable Var -> Var) at one sample x (1 x inputs):
// outputs x inputs, entry (k, i) = d f_k / d x_i. One gradient an output; touches no parameter.
// Throws ArgumentError unless x and f(x) are single rows, UsageError where an op has
// no recorded rule.
Array64 jacobian(const std::function<Var(Var)>& f, const Array& x);

// Gradients of the losses of single samples, as `covariance`: 1/N sum_b (g_b - mean)(g_b - mean)^T,
// P x P for P numbers in the parameters, in the order of hessian(). The gradient of a batch of B
// samples, drawn with replacement, has the covariance `covariance`/B.
struct GradientNoise {
  Array64 mean;  // 1 x P: the gradient of the mean loss
  Array64 covariance;
};
// loss(tape, b): the loss (1x1) of sample b < samples alone. One gradient a sample. Overwrites the
// parameters' grad and marks it as none. Throws ArgumentError without samples, and if P
// exceeds hessian_limit.
GradientNoise gradient_noise(const std::function<Var(Tape&, std::size_t sample)>& loss,
                             Parameters parameters, std::size_t samples);

}  // namespace hourglass
