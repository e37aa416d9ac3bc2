#pragma once

#include <string>
#include <vector>

namespace hourglass {

struct Tic {
  double value;
  std::string label;  // gnuplot's enhanced text: 10^{3}; empty for a minor tic
};

// The range of one axis of a figure and what is written along it.
struct Axis {
  double low, high;
  bool log;
  std::vector<Tic> tics;

  // Where a value lies: 0 at the low end, 1 at the high end. NaN where a log axis has no place.
  double fraction(double value) const;
};

// Tics at about `count` round numbers. low < high.
Axis linear_axis(double low, double high, int count);

// Tics at powers of ten (1, 10, 10^2, ...), with minor tics between them; below two decades the
// multiples 2 and 5 are labelled too. 0 < low < high.
Axis log_axis(double low, double high);

// From -m to m with a little room, and tics at 0 and at one round number either side. m >= 0; an m
// of 0 is taken for 1.
Axis symmetric_axis(double m);

}  // namespace hourglass
