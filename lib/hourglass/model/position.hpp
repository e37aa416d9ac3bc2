#pragma once

#include <cstddef>
#include <cstdint>

namespace hourglass {

// Where in a run a corruption is drawn: the step, and the row of the data set that the first row
// of the batch is. The noise is a function of the place, so it is the same for any batch split.
struct Position {
  std::uint64_t step = 0;
  std::size_t row = 0;
};

}  // namespace hourglass
