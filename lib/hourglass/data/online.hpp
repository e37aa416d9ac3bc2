#pragma once

#include <hourglass/data/dataset.hpp>
#include <hourglass/random/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hourglass {

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

}  // namespace hourglass
