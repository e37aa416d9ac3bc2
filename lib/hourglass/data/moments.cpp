#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/moments.hpp>

#include <algorithm>

namespace hourglass::data {

std::vector<double> feature_means(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  std::vector<double> means(columns, 0.0);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) means[c] += static_cast<double>(x(r, c));
  for (double& mean : means) mean /= static_cast<double>(rows);
  return means;
}

Array64 second_moments(const Array& x) {
  const Shape shape = shape_of(x);
  if (shape.rows == 0 || shape.columns == 0)
    throw ArgumentError("second_moments: expected samples, found " + shape.str());
  Array64 sums = empty64({shape.columns, shape.columns});
  sums.fill(0.0);
  // in double whatever Real is, a block of rows at a time
  constexpr std::size_t block_rows = 4096;
  std::vector<double> block(std::min(shape.rows, block_rows) * shape.columns);
  for (std::size_t first = 0; first < shape.rows; first += block_rows) {
    const std::size_t rows = std::min(block_rows, shape.rows - first);
    std::copy_n(x.data() + first * shape.columns, rows * shape.columns, block.begin());
    const kernels::Operand<double> part{block.data(), {rows, shape.columns}};
    kernels::gemm(1.0, {part.data, part.shape, true}, part, 1.0, sums.data());
  }
  sums /= static_cast<double>(shape.rows);
  return sums;
}

Spectrum spectrum(const Array64& moments) {
  Eigenpairs pairs = eigh(moments);
  for (double& value : pairs.values) value = std::max(value, 0.0);
  return {std::move(pairs.values), std::move(pairs.vectors)};
}

}  // namespace hourglass::data
