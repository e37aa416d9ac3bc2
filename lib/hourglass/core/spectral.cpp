#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

#include <xtensor-blas/xlinalg.hpp>

namespace hourglass {
namespace {

void require_finite(const Array64& matrix, const char* what) {
  if (!std::all_of(matrix.begin(), matrix.end(), [](double x) { return std::isfinite(x); }))
    throw ArgumentError(std::string(what) + ": the matrix has an entry that is not finite");
}

// LAPACK leaves the sign of an eigenvector open; fix it so that runs can be compared.
double sign_of_largest(const Array64& vectors, std::size_t column) {
  double largest = 0;
  for (std::size_t i = 0; i < vectors.shape()[0]; ++i)
    if (std::abs(vectors(i, column)) > std::abs(largest)) largest = vectors(i, column);
  return largest < 0 ? -1 : 1;
}

}  // namespace

Eigenpairs eigh(const Array64& matrix) {
  const Shape shape = shape_of(matrix);
  if (shape.rows != shape.columns || shape.rows == 0)
    throw ArgumentError("eigh: expected a square matrix, found " + shape.str());
  require_finite(matrix, "eigh");
  const kernels::OneBlasThread guard;
  const auto ascending = xt::linalg::eigh(matrix, 'L');
  const auto& values = std::get<0>(ascending);
  const Array64 vectors = std::get<1>(ascending);
  const std::size_t n = shape.rows;
  Eigenpairs result{std::vector<double>(n), empty64(shape)};
  for (std::size_t j = 0; j < n; ++j) {
    const std::size_t from = n - 1 - j;
    result.values[j] = values(from);
    const double sign = sign_of_largest(vectors, from);
    for (std::size_t i = 0; i < n; ++i) result.vectors(i, j) = sign * vectors(i, from);
  }
  return result;
}

Svd thin_svd(const Array64& matrix) {
  require_finite(matrix, "thin_svd");
  const kernels::OneBlasThread guard;
  const auto parts = xt::linalg::svd(matrix, false);
  const auto& s = std::get<1>(parts);
  return {Array64(std::get<0>(parts)), std::vector<double>(s.begin(), s.end()),
          Array64(std::get<2>(parts))};
}

Array64 polar_factor(const Array64& matrix) {
  const Svd svd = thin_svd(matrix);
  return kernels::product(svd.u, svd.vt);
}

}  // namespace hourglass
