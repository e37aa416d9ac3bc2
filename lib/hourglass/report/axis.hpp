#pragma once

#include <hourglass/report/figure.hpp>

#include <vector>

namespace hourglass {

// The range of one axis, which all panels of a figure share.
struct Axis {
  double low, high;
  bool log;

  // Where a value lies: 0 at the low end, 1 at the high end. NaN where a log axis has no place.
  double fraction(double value) const;
  double value_at(double fraction) const;  // the inverse
};

// Wide enough for all values that can be shown, and never empty: the y axis has a little room
// above and below, so that marks at its ends are whole.
Axis x_axis(const Figure& figure);
Axis y_axis(const Figure& figure);

// measured - predicted at each place, divided by |predicted| if relative; NaN where one of them is
// missing.
std::vector<double> deviations(const Curve& curve, bool relative);

// The largest |deviation| of all curves; NaN if there is none.
double largest_deviation(const Figure& figure);

// The largest of 1, 2, 5 times a power of ten that is not above `value`. value > 0.
double round_down(double value);

}  // namespace hourglass
