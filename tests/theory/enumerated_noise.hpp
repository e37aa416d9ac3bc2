#pragma once

#include <hourglass/core/array.hpp>

#include <cmath>
#include <functional>
#include <vector>

// Mean and variance of a linear autoencoder's sampled loss, by going through every outcome of the
// noise: no formula is used.
namespace enumerated_noise {

using hourglass::Array64;

struct Outcome {
  double probability, value;
};
// The values that a corrupted entry takes, by the clean entry and its feature.
using Outcomes = std::function<std::vector<Outcome>(double x, std::size_t feature)>;

inline Outcomes masking(double p, double kept) {
  return [=](double x, std::size_t) { return std::vector<Outcome>{{p, 0}, {1 - p, kept * x}}; };
}
inline Outcomes salt_and_pepper(double p, double low, double high) {
  return [=](double x, std::size_t) {
    return std::vector<Outcome>{{1 - p, x}, {p / 2, low}, {p / 2, high}};
  };
}
// Gauss and Hermite's three points: exact for the polynomials of fourth degree that occur.
inline Outcomes normal(const std::function<double(double x, std::size_t feature)>& variance) {
  return [=](double x, std::size_t feature) {
    const double reach = std::sqrt(3 * variance(x, feature));
    return std::vector<Outcome>{{2.0 / 3, x}, {1.0 / 6, x - reach}, {1.0 / 6, x + reach}};
  };
}

struct LossMoments {
  double mean = 0, variance = 0;
};

// 1/2 |x - W noisy|^2
inline double sample_loss(const Array64& W1, const Array64& W2, const double* x,
                          const std::vector<double>& noisy) {
  double loss = 0;
  for (std::size_t i = 0; i < noisy.size(); ++i) {
    double output = 0;
    for (std::size_t h = 0; h < W1.shape()[0]; ++h)
      for (std::size_t j = 0; j < noisy.size(); ++j) output += W2(i, h) * W1(h, j) * noisy[j];
    loss += (x[i] - output) * (x[i] - output) / 2;
  }
  return loss;
}

// Calls visit(probability, noisy) for every outcome of one row.
inline void for_each_outcome(const std::vector<std::vector<Outcome>>& entries, std::size_t from,
                             double probability, std::vector<double>& noisy,
                             const std::function<void(double)>& visit) {
  if (from == entries.size()) return visit(probability);
  for (const Outcome& o : entries[from]) {
    noisy[from] = o.value;
    for_each_outcome(entries, from + 1, probability * o.probability, noisy, visit);
  }
}

// Of the mean over the rows of X, each with noise of its own.
inline LossMoments loss_moments(const Array64& X, const Array64& W1, const Array64& W2,
                                const Outcomes& outcomes) {
  const std::size_t samples = X.shape()[0], features = X.shape()[1];
  const double count = double(samples);
  LossMoments result;
  for (std::size_t n = 0; n < samples; ++n) {
    const double* x = X.data() + n * features;
    std::vector<std::vector<Outcome>> entries;
    for (std::size_t j = 0; j < features; ++j) entries.push_back(outcomes(x[j], j));
    std::vector<double> noisy(features);
    double mean = 0, square = 0;
    for_each_outcome(entries, 0, 1, noisy, [&](double probability) {
      const double loss = sample_loss(W1, W2, x, noisy);
      mean += probability * loss, square += probability * loss * loss;
    });
    result.mean += mean / count;
    result.variance += (square - mean * mean) / (count * count);
  }
  return result;
}

}  // namespace enumerated_noise
