#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/theory/expected_loss.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Whole linear networks, W1 (H x D) and W2 (D x H): modes of the weights and gradient descent on
// the expected loss. docs/theory/linear.md, sections 2, 7 and 8. Shapes that do not match throw
// DomainError.

// u0_i of section 8: the starts of the balanced modes that weights from a small random
// initialisation follow. V (D x k) holds eigenvectors in its columns, strongest first. Squared
// diagonal of R in the QR factorisation of [m_1 ... m_k], m_i = (W1 v_i + W2^T v_i)/2; returns k
// values, 0 beyond H or in the span of stronger ones: those modes are never learned.
std::vector<double> effective_strengths(const Array64& W1, const Array64& W2, const Array64& V);

// Their expectation (H - i + 1) s^2/2 for N(0, s^2) entries, where the weights are not known.
std::vector<double> expected_strengths(std::size_t H, std::size_t modes, double s);

// u_i = v_i^T W2 W1 v_i and c_i = |W2^T v_i|^2 - |W1 v_i|^2, in O(DH) a mode.
std::vector<double> mode_strengths(const Array64& W1, const Array64& W2, const Array64& V);
std::vector<double> mode_imbalances(const Array64& W1, const Array64& W2, const Array64& V);

// Gradient descent on the expected loss, the exact full-batch recursion.
struct LinearNetwork {
  Array64 W1, W2;
  // That many steps of gradient descent at rate alpha.
  void descend(const CorruptedMoments& moments, double gamma, double alpha, std::size_t steps = 1);
};

// What section 8 predicts for each mode, from weights given in the eigenbasis (C = diag lambdas,
// strongest first, Gaussian noise sigma2): its start and its half time with the correction for
// finite steps; NaN for a mode that never rises.
struct ModePredictions {
  std::vector<double> u0, half_times;
};
ModePredictions predict_modes(const std::vector<double>& lambdas, const LinearNetwork& start,
                              double sigma2, double gamma, double alpha);

// The same half times by running the descent: steps until u_i = fraction u*_i, ln(u/(u* - u))
// interpolated linearly between steps. NaN for a mode that has not arrived after max_steps.
std::vector<double> descent_rise_times(const std::vector<double>& lambdas, LinearNetwork start,
                                       double sigma2, double gamma, double alpha, double fraction,
                                       std::size_t max_steps);

// Spectrum of the 2DH x 2DH Hessian of a linear network at its balanced minimum, where unit i
// carries mode i with w_i = max(0, (lambda_i - gamma_i)/xi_i) (section 7). `lambdas`
// are the D eigenvalues of C, largest first; `gammas` holds the decay of each of the H <= D units
// (section 9.6; all equal for the usual penalty). The same after any rotation of the hidden units.
// Ascending, with multiplicities; the last one is the sharpness, and descent leaves the minimum at
// a rate above 2/sharpness. Throws DomainError for unordered or negative
// lambdas, sigma2 < 0, a negative decay, or H outside 1..D.
std::vector<double> network_hessian_eigenvalues(const std::vector<double>& lambdas, double sigma2,
                                                const std::vector<double>& gammas);

// One decay for all H units.
std::vector<double> network_hessian_eigenvalues(const std::vector<double>& lambdas, double sigma2,
                                                double gamma, std::size_t H);

}  // namespace theory
}  // namespace hourglass
