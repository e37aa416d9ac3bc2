#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// The loss of a linear autoencoder with the noise integrated out (docs/theory/linear.md,
// section 1). It depends on data and noise only through A = E[x x~^T] and B = E[x~ x~^T]; for a
// corruption that is not listed, fill them in. Shapes that do not match and arguments outside
// their domain throw DomainError.

Array64 second_moment(const Array64& X);  // C = X^T X / N, uncentred; X has a sample a row

// Of clean and corrupted data together.
struct CorruptedMoments {
  Array64 A, B;    // D x D
  double trace_C;  // tr E[x x^T]
};
CorruptedMoments clean(const Array64& C);                                 // no noise: A = B = C
CorruptedMoments additive_noise(const Array64& C, double variance);       // covariance sigma2 I
CorruptedMoments additive_noise(const Array64& C, const Array64& Sigma);  // mean 0, covariance
// Each entry is dropped with probability p_drop in [0, 1); rescaled: kept ones over 1 - p_drop.
CorruptedMoments masking_noise(const Array64& C, double p_drop, bool rescale);

// L = 1/2 [tr C - 2 tr(W A^T) + tr(W B W^T)] + gamma/2 (|W1|^2 + |W2|^2), W = W2 W1, and its
// gradients; W1 is H x D, W2 is D x H. Costs O(D^2 H): W is never formed.
struct LossAndGradients {
  double loss;
  Array64 dW1, dW2;
};
LossAndGradients expected_loss(const CorruptedMoments& moments, const Array64& W1,
                               const Array64& W2, double gamma);

// How much the loss scatters when its noise is drawn instead of integrated out (section 1, "Sampled
// loss"): one evaluation over the N rows of X, a new draw for each row, no decay.

// A corrupted entry: its mean, variance, and third and fourth central moments.
struct EntryMoments {
  double mean, variance, third, fourth;
};
// Noise that is independent between entries, by the clean entry and its feature.
using EntryNoise = std::function<EntryMoments(double x, std::size_t feature)>;

EntryNoise gaussian_entries(std::vector<double> variances);  // one a feature
// Each entry is dropped with probability p_drop in [0, 1); rescaled: kept ones over 1 - p_drop.
EntryNoise masking_entries(double p_drop, bool rescale);
// Each entry becomes `low` or `high` with probability p/2 each, p in [0, 1].
EntryNoise salt_and_pepper_entries(double p, double low, double high);
EntryNoise multiplicative_entries(double variance);  // x (1 + n), n ~ N(0, variance)

// W1: H x D, W2: D x H, X: N x D.
double sampled_loss_variance(const Array64& X, const Array64& W1, const Array64& W2,
                             const EntryNoise& noise);

// Gaussian noise of covariance Sigma (D x D), from C = X^T X / N alone.
double sampled_loss_variance(const Array64& C, const Array64& W1, const Array64& W2,
                             const Array64& Sigma, double samples);

// Variance of the loss without decay when Gaussian noise of variance sigma2 is drawn once for each
// of N samples: 1/N [sigma2 tr(W^T (I-W) C (I-W)^T W) + sigma2^2/2 tr((W^T W)^2)].
double sampled_loss_variance(const Array64& C, const Array64& W1, const Array64& W2, double sigma2,
                             double samples);

}  // namespace theory
}  // namespace hourglass
