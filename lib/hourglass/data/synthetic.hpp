#pragma once

#include <hourglass/data/dataset.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hourglass {

enum class Basis { identity, random };  // random: drawn uniformly, from the seed

// Zero-mean Gaussian data whose covariance has the given eigenvalues.
struct GaussianModel {
  std::vector<double> spectrum = {};  // variances along the basis, each >= 0; one a feature
  std::size_t samples = 0;
  std::uint64_t seed = 0;
  Basis basis = Basis::identity;
  // Removes sampling noise: the mean of the samples is 0 and X^T X / N is the model's covariance,
  // both up to rounding. Needs more samples than features.
  bool exact_moments = false;
};

struct GaussianDataset : Dataset {
  std::vector<double> spectrum;  // as given
  Array64 basis;                 // features x features; column j has variance spectrum[j]
};

namespace data {

// A row depends on the model and its position alone (unless exact_moments ties rows together).
// Throws ArgumentError for an empty or negative spectrum, no samples, or too few for
// exact moments.
GaussianDataset gaussian(const GaussianModel& model);

// Gaussian samples with mean 0 and the second moments of a data set (so its mean, unless it was
// removed, becomes a direction of variance). Throws ArgumentError without samples.
GaussianDataset gaussian_surrogate(const Dataset& dataset, std::size_t samples, std::uint64_t seed);

}  // namespace data
}  // namespace hourglass
