#pragma once

#include <hourglass/theory/shallow.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// What is left at late times, with tied weights, and of the noise of SGD, in closed form:
// docs/theory/nonlinear.md, sections 3.6, 5 and 6. None of it is in Refinetti & Goldt 2022 beyond
// the observation. Arguments outside their domain throw DomainError.

// Untied erf units shrink w and grow u at a fixed product; asymptotic in lr t -> infinity for K
// units on their K modes without a bulk (section 5.2). `ell` is their sum: of T0 the trace.
struct ErfLongTime {
  double T0;      // ell (pi^2 lr t/2)^(1/3)
  double Q1;      // (4 lr t/pi)^(-1/3), of each unit
  double excess;  // (ell/12)(4 lr t/pi)^(-2/3), error beyond PCA
};
ErfLongTime erf_long_time(double ell, double lr, double t);

// Error beyond PCA from the order parameters, as Q1 -> 0: (c0^2/12) sum T0_ka Q1_ka^3, c0^2 = 2/pi,
// where T0 and Q1 are sums over the learned modes alone; with the frozen bulk (c0^2/2) tr(T0 Q1b)
// more.
double erf_excess(const Array64& T0, const Array64& Q1);
double frozen_bulk_excess(Unit unit, const Array64& T0, const Array64& Q1_bulk);

// ReLU with both biases on one mode: excess ~ ell/(lr t beta^2) at beta = b/sqrt(Q1) (section 5.4).
double relu_bias_excess(double ell, double lr, double t, double beta);

// One tied erf unit on one mode at finite D, y = ell sqrt(D): it loses the fraction eta of ell/2 at
// its best field variance s2 (section 5.1). Absolute error 1e-15.
struct TiedErf {
  double eta, s2;
};
TiedErf tied_erf(double y);

// 1/2 (sum ell - sum_{k<=K} ell_k (1 - eta(ell_k sqrt(D)))), D = ell.size(): the error for K = 1,
// an upper bound for more units.
double tied_erf_pixel_error(const std::vector<double>& ell, std::size_t units);

// |W|^2 where the published, detached rule comes to rest: one erf unit on one mode, no bulk; it
// goes to sqrt(pi D).
double tied_detached_norm2(std::size_t D, double ell);

// Best error of one ReLU unit without bias: it explains half its mode (section 5.3).
double relu_single_pixel_error(const std::vector<double>& ell);

// Stationary trace of T0 in the bulk, lr K rho n/(2 D^2): `rho` the bulk eigenvalue of the
// covariance, n bulk modes (section 3.6).
double decoder_noise_trace(double lr, std::size_t K, std::size_t D, double rho, std::size_t n);

// Error of SGD beyond the equations at late times, lr tr(S)/(2D) times the bulk's error; linear
// units, a scale for others.
double sgd_excess(double lr, double trace_S, std::size_t D, double bulk_error);

// How the first mode leaves small weights (section 3.6): the gain to which it grows, and by how
// much more or less than on average a sample multiplies it, as variance over squared mean. 1 and 2;
// but 1/2 and 5 where the ReLU units all see the same half of the inputs, by the signs of w + u on
// it.
struct Escape {
  double gain, variance;
};
Escape escape(Unit unit, const Amplitudes& start);

// Standard deviation of the time t at which it reaches half of that gain: sqrt(variance t/D), any
// lr. Without biases; a trained one of the encoders takes up to a tenth off.
double escape_jitter(const Escape& mode, double t, std::size_t D);

// The least error of K ReLU units without bias on zero-mean Gaussian inputs, by multi-start search
// over the directions of their fields with the best decoder for each (section 5.3). Relative
// accuracy 1e-6 where a start finds the global minimum, as all do in the tests (K, M <= 3);
// deterministic. Throws DomainError for no unit or mode, an ell <= 0, or K M > 64.
double relu_optimum(const std::vector<double>& ell, std::size_t units);

}  // namespace theory
}  // namespace hourglass
