#pragma once

#include <hourglass/config.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {

// When a recorded strength first reaches limit/2 from below: ln(u/(limit - u)) is interpolated
// linearly between records, which is exact for a logistic rise (docs/theory/linear.md, section 7).
// NaN if limit <= 0 or it never does.
double half_time(const std::vector<double>& steps, const std::vector<double>& strengths,
                 double limit);

}  // namespace hourglass
