#pragma once

#include <hourglass/measure/comparison.hpp>

#include <iosfwd>

namespace HOURGLASS_API hourglass {

// The comparisons as a short table for a terminal of 100 columns, a line a series: its quantities
// (measured, predicted, deviation), the largest deviation along the curve, and the verdict. A
// deviation in brackets is not judged, one with an exclamation mark is beyond its tolerance. Below
// it stands how many are judged. Where it would be too wide, it leaves out predictions and
// tolerances, then measured values.
void print_table(std::ostream& out, const Comparison& comparison);

}  // namespace hourglass
