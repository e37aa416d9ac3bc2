#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// Consecutive rows of a data set, borrowed: the data set must outlive it.
struct Batch {
  View x;                 // rows x features
  std::size_t first_row;  // position of its first row in the data set, for row-wise noise
};

// Samples, one a row.
struct Dataset {
  std::string name;      // says what was done to the values: "mnist, test images, centred"
  Array x;               // samples x features
  std::string checksum;  // of the values as read, before centring and scaling

  // The rows and the columns of x.
  std::size_t samples() const { return shape_of(x).rows; }
  std::size_t features() const { return shape_of(x).columns; }

  // The rows of step 0, 1, ...: consecutive blocks of at most `size` rows, from the top again after
  // the last. Where `size` does not divide the samples, blocks differ by a row: a short last block
  // would give its rows more weight than the others, and shift the eigenvalues that training sees.
  // Size 0, or more than there are: all rows at every step.
  Batch batch(std::uint64_t step, std::size_t size) const&;
  Batch batch(std::uint64_t step, std::size_t size) const&& = delete;  // its rows would dangle
};

// none: pixels as they are (docs/theory/linear.md, section 11). scalar: one mean over all values;
// feature: a mean for each, of images the mean image (docs/theory/nonlinear.md, section 7.1).
enum class Centring { none, scalar, feature };

// value -> value * factor - mean. Found on the training samples and applied to all others too.
struct Scaling {
  Centring centring = Centring::none;
  double factor = 1;
  std::vector<double> means = {};  // of the scaled values: none, one, or one a feature
};

// The two parts of a data set.
struct Split {
  Dataset training, validation;
};

// random: any rows, a function of the seed alone; tail: the last ones.
enum class Held { random, tail };

namespace data {

// Subtracts the mean of each feature. Throws InputError as fit and apply do.
void centre(Dataset& dataset);

// Multiplies all values by a factor. Throws ArgumentError if it is not finite, InputError for
// values that it makes infinite.
void scale(Dataset& dataset, double factor);

// The scaling that centres `dataset` and gives its values, over all entries and before centring,
// the standard deviation `deviation` (0: factor 1; the papers on online learning take 0.5). Moments
// are summed in double. Throws ArgumentError without samples or for a deviation that is negative or
// not finite, InputError (with the data set's name) for values that are not finite or whose sum is
// not, and, where they are to get a deviation, for values that are equal within rounding.
Scaling fit(const Dataset& dataset, Centring centring, double deviation = 0);

// Throws ArgumentError if it was fitted for another number of features, InputError (with row and
// column) for values that it makes infinite.
void apply(const Scaling& scaling, Dataset& dataset);

// Holds back round(fraction * samples) rows, at least one if the fraction is not 0, for validation.
// Rows keep their order within both parts. Throws ArgumentError unless 0 <= fraction < 1
// and a row is left to train on.
Split split(const Dataset& dataset, double fraction, std::uint64_t seed, Held held = Held::random);

}  // namespace data
}  // namespace hourglass
