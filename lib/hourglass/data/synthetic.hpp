#pragma once

#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/random/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace HOURGLASS_API hourglass {

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

// Samples of such a model, beside what they were drawn from.
struct GaussianDataset : Dataset {
  std::vector<double> spectrum;  // as given
  Array64 basis;                 // features x features; column j has variance spectrum[j]
};

// The directions of the spikes a_m, each with |a_m|^2 = features:
// orthogonal: the axes, so the spikes are the principal components;
// sinusoidal: a_m[i] ~ sin((m + 1) i / 100) with m = 1.. and i = 0.., which are not orthogonal;
// random: normal entries, so lengths and angles fluctuate by features^(-1/2).
enum class Spikes { orthogonal, sinusoidal, random };

// x = sum_m c_m a_m + noise with independent normal c_m of standard deviation strengths[m]: the
// data of Refinetti and Goldt (2022); docs/theory/nonlinear.md, section 1.4.
struct SpikedModel {
  std::size_t features = 500;
  std::vector<double> strengths = {5, 3};
  Spikes spikes = Spikes::orthogonal;
  double noise_deviation = 1;
  bool normalised = true;  // divides x by one number, so that the mean variance of a feature is 1
  std::uint64_t seed = 0;  // of random spikes
};

// Gaussian inputs that never repeat, in the eigenbasis of their covariance: coordinate k is
// sqrt(spectrum[k]) times a normal number. Simulating there is exact and spares the rotation
// (docs/theory/nonlinear.md, section 1.1); the spectrum is that of data::spiked models, or of a
// data set's second moments for its Gaussian surrogate. Rows of a step are a function of (stream,
// step) alone. Allocates nothing after it was made.
class OnlineGaussian {
 public:
  // Throws ArgumentError for an empty spectrum, a variance that is negative or not finite,
  // or size 0.
  OnlineGaussian(const std::vector<double>& spectrum, Stream stream, std::size_t size = 1);

  // size x features, valid until the next call.
  Batch batch(std::uint64_t step);

 private:
  Stream stream_;
  std::vector<Real> deviations_;
  Array x_;
};

namespace data {

// A row depends on the model and its position alone (unless exact_moments ties rows together).
// Throws ArgumentError for an empty or negative spectrum, no samples, or too few for
// exact moments.
GaussianDataset gaussian(const GaussianModel& model);

// Gaussian samples with mean 0 and the second moments of a data set (so its mean, unless it was
// removed, becomes a direction of variance). Throws ArgumentError without samples.
GaussianDataset gaussian_surrogate(const Dataset& dataset, std::size_t samples, std::uint64_t seed);

// The a_m, one a row (strengths x features), before x is divided. Throws ArgumentError for
// no features, more spikes than features, or strengths or noise negative or not finite.
Array64 spikes(const SpikedModel& model);

// The population covariance of x, and its eigenpairs (of orthogonal spikes in closed form). A spike
// of strength s that is orthogonal to the others has, before x is divided, the eigenvalue
// s^2 features + noise^2.
Array64 covariance(const SpikedModel& model);
Spectrum spectrum(const SpikedModel& model);

}  // namespace data
}  // namespace hourglass
