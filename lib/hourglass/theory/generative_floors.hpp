#pragma once

#include <hourglass/theory/generative.hpp>

namespace HOURGLASS_API hourglass {
namespace theory {

// Root mean square distance |w_i - a_i| at which training with normalised columns ends, because
// batches or the data set are finite: docs/theory/generative.md, sections 5.1 and 5.2. Independent
// contributions, such as that of an incoherent dictionary (generative_dynamics.hpp), add in
// squares. A fresh batch of `batch` samples every step of size zeta. Throws DomainError for
// arguments outside their domain and for steps that do not contract.

// (5.2), pi_i = 1/m, c = zeta/m, any constant bias.
double mixture_sgd_floor(std::size_t n, std::size_t m, double sigma, double c, double b,
                         double batch);

// (5.3), orthonormal dictionary, codes of mean 0.
double sparse_sgd_floor(std::size_t n, std::size_t m, const SparseCodes& codes, double sigma,
                        double zeta, double batch);

// (5.1): the same floor for any incoherent dictionary, Rademacher codes, from the mean squared
// overlap of two different atoms; leading order in the overlap. refined, (5.10): with the mean
// contraction across the atoms, the norm that columns are divided by, and the growth of the noise
// with the distance, (5.9), which adds `growth` to the squared contraction of a step.
struct IncoherentSgdFloor {
  double leading_order, refined, growth;
};
IncoherentSgdFloor incoherent_sgd_floor(std::size_t n, std::size_t m, const SparseCodes& codes,
                                        double sigma, double squared_overlap, double zeta,
                                        double batch);

// Non-negative codes, orthonormal dictionary with n = m, bias -beta.
double nonnegative_sgd_floor(std::size_t m, const SparseCodes& codes, double sigma, double beta,
                             double zeta, double batch);

// (5.4) and (5.5): all gradients over the same N samples; kappa2 = 1 and orthonormal atoms for the
// sparse one.
double mixture_finite_floor(std::size_t n, std::size_t m, double sigma, double N);
double sparse_finite_floor(std::size_t n, std::size_t m, std::size_t k, double sigma, double N);

}  // namespace theory
}  // namespace hourglass
