#pragma once

#include <hourglass/measure/comparison.hpp>

#include <iosfwd>

namespace HOURGLASS_API hourglass {

// The comparisons as a short table for a terminal, a line a series: its quantities (measured,
// predicted, deviation), the largest deviation along the curve, and whether it agrees.
void print_table(std::ostream& out, const Comparison& comparison);

}  // namespace hourglass
