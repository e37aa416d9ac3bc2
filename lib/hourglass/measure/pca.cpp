#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/measure/pca.hpp>

#include <algorithm>

namespace hourglass {
namespace {

// Rows first ... first + rows - 1, less the mean.
Array64 block_of(const Array& x, std::size_t first, std::size_t rows,
                 const std::vector<double>& mean) {
  Array64 block = empty64({rows, mean.size()});
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < mean.size(); ++c) block(r, c) = double(x(first + r, c)) - mean[c];
  return block;
}

}  // namespace

Pca::Pca(const Array& x, std::size_t components, bool centred) : mean_(shape_of(x).columns, 0.0) {
  const auto [rows, features] = shape_of(x);
  if (rows == 0 || components == 0 || components > features)
    throw ArgumentError("pca: " + std::to_string(components) + " components of rows " +
                        shape_of(x).str());
  if (centred) mean_ = data::feature_means(x);
  const Array64 vectors = data::spectrum_of_rows(x, centred).vectors;
  basis_ = first_columns(vectors, std::min(components, shape_of(vectors).columns));
}

double Pca::error(const Array& x) const {
  const auto [rows, features] = shape_of(x);
  if (rows == 0 || features != mean_.size())
    throw ArgumentError("pca: rows " + shape_of(x).str() + ", expected " +
                        std::to_string(mean_.size()) + " features");
  constexpr std::size_t block_rows = 1000;
  double total = 0;
  for (std::size_t first = 0; first < rows; first += block_rows) {
    const Array64 block = block_of(x, first, std::min(block_rows, rows - first), mean_);
    const Array64 kept = kernels::product(kernels::product(block, basis_), basis_, false, true);
    for (std::size_t k = 0; k < block.size(); ++k)
      total += (block.data()[k] - kept.data()[k]) * (block.data()[k] - kept.data()[k]);
  }
  return total / static_cast<double>(x.size());
}

}  // namespace hourglass
