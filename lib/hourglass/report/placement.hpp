#pragma once

#include <hourglass/report/axis.hpp>

#include <cstddef>
#include <vector>

namespace hourglass {

// Moves positions as little as possible (least squares) so that they lie at least `gap` apart and
// within low...high; the order of the positions is kept. Where they do not fit, the gap shrinks.
std::vector<double> spread(const std::vector<double>& wanted, double gap, double low, double high);

// About `count` positions in `fractions` (places along an axis, 0 to 1), evenly spaced along it:
// the first in each of `count` equal parts. NaN is left out.
std::vector<std::size_t> thinned(const std::vector<double>& fractions, std::size_t count);

// The measured values of a curve that get a mark, NaN for the others: about `count`, evenly along
// the curve as it is drawn, so that a steep rise has its share.
std::vector<double> marks(const Curve& curve, const Axis& x, const Axis& y, std::size_t count);

// The name of a curve beside its panel: at the height of the curve's end or, where names would
// overlap, near it. Heights and widths are fractions of the panel.
struct EndLabel {
  const Curve* curve;
  double x, y, text_y;  // where the curve ends, and the height of its name
};

// From the last curve to the first: where curves end at one place, the first is labelled on top.
std::vector<EndLabel> end_labels(const Panel& panel, const Axis& x, const Axis& y, double gap);

}  // namespace hourglass
