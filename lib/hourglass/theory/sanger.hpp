#pragma once

#include <hourglass/theory/shallow_dynamics.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Sanger's rule, W <- W + (lr/D^2)(y x^T - LT(y y^T) W) with y = W x, for the linear reconstruction
// W^T W x; t is steps/D. Its rows go to +- e_k with unit norm, each in its order: docs/theory/
// nonlinear.md, section 6.2; Sanger 1989 (the published prefactors make it sqrt(D) slower).

// dw/dt of w = W E (K x D): lr (ell w - LT(Q) w), Q = w diag(ell) w^T.
Array64 sanger_rates(double lr, const std::vector<double>& ell, const Array64& w);

// E|x - W^T W x|^2/(2D).
double sanger_pixel_error(const std::vector<double>& ell, const Array64& w);

// w at the times, which do not decrease.
std::vector<Array64> sanger_trajectory(double lr, const std::vector<double>& ell, const Array64& w0,
                                       const std::vector<double>& times,
                                       const Accuracy& accuracy = {});

}  // namespace theory
}  // namespace hourglass
