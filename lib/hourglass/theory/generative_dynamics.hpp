#pragma once

#include <hourglass/theory/generative.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// How the expected gradient moves W: docs/theory/generative.md, section 4, and its fixed points,
// sections 3.3 and 5.3 to 5.4. zeta is the step size, distances are |w_i - a_i|. Arguments outside
// their domain throw DomainError.

// (4.1): eigenvalues of the Jacobian at W = A for an orthonormal dictionary, codes of mean 0; a
// step multiplies a mode by 1 - zeta rate. Radial modes exist without column normalisation only.
struct SparseRates {
  double out_of_span, antisymmetric, symmetric, radial;
};
SparseRates sparse_rates(const SparseCodes& codes, std::size_t m, double sigma);
// All n m of them, smallest first; n >= m.
std::vector<double> sparse_spectrum(const SparseCodes& codes, std::size_t n, std::size_t m,
                                    double sigma);
// (4.2): root mean square distance after `step` steps of size zeta of columns that start at
// `distance` in random directions, n = m.
double sparse_distance(const SparseRates& rates, double zeta, double distance, double step);

// (4.5): the same for codes of any mean without bias. `uniform` acts on (y, x), w_i = (1 + y) a_i +
// x times the sum of the other atoms; with normalised columns its rate is `uniform_normalised`.
struct NonnegativeRates {
  double out_of_span_common, out_of_span_difference, antisymmetric, symmetric;
  double uniform[2][2];
  double uniform_eigenvalues[2];  // smaller first
  double uniform_normalised;
};
NonnegativeRates nonnegative_rates(const SparseCodes& codes, std::size_t m, double sigma);

// (4.6): tan(theta) at steps 0 .. steps of the normalised mixture update from an angle theta0 to
// the centre, c = zeta pi_i; exact at every angle and noise.
std::vector<double> mixture_angle_map(double c, double b, double theta0, std::size_t steps);
// (4.7): its contraction near the centre.
double mixture_contraction(double c, double b);

// (4.8): the norm at which an un-normalised mixture column stays, |b| < 1.
struct MixtureNorm {
  double norm, first_order;
};
MixtureNorm mixture_norm(double b, double sigma);

// (4.9): t at steps 0 .. steps for W = t A, orthonormal A, kappa2 = 1, c = zeta q1.
std::vector<double> radial_map(double c, double sigma, double t0, std::size_t steps, Path path);

// W - zeta G, then, if asked for, every column divided by its norm. Throws where a norm is 0.
void expected_step(Array64& W, const Array64& G, double zeta, bool normalise);
// |w_i - a_i| for every column.
std::vector<double> column_distances(const Array64& W, const Array64& A);

// Steps from W until no entry moves by more than 1e-15 of the largest, or `most` steps.
using ExpectedGradient = std::function<Array64(const Array64& W)>;
Array64 fixed_point(Array64 W, const ExpectedGradient& gradient, double zeta, std::size_t most);

// (3.9): codes of mean 0 at W = A; the two paths contribute equally. tangential: per column, the
// norm of the part that is orthogonal to the atom.
struct TruthGradient {
  Array64 gradient;
  std::vector<double> tangential;
};
TruthGradient gradient_at_truth(const Array64& A, const SparseCodes& codes, double sigma);
// (3.9b): at W = A of a unit-norm tight frame it is this number times A. Throws unless the columns
// of A are of unit norm and A A^T = (m/n) I, both to 1e-9.
double tight_frame_coefficient(const Array64& A, const SparseCodes& codes, double sigma);

// (5.6): where the normalised expected map stays when the dictionary is incoherent but not
// orthonormal, codes of mean 0; and its distance from A to first order, per column.
struct IncoherentFixedPoint {
  std::vector<double> first_order, refined;  // without and with the factor 1/(1 + 3 q2/q1)
  Array64 W;
  std::vector<double> distances;
};
IncoherentFixedPoint incoherent_fixed_point(const Array64& A, const SparseCodes& codes,
                                            double sigma);
// (5.6) for a random dictionary, without the factor: 2(k - 1)/sqrt(m n).
double random_dictionary_floor(std::size_t n, std::size_t m, std::size_t k);

// (5.8): distance of the fixed point under a bias -beta, orthonormal dictionary with n = m, to
// first order in beta and by iteration of the normalised expected map.
struct BiasFloor {
  double d0, first_order, distance;
};
BiasFloor bias_floor(const SparseCodes& codes, std::size_t m, double sigma, double beta);

// Root mean square distance |w_i - a_i| at which training with normalised columns ends, because
// batches or the data set are finite (sections 5.1 and 5.2). Independent contributions, such as
// that of an incoherent dictionary, add in squares. A fresh batch of `batch` samples every step of
// size zeta. Throws DomainError for arguments outside their domain and for steps that do not
// contract.

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
