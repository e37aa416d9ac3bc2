#pragma once

#include <hourglass/config.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Spectrum of the 2DH x 2DH Hessian of a linear network at its balanced minimum, where unit i
// carries mode i with w_i = max(0, (lambda_i - gamma_i)/xi_i): docs/theory/linear.md, section 7.
// `lambdas` are the D eigenvalues of C, largest first; `gammas` holds the decay of each of the
// H <= D units (section 9.6; all equal for the usual penalty). The same after any rotation of the
// hidden units. Ascending, with multiplicities; the last one is the sharpness, and descent leaves
// the minimum at a rate above 2/sharpness. Throws DomainError for unordered or negative
// lambdas, sigma2 < 0, a negative decay, or H outside 1..D.
std::vector<double> network_hessian_eigenvalues(const std::vector<double>& lambdas, double sigma2,
                                                const std::vector<double>& gammas);

// One decay for all H units.
std::vector<double> network_hessian_eigenvalues(const std::vector<double>& lambdas, double sigma2,
                                                double gamma, std::size_t H);

}  // namespace theory
}  // namespace hourglass
