#pragma once

#include <hourglass/core/array.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {

// Eigenvalues of a second-moment matrix, largest first and never negative; column j of `vectors`
// (features x features) belongs to value j.
struct Spectrum {
  std::vector<double> values;
  Array64 vectors;
};

namespace data {

// The mean of each feature, summed in double: 60,000 floats would lose four digits.
std::vector<double> feature_means(const Array& x);

// X^T X / N of samples x features, in double whatever Real is; the same bits for any number of
// threads. Centre the data first for a covariance. Throws ArgumentError without samples.
Array64 second_moments(const Array& x);

// Their eigenpairs. Rounding can leave an eigenvalue that is zero slightly negative: such are
// returned as 0.
Spectrum spectrum(const Array64& moments);

}  // namespace data
}  // namespace hourglass
