#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// Eigenvalues of a second-moment matrix, largest first and never negative, one for each feature;
// column j of `vectors` belongs to value j. Of fewer samples than features there are as many
// columns as samples: what they leave out does not vary, its values are 0.
struct Spectrum {
  std::vector<double> values;
  Array64 vectors;
};

namespace data {

// The mean of each feature, summed in double: 60,000 floats would lose four digits.
std::vector<double> feature_means(const Array& x);

// X^T X / N of samples x features, in double whatever Real is; the same bits for any number of
// threads. Throws ArgumentError without samples, InputError where D x D numbers are too many.
Array64 second_moments(const Array& x);
// The same of X less its mean, which is taken off first: E[xx] - mm would lose what varies in what
// does not.
Array64 covariance(const Array& x);

// Their eigenpairs. Rounding can leave an eigenvalue that is zero slightly negative: such are
// returned as 0.
Spectrum spectrum(const Array64& moments);
// Those of the second moments of x, or with `centred` of its covariance; of fewer samples than
// features without a matrix of features x features. Throws as second_moments().
Spectrum spectrum_of_rows(const Array& x, bool centred = false);

// How many may have second moments: 20,000 x 20,000 numbers are 3.2 GB, and several such are
// needed.
inline constexpr std::size_t most_features = 20000;
// Throws InputError, naming the data, for more.
void require_second_moments(std::size_t features, const std::string& data);

}  // namespace data
}  // namespace hourglass
