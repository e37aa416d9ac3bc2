#pragma once

#include <hourglass/core/curvature.hpp>
#include <hourglass/measure/training.hpp>

#include <vector>

// What is measured on a network while it trains. encoder W1: H x D, decoder W2: D x H. Shapes that
// do not match throw ArgumentError.
namespace HOURGLASS_API hourglass {
namespace probes {

// A number of modes: as many as the basis has.
inline constexpr std::size_t all_modes = static_cast<std::size_t>(-1);

// u_i = v_i^T W2 W1 v_i for the first `modes` columns v_i of `basis` (D x k; by default all of
// them): 1 where a mode is reconstructed.
// Not the singular values of W2 W1, which show the random bulk of W as long as a mode has not risen
// (docs/theory/linear.md, section 8).
std::vector<double> mode_strengths(const Array& encoder, const Array& decoder, const Array& basis,
                                   std::size_t modes = all_modes);

// sqrt(sum ||W||^2) over all parameters.
double weight_norm(Parameters parameters);

// The largest Hessian eigenvalue of the loss at the parameters of the moment, as a probe for
// train(): one column, "sharpness". Descent at a rate above 2/sharpness leaves a minimum (section
// 7). `parameters` must outlive the probe; reading throws what largest_hessian_eigenvalue throws.
Probe sharpness(const std::function<Var(Tape&)>& loss, Parameters parameters,
                const LanczosOptions& options = {});

// ||W2^T W2 - W1 W1^T||_F: conserved by the gradient flow, decays as exp(-2 alpha gamma t) under
// weight decay (section 2).
double imbalance(const Array& encoder, const Array& decoder);

}  // namespace probes
}  // namespace hourglass
