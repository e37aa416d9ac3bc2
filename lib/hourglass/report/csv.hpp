#pragma once

#include <hourglass/measure/comparison.hpp>

#include <string>

namespace hourglass {

// Both traces as tidy CSV, `step,series,index,measured,predicted`: a row for each step and column
// that either of them holds, an empty cell where one does not exist; numbers read back exactly.
std::string to_csv(const Comparison& comparison);

}  // namespace hourglass
