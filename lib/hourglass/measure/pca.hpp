#pragma once

#include <hourglass/core/array.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {

// Principal components of rows x: the linear map of that rank with the least squared error, which
// no linear autoencoder beats on the same rows (Baldi and Hornik 1989). With `centred` the mean is
// removed first, as a network with biases can; otherwise the second moments are not centred.
class Pca {
 public:
  // Of fewer rows than features, without a matrix of features x features. Throws ArgumentError
  // without rows, or unless 0 < components <= features, and what data::spectrum_of_rows() throws.
  Pca(const Array& x, std::size_t components, bool centred);

  // Mean squared error of a feature of the projection of these rows: 1/(N D) sum ||P x - x||^2.
  double error(const Array& x) const;

 private:
  std::vector<double> mean_;  // zero unless centred
  Array64 basis_;             // features x components, or as many as there are rows
};

}  // namespace hourglass
