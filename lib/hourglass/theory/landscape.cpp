#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/landscape.hpp>
#include <hourglass/theory/matrix.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass::theory {
namespace {

void require_units(std::size_t H, std::size_t D) {
  require(H >= 1 && H <= D, "H", H, "hidden units number between 1 and D");
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double x : values) total += x;
  return total;
}

// V diag(values) V^T over as many columns as there are values.
Array64 compose(const Array64& V, const std::vector<double>& values) {
  const Array64 columns = first_columns(V, values.size());
  return product(scale_columns(columns, values), transposed(columns));
}

// On the range of B: what is below rounding of the largest eigenvalue is no direction.
Array64 pseudo_inverse(const Array64& B) {
  Eigenpairs pairs = eigh(B);
  const double least = std::abs(pairs.values[0]) * static_cast<double>(pairs.values.size()) *
                       std::numeric_limits<double>::epsilon();
  for (double& value : pairs.values) value = value > least ? 1 / value : 0;
  return compose(pairs.vectors, pairs.values);
}

// Of the distances (section 9.8): (v_i . d_j/|d_j|)^2 for every pair: H x H.
Array64 squared_cosines(const Array64& V, const Array64& W2) {
  require_shape("V", V, shape_of(W2));
  require_finite("V", V);
  require_finite("W2", W2);
  Array64 overlap = product(transposed(V), W2);
  const Array64 gram = product(transposed(W2), W2);
  for (std::size_t i = 0; i < overlap.shape()[0]; ++i)
    for (std::size_t j = 0; j < overlap.shape()[1]; ++j)
      overlap(i, j) = gram(j, j) > 0 ? overlap(i, j) * overlap(i, j) / gram(j, j) : 0;
  return overlap;
}

}  // namespace

Optimum optimum(const Array64& C, std::size_t H, double sigma2, double gamma) {
  require(sigma2 >= 0, "sigma2", sigma2, "a noise variance is >= 0");
  require(gamma >= 0, "gamma", gamma, "a weight decay is >= 0");
  require_symmetric("C", C);
  const Eigenpairs pairs = eigh(C);
  require_units(H, pairs.values.size());
  // lambda/2 of a mode that is not learned; of others the difference lambda/2 - (lambda - gamma)^2/
  // (2 xi) multiplied out, and lambda (1 - w)^2
  Optimum result{0, {}, {}, 0};
  for (std::size_t i = 0; i < pairs.values.size(); ++i) {
    const double lambda = pairs.values[i], xi = lambda + sigma2;
    const bool live = i < H && lambda > gamma;
    const double missing = live ? (sigma2 + gamma) / xi : 1;
    result.loss += (live ? (lambda * sigma2 + gamma * (2 * lambda - gamma)) / xi : lambda) / 2;
    result.pixel_error += lambda * missing * missing;
    if (i < H) result.strengths.push_back(live ? (lambda - gamma) / xi : 0);
  }
  result.pixel_error /= static_cast<double>(pairs.values.size());
  result.W = compose(pairs.vectors, result.strengths);
  return result;
}

ReducedRankOptimum reduced_rank_optimum(const CorruptedMoments& moments, std::size_t H) {
  const std::size_t D = moments.A.shape()[0];
  require_shape("A", moments.A, {D, D});
  require_shape("B", moments.B, {D, D});
  require_units(H, D);
  const Array64 regression = product(moments.A, pseudo_inverse(moments.B));
  const Eigenpairs pairs = eigh(product(regression, transposed(moments.A)));
  const Array64 U = first_columns(pairs.vectors, H);
  const double explained = sum({pairs.values.begin(), pairs.values.begin() + static_cast<long>(H)});
  return {(moments.trace_C - explained) / 2, product(U, product(transposed(U), regression))};
}

NonuniformOptimum nonuniform_l2_optimum(const Array64& C, const std::vector<double>& gammas) {
  const Eigenpairs pairs = eigh(C);
  const std::size_t H = gammas.size();
  require_units(H, pairs.values.size());
  NonuniformOptimum result{
      sum({pairs.values.begin() + static_cast<long>(H), pairs.values.end()}) / 2, {}};
  std::vector<double> lengths;
  for (std::size_t j = 0; j < H; ++j) {
    const double gamma = gammas[j], lambda = pairs.values[j];
    require(gamma > (j == 0 ? 0 : gammas[j - 1]), "gammas", gamma,
            "the decays are > 0 and increase strictly");
    require(gamma < pairs.values[H - 1], "gammas", gamma,
            "every decay is below the H-th eigenvalue of C");
    result.loss += gamma * (1 - gamma / lambda / 2);
    lengths.push_back(std::sqrt(1 - gamma / lambda));
  }
  result.W2 = scale_columns(first_columns(pairs.vectors, H), lengths);
  return result;
}

AugmentedStep rotation_augmented_step(const CorruptedMoments& moments, const Array64& W1,
                                      const Array64& W2, double gamma, double alpha, double rho) {
  require(alpha > 0, "alpha", alpha, "a learning rate is > 0");
  require_finite("rho", rho);
  const LossAndGradients at = expected_loss(moments, W1, W2, gamma);
  const std::size_t H = W1.shape()[0];
  // the covariance of the code turns each pair of units: A = 1/2 (upper(S) - upper(S)^T)
  const Array64 S = product(product(W1, moments.A), transposed(W1));
  Array64 A = diagonal(std::vector<double>(H, 0.0));
  for (std::size_t i = 0; i < H; ++i)
    for (std::size_t j = i + 1; j < H; ++j) A(i, j) = S(i, j) / 2, A(j, i) = -S(i, j) / 2;
  AugmentedStep next{W1, W2};
  add(next.W1, -alpha, at.dW1);
  add(next.W1, alpha * rho, product(A, W1));
  add(next.W2, -alpha, at.dW2);
  add(next.W2, alpha * rho, product(W2, transposed(A)));
  return next;
}

Array64 ppca_reconstruction(const std::vector<double>& lambdas, const Array64& V, std::size_t H,
                            double r) {
  require(r >= 0, "ppca_noise", r, "a noise variance is >= 0");
  require_units(H, lambdas.size());
  require_shape("V", V, {V.shape()[0], lambdas.size()});
  std::vector<double> strengths;
  for (std::size_t i = 0; i < H; ++i) strengths.push_back(lambdas[i] > r ? 1 - r / lambdas[i] : 0);
  return compose(V, strengths);
}

double axis_distance(const Array64& V, const Array64& W2) {
  const Array64 cosines = squared_cosines(V, W2);
  const std::size_t H = cosines.shape()[0];
  double missing = 0;
  for (std::size_t i = 0; i < H; ++i) {
    double best = 0;
    for (std::size_t j = 0; j < H; ++j) best = std::max(best, cosines(i, j));
    missing += 1 - best;
  }
  return missing / static_cast<double>(H);
}

double ordered_axis_distance(const Array64& V, const Array64& W2) {
  const Array64 cosines = squared_cosines(V, W2);
  const double H = static_cast<double>(cosines.shape()[0]);
  return (H - trace(cosines)) / H;
}

double subspace_distance(const Array64& V, const Array64& W2) {
  require_shape("V", V, shape_of(W2));
  const Svd parts = thin_svd(W2);
  const Array64 overlap = product(transposed(parts.u), V);
  const double H = static_cast<double>(V.shape()[1]);
  double inside = 0;  // directions that W2 spans, beyond rounding
  for (std::size_t k = 0; k < parts.values.size(); ++k)
    for (std::size_t i = 0; parts.values[k] > 1e-14 * parts.values[0] && i < V.shape()[1]; ++i)
      inside += overlap(k, i) * overlap(k, i);
  return 1 - inside / H;
}

double transpose_distance(const Array64& W1, const Array64& W2) {
  Array64 difference = transposed(W2);
  require_shape("W1", W1, shape_of(difference));
  add(difference, -1, W1);
  return inner(difference, difference) / static_cast<double>(W1.shape()[0]);
}

}  // namespace hourglass::theory
