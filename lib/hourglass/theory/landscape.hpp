#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/theory/expected_loss.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Minima of linear autoencoders with H hidden units: docs/theory/linear.md, section 9. C is the
// D x D second moment (uncentred unless the data are centred). Throws DomainError unless
// 1 <= H <= D, and where noted.

// Gaussian noise and uniform weight decay (9.1, 9.3, 9.4; Baldi & Hornik 1989, Kunin et al. 2019):
// W = V_H diag(strengths) V_H^T, strengths w_i = max(0, (lambda_i - gamma)/(lambda_i + sigma2)).
// With gamma > 0 the factors are W1 = W2^T, and W2 has singular values sqrt(w_i); without decay
// they are free up to an invertible H x H matrix.
struct Optimum {
  double loss;                    // minimum of the expected loss, decay included
  Array64 W;                      // D x D map
  std::vector<double> strengths;  // H singular values of W, largest first
  double pixel_error;             // clean squared error per sample and feature, tr[(I-W)C(I-W)^T]/D
};
Optimum optimum(const Array64& C, std::size_t H, double sigma2, double gamma);

// Any corruption, no decay (9.2, reduced-rank regression): W = U U^T A B^-1, U the top H
// eigenvectors of A B^-1 A^T; a singular B is inverted on its range.
struct ReducedRankOptimum {
  double loss;
  Array64 W;
};
ReducedRankOptimum reduced_rank_optimum(const CorruptedMoments& moments, std::size_t H);

// Decay gammas[j] on unit j, 0 < gamma_1 < ... < gamma_H < lambda_H, distinct lambda (9.6; Bao et
// al. 2020): columns sqrt(1 - gamma_j/lambda_j) v_j of W2 = W1^T, unique up to their signs, here
// those of the eigenvectors of core/spectral.
struct NonuniformOptimum {
  double loss;
  Array64 W2;  // D x H
};
NonuniformOptimum nonuniform_l2_optimum(const Array64& C, const std::vector<double>& gammas);

// One step of the rotation-augmented gradient (9.7; Bao et al. 2020) on the expected loss.
struct AugmentedStep {
  Array64 W1, W2;
};
AugmentedStep rotation_augmented_step(const CorruptedMoments& moments, const Array64& W1,
                                      const Array64& W2, double gamma, double alpha, double rho);

// Posterior-mean reconstruction of probabilistic PCA with noise variance r >= 0 (9.5; Tipping &
// Bishop 1999), V_k (I - r/Lambda_k) V_k^T over the first H modes with lambda > r: the optimum of
// a linear autoencoder with decay r.
Array64 ppca_reconstruction(const std::vector<double>& lambdas, const Array64& V, std::size_t H,
                            double r);

// Distances of 9.8 between a decoder W2 (D x H) and eigenvectors V (D x H), 0 at best; a zero
// column of W2 has no direction and counts as orthogonal to all.
double axis_distance(const Array64& V, const Array64& W2);          // each v_i is some column
double ordered_axis_distance(const Array64& V, const Array64& W2);  // v_i is column i
double subspace_distance(const Array64& V, const Array64& W2);      // 1 - tr(V V^T P)/H
double transpose_distance(const Array64& W1, const Array64& W2);    // |W1 - W2^T|^2/H

}  // namespace theory
}  // namespace hourglass
