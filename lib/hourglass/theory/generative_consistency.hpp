#pragma once

#include <hourglass/theory/generative.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// The probability that a code's support is the true one: docs/theory/generative.md, section 6.
// Arguments outside their domain throw DomainError.

// (6.1), one component active, ReLU, W = A orthonormal, the same bias for every unit; and what
// the union bound leaves of it (it may be negative).
struct OrthonormalConsistency {
  double probability, union_lower_bound;
};
OrthonormalConsistency mixture_consistency(std::size_t m, double sigma, double b);

// (6.2) and (6.3) for any W and A, sigma > 0. `probability` is the exact orthant probability by
// adaptive quadrature, to about 1e-9; NaN if there are more than four units, if their columns are
// linearly dependent, or if the quadrature does not converge.
struct MixtureConsistency {
  double probability, product_approximation, union_failure_bound;
};
MixtureConsistency mixture_consistency(const Array64& W, const Array64& A,
                                       const std::vector<double>& b, const std::vector<double>& pi,
                                       double sigma);

// Hard threshold at lambda > 0, Rademacher codes, no noise: every support with every choice of
// signs. margin = min over all of them and all units of ||h| - lambda|. Throws if there are more
// than 10^7.
struct EnumeratedConsistency {
  std::size_t good, total;
  double margin;
  // That all codes have the right support.
  double probability() const { return static_cast<double>(good) / static_cast<double>(total); }
};
EnumeratedConsistency enumerated_consistency(const Array64& W, const Array64& A, std::size_t k,
                                             double lambda);

// (6.4) to (6.6): the same with noise. Probabilities of a wrong gate, averaged over the units, if
// errors were Gaussian; their independent-unit estimate of the whole; and a rigorous bound on the
// probability of failure, mostly vacuous.
struct SparseConsistency {
  double p_on, p_off, probability, failure_bound;
};
SparseConsistency sparse_consistency(const Array64& W, const Array64& A, std::size_t k,
                                     double sigma, double lambda);

// Section 6.3: ReLU with biases b, non-zeros uniform on [low, high], 0 < low < high; the estimates
// as above.
struct NonnegativeConsistency {
  double p_on, p_off, probability;
};
NonnegativeConsistency nonnegative_consistency(const Array64& W, const Array64& A,
                                               const std::vector<double>& b, std::size_t k,
                                               double low, double high, double sigma);

}  // namespace theory
}  // namespace hourglass
