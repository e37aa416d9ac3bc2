#pragma once

#include <hourglass/theory/shallow.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Online SGD of shallow autoencoders as ordinary differential equations of the amplitudes:
// docs/theory/nonlinear.md, sections 3, 5.1 and 6. Assumes Gaussian inputs of zero mean, a fresh
// sample each step, and lr tr(Omega)/D small (section 3.6). Time is steps/D: the update uses rate
// lr for V and c, and lr/D for W and b. Refinetti & Goldt 2022, eqs. 12 and 13, in the amplitude
// form: the published order-parameter densities are unstable from two units on (section 3.5).

// How a step changes the parameters (sections 5.1 and 6).
enum class Rule {
  vanilla,        // gradient flow of the error at rate lr
  truncated,      // unit k sees the residual of units up to k; without a decoder bias
  tied,           // V = W, the true gradient, rate lr on W: u stays w/sqrt(D), all D modes given
  tied_detached,  // only to reproduce the published curves: encoder's gradient alone, rate lr on W
};

// How the equations are integrated.
enum class Solver {
  adaptive,  // Dormand & Prince 5(4), explicit
  stiff,     // Rosenbrock 4, for long erf runs; K D at most a few hundred (or SpikeBulk)
};

// Of an integration.
struct Accuracy {
  double relative = 1e-8, absolute = 1e-10;  // of a step, in each amplitude
  Solver solver = Solver::adaptive;
};

// Rates of change of the amplitudes: the right-hand side of section 3.2. For the tied rules they
// are those of w and of u = w/sqrt(D).
Amplitudes amplitude_rates(Unit unit, Rule rule, double lr, const std::vector<double>& ell,
                           const Amplitudes& at);

// A moment of a trajectory; observables() of shallow.hpp reads off what there is to compare.
struct ShallowMoment {
  double time;
  double pixel_error;
  Amplitudes at;
};

// A run from its configuration alone. Biases are trained where `start` has them.
struct ShallowDynamics {
  Unit unit = Unit::erf;
  Rule rule = Rule::vanilla;
  double lr = 1;
  std::vector<double> ell;  // D eigenvalues of the covariance over D, largest first
  Amplitudes start;

  // At times >= 0 that do not decrease.
  std::vector<ShallowMoment> integrate(const std::vector<double>& times,
                                       const Accuracy& accuracy = {}) const;

  // Explicit Euler steps of dt at step numbers that do not decrease; dt = 1/D is the mean of one
  // SGD step. `time` is step dt.
  std::vector<ShallowMoment> euler(double dt, const std::vector<std::size_t>& steps) const;

  // First times at which the gains of the leading modes pass 1/2; NaN for one that has not by
  // `until`.
  std::vector<double> half_times(std::size_t modes, double until,
                                 const Accuracy& accuracy = {}) const;
};

// The small-weight formula for the same half times (section 4.3): logistic growth of the part of
// w + u that earlier modes leave free; NaN beyond mode K. A few per cent early for linear units,
// ten for erf.
std::vector<double> predicted_half_times(Unit unit, double lr, const std::vector<double>& ell,
                                         const Amplitudes& start, std::size_t modes);

// w0 and u0 of a default start: W and V with N(0, scale^2) entries have amplitudes `scale z` and
// `scale z/sqrt(D)`, z standard normal (K x D each), in any basis.
Amplitudes gaussian_start(const Array64& z_encoder, const Array64& z_decoder, double scale);

// Sanger's rule, W <- W + (lr/D^2)(y x^T - LT(y y^T) W) with y = W x, for the linear reconstruction
// W^T W x; t is steps/D. Its rows go to +- e_k with unit norm, each in its order: section
// 6.2; Sanger 1989 (the published prefactors make it sqrt(D) slower).

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
