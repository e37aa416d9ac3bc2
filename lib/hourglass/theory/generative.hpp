#pragma once

#include <hourglass/core/array.hpp>

#include <array>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Expected gradients of an autoencoder with shared weights on data x = A z + noise:
// docs/theory/generative.md, sections 2 and 3 (Nguyen, Wong & Hegde 2019; the closed forms are
// ours). The columns of A (n x m) are unit atoms, the columns w_i of W (n x m) the units; the code
// is gate (W^T x + b), the loss the mean of 1/2 |x - x^|^2, the noise N(0, sigma^2) in every
// coordinate. The gate is that of the true support: equal to the network's gradient wherever its
// code has that support. Exact in W, A, b and sigma. Sizes that do not match and parameters outside
// their domain throw DomainError.

// Independent non-zeros on a support that is uniform among the k-subsets of the m atoms: their mean
// kappa1 and second moment kappa2 >= kappa1^2.
struct SparseCodes {
  std::size_t k = 1;
  double kappa1 = 0, kappa2 = 1;
};

// q[r] = probability that r given distinct atoms are all in the support, r = 0 .. 4; 0 for r > k.
// Throws unless 1 <= k <= m.
std::array<double, 5> support_probabilities(std::size_t k, std::size_t m);

// Which use of W the gradient flows through.
enum class Path { both, decoder, encoder };

// (3.1), given the support: zero columns outside it.
Array64 conditional_expected_gradient(const Array64& W, const Array64& A,
                                      const std::vector<double>& b,
                                      const std::vector<std::size_t>& support,
                                      const SparseCodes& codes, double sigma);

// (3.2), z = e_i with probability pi_i (they add up to 1).
Array64 mixture_expected_gradient(const Array64& W, const Array64& A, const std::vector<double>& b,
                                  const std::vector<double>& pi, double sigma);

// (3.5) to (3.7): codes of mean 0 (kappa1 = 0), no bias.
Array64 sparse_expected_gradient(const Array64& W, const Array64& A, const SparseCodes& codes,
                                 double sigma, Path path = Path::both);

// (3.12): codes of any mean, any bias. O(m^3).
Array64 nonnegative_expected_gradient(const Array64& W, const Array64& A,
                                      const std::vector<double>& b, const SparseCodes& codes,
                                      double sigma);

// The hard threshold at lambda jumps, so the gradient of its expected loss has a surface term
// beside the expected gradient; here for x ~ N(0, 1) and n = m = 1 (section 10.3). w, lambda > 0.
struct ThresholdedLoss {
  double value, expected_gradient, surface_term;
};
ThresholdedLoss thresholded_loss(double w, double lambda);

}  // namespace theory
}  // namespace hourglass
