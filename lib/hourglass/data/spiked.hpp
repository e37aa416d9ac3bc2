#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/data/moments.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hourglass {

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

namespace data {

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
