#pragma once

#include <hourglass/core/ops.hpp>
#include <hourglass/random/stream.hpp>

#include <cstdint>

namespace hourglass {

// Where in a run a corruption is drawn: the step, and the row of the data set that the first row
// of the batch is. The noise is a function of the place, so it is the same for any batch split.
struct Position {
  std::uint64_t step = 0;
  std::size_t row = 0;
};

// x + eta with eta ~ N(0, variance) in every entry, drawn from `stream`.
// Throws std::invalid_argument if the variance is negative or not finite.
struct GaussianNoise {
  double variance = 1;
  Stream stream = {};
  Var operator()(Var x, Position position) const;
};

}  // namespace hourglass
