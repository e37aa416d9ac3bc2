#pragma once

#include <hourglass/config.hpp>

#include <array>
#include <cstddef>
#include <vector>

// Closed-form dynamics of one mode of a linear autoencoder under gradient flow. Convention of
// docs/theory/linear.md, section 0: L = 1/(2N) sum E|x - W2 W1 x~|^2 + gamma/2 (|W1|^2 + |W2|^2),
// t counts gradient-descent steps of rate alpha, xi = lambda + sigma2, beta = lambda - gamma.
//
// Every function throws DomainError, naming the argument, its value and the reason, unless
// lambda >= 0, lambda + sigma2 > 0 (0 is allowed if lambda = 0), gamma >= 0, alpha > 0, t >= 0 and
// all are finite. sigma2 may be negative: it is curvature minus drive, and masking noise without
// rescaling has less curvature than drive (section 1).

namespace HOURGLASS_API hourglass {
namespace theory {

// Of the encoder and of the decoder, in one mode.
struct Weights {
  double w1, w2;
};

// One mode from any two weights: the exact solution of section 3 without decay, the logistic of
// section 4 if balanced, the numerical solution of section 5 otherwise. u = w1 w2 is its strength,
// c = w2^2 - w1^2 its imbalance. (Saxe et al. 2014, Pretorius et al. 2018, in a form that holds
// for every sign and for t up to 1e12.)
struct ScalarMode {
  double lambda, sigma2 = 0, gamma = 0, alpha, w1, w2;  // mode, noise, decay, rate, start

  double strength(double t) const;   // u(t)
  double imbalance(double t) const;  // c(t) = c0 exp(-2 alpha gamma t), exact
  Weights weights(double t) const;   // at t

  // Steps until u; u must lie between the start and the limit of the flow. Only for gamma = 0,
  // or balanced weights; otherwise DomainError.
  double time_to(double u) const;

  // Steps until u = 0 for a start with u < 0; NaN if it never crosses. Only for gamma = 0.
  double crossing_time() const;
};

// One mode with |w1| = |w2|: noise and weight decay together (section 4), and its correction for
// finite steps (section 7). u0 < 0 is the anti-balanced start w2 = -w1, which dies.
struct BalancedMode {
  double lambda, sigma2 = 0, gamma = 0, alpha, u0;  // mode, noise, decay, rate, start

  double fixed_point() const;               // u* = max(0, beta/xi): stable limit of any u0 > 0
  double strength(double t) const;          // u(t) of the flow
  double time_to(double u) const;           // steps; u between the start and the limit
  double time_to_fraction(double f) const;  // to u = f u*; near 1 exact in 1 - f, which f u* is not
  double growth_rate() const;               // 2 alpha beta, per step, of a small mode
  double half_time() const;                 // time to u*/2; NaN if the mode never rises through it

  // Gradient descent is late on the flow by 1/4 ln(u/u0) + 1/2 ln((beta-xi u)/(beta-xi u0))
  // steps, up to O(alpha) (section 7). Used where that time increases along the whole path:
  // beta > 0, u0 > 0, alpha beta < 1 and 3 alpha xi u0 < 2 + alpha beta. Elsewhere the three
  // functions below return the flow's values.
  bool descent_is_corrected() const;
  double descent_time_to(double u) const;
  double descent_half_time() const;         // NaN if the mode never rises through u*/2
  double descent_strength(double t) const;  // inverse of descent_time_to
};

// The weight decay with the same fixed point as noise sigma2, gamma = lambda sigma2/xi, and the
// rates 1/(largest curvature at w1 = w2 = 1) of both, whose ratio is lambda/xi (section 4;
// Pretorius et al. 2018, section 4). lambda > 0, sigma2 >= 0.
struct NoiseDecayEquivalence {
  double gamma, alpha_dae, alpha_wdae, ratio;
};
NoiseDecayEquivalence noise_decay_equivalence(double lambda, double sigma2);

// Discrete time, curvature and stability of one mode (section 7).

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
