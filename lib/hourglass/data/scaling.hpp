#pragma once

#include <hourglass/data/dataset.hpp>

#include <vector>

namespace hourglass {

// none: pixels as they are (docs/theory/linear.md, section 11). scalar: one mean over all values;
// feature: a mean for each, of images the mean image (docs/theory/nonlinear.md, section 7.1).
enum class Centring { none, scalar, feature };

// value -> value * factor - mean. Found on the training samples and applied to all others too.
struct Scaling {
  Centring centring = Centring::none;
  double factor = 1;
  std::vector<double> means = {};  // of the scaled values: none, one, or one a feature
};

namespace data {

// The scaling that centres `dataset` and gives its values, over all entries and before centring,
// the standard deviation `deviation` (0: factor 1; the papers on online learning take 0.5). Moments
// are summed in double. Throws ArgumentError without samples, for a deviation that is
// negative or not finite, and for constant values that are to get one.
Scaling fit(const Dataset& dataset, Centring centring, double deviation = 0);

// Throws ArgumentError if it was fitted for another number of features.
void apply(const Scaling& scaling, Dataset& dataset);

}  // namespace data
}  // namespace hourglass
