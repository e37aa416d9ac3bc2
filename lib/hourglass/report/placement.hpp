#pragma once

#include <cstddef>
#include <vector>

namespace hourglass {

// Moves positions as little as possible (least squares) so that they lie at least `gap` apart and
// within low...high; the order of the positions is kept. Where they do not fit, the gap shrinks.
std::vector<double> spread(const std::vector<double>& wanted, double gap, double low, double high);

// About `count` positions in `fractions` (places along an axis, 0 to 1), evenly spaced along it:
// the first in each of `count` equal parts. NaN is left out.
std::vector<std::size_t> thinned(const std::vector<double>& fractions, std::size_t count);

}  // namespace hourglass
