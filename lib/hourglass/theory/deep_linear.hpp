#pragma once

#include <hourglass/config.hpp>

#include <cstddef>

namespace HOURGLASS_API hourglass {
namespace theory {

// One mode of a deep linear autoencoder: L >= 2 balanced layers of equal weights a, u = a^L, under
// gradient flow, t in steps. docs/theory/linear.md, section 6 (Saxe et al. 2014, with noise and
// weight decay). Throws DomainError outside lambda >= 0, lambda + sigma2 > 0, gamma >= 0,
// alpha > 0, u0 >= 0, t >= 0, naming the argument, its value and the reason.
struct DeepMode {
  std::size_t layers;
  double lambda, sigma2 = 0, gamma = 0, alpha, u0;  // mode, noise, decay, rate, start

  // Where this start ends: lambda/xi without decay; with it the upper root of DecayThreshold, or 0
  // from below the lower one.
  double limit() const;

  // u(t): by inverting time_to, and by integration of ln u with decay.
  double strength(double t) const;

  // Steps until u, between the start and the limit; by quadrature. Only for gamma = 0.
  double time_to(double u) const;
  double time_to_fraction(double f) const;  // to f limit(); near 1 exact in 1 - f, which u is not
};

// The time to `fraction` of the limit lambda/xi, as L -> infinity with alpha L = `alpha_layers` and
// u0 fixed, no decay.
double infinite_depth_time(double lambda, double sigma2, double alpha_layers, double u0,
                           double fraction);

// With decay and L > 2 the origin is always stable: a mode learns only from above u_unstable, the
// lower root of u^(1-2/L) (lambda - xi u) = gamma, and ends in the upper one. Both are NaN if
// gamma > gamma_max.
struct DecayThreshold {
  double gamma_max, u_unstable, u_stable;
};
DecayThreshold decay_threshold(std::size_t layers, double lambda, double sigma2, double gamma);

// Largest curvature of the chain at its minimum without decay: L xi u*^(2-2/L).
double deep_sharpness(std::size_t layers, double lambda, double sigma2);

}  // namespace theory
}  // namespace hourglass
