#include "variances.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/online.hpp>

#include <cmath>

namespace hourglass {

OnlineGaussian::OnlineGaussian(const std::vector<double>& spectrum, Stream stream, std::size_t size)
    : stream_(stream), x_(empty({size, spectrum.size()})) {
  data::check_variances("OnlineGaussian", spectrum);
  if (size == 0) throw ArgumentError("OnlineGaussian: a batch of 0 rows");
  for (const double variance : spectrum)
    deviations_.push_back(static_cast<Real>(std::sqrt(variance)));
}

Batch OnlineGaussian::batch(std::uint64_t step) {
  stream_.normals(step, 0, x_);
  const auto [rows, columns] = shape_of(x_);
  const Real* deviations = deviations_.data();
  for (std::size_t r = 0; r < rows; ++r) {
    Real* row = x_.data() + r * columns;
    for (std::size_t c = 0; c < columns; ++c) row[c] *= deviations[c];
  }
  return {borrow(x_), 0};
}

}  // namespace hourglass
