#pragma once

#include <hourglass/theory/linear.hpp>

#include <array>
#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Discrete time, curvature and stability of one mode: docs/theory/linear.md, section 7. Domains
// and exceptions as in linear.hpp.

// The weights after each number of gradient-descent steps (not decreasing), by the exact map
// w2 +- w1 <- (1 - alpha gamma +- alpha q)(w2 +- w1), q = lambda - xi u.
struct DescentPoint {
  Weights weights;
  double imbalance;  // c = (w2 - w1)(w2 + w1), kept without cancellation
};
std::vector<DescentPoint> descend(const ScalarMode& mode, const std::vector<std::size_t>& steps);

// The half time of the map itself, in steps, ln(u/(u* - u)) interpolated linearly between steps:
// what descent_half_time predicts. NaN if the mode never rises through u*/2.
// Throws DomainError unless alpha beta < 1, where the balanced map is stable.
double iterated_half_time(const BalancedMode& mode);

// Eigenvalues of the 2x2 Hessian at (w1, w2), ascending: xi s/2 + gamma -+
// sqrt(xi^2 c^2/4 + (2 xi u - lambda)^2).
std::array<double, 2> hessian_eigenvalues(double lambda, double sigma2, double gamma, Weights at);

// The larger one at w1 = w2 = a: max(3 xi a^2 - lambda, lambda - xi a^2) + gamma.
double balanced_sharpness(double lambda, double sigma2, double gamma, double a);

// Rates 1/(curvature at w1 = w2 = 1) of noise and of the equivalent weight decay, their ratio, and
// the edges 1/(lambda - gamma) of the balanced map, beyond which it leaves its fixed point
// (Pretorius et al. 2018, section 4, as corrected in section 7). Where gamma > lambda/2 weights
// that are not exactly balanced need alpha < 1/gamma besides. lambda > 0, sigma2 >= 0.
struct OptimalRates {
  double alpha_dae, alpha_wdae, ratio, edge_dae, edge_wdae;
};
OptimalRates optimal_rates(double lambda, double sigma2);

}  // namespace theory
}  // namespace hourglass
