#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <functional>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// How much the loss of a linear autoencoder scatters when its noise is drawn instead of integrated
// out (docs/theory/linear.md, section 1, "Sampled loss"): one evaluation over the N rows of X, a
// new draw for each row, no decay. Arguments outside their domain throw DomainError.

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

}  // namespace theory
}  // namespace hourglass
