#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/moments.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace hourglass::data {

std::vector<double> feature_means(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  std::vector<double> means(columns, 0.0);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) means[c] += static_cast<double>(x(r, c));
  for (double& mean : means) mean /= static_cast<double>(rows);
  return means;
}

void require_second_moments(std::size_t features, const std::string& data) {
  if (features > most_features)
    throw InputError(data + ": found " + std::to_string(features) + " features, expected at most " +
                     std::to_string(most_features) +
                     " where their second moments, a matrix of features x features, are needed");
}

namespace {

// Rows first, first + 1, ... less the mean, in double.
void copy_rows(const Array& x, std::size_t first, const std::vector<double>& mean,
               std::span<double> to) {
  const Real* from = x.data() + first * mean.size();
  for (std::size_t start = 0; start < to.size(); start += mean.size())
    for (std::size_t c = 0; c < mean.size(); ++c) to[start + c] = double(from[start + c]) - mean[c];
}

// In double whatever Real is, a block of rows at a time.
Array64 moments_about(const Array& x, const std::vector<double>& mean) {
  const Shape shape = shape_of(x);
  require_second_moments(shape.columns, "second moments");
  Array64 sums = empty64({shape.columns, shape.columns});
  sums.fill(0.0);
  constexpr std::size_t block_rows = 4096;
  std::vector<double> block(std::min(shape.rows, block_rows) * shape.columns);
  for (std::size_t first = 0; first < shape.rows; first += block_rows) {
    const std::size_t rows = std::min(block_rows, shape.rows - first);
    copy_rows(x, first, mean, {block.data(), rows * shape.columns});
    const kernels::Operand<double> part{block.data(), {rows, shape.columns}};
    kernels::gemm(1.0, {part.data, part.shape, true}, part, 1.0, sums.data());
  }
  sums /= static_cast<double>(shape.rows);
  return sums;
}

std::vector<double> centre_of(const Array& x, bool centred) {
  const Shape shape = shape_of(x);
  if (shape.rows == 0 || shape.columns == 0)
    throw ArgumentError("second_moments: expected samples, found " + shape.str());
  return centred ? feature_means(x) : std::vector<double>(shape.columns, 0.0);
}

// By the singular values of the rows themselves.
Spectrum spectrum_of_few(const Array& x, const std::vector<double>& mean) {
  const auto [rows, columns] = shape_of(x);
  Array64 centred = empty64({rows, columns});
  copy_rows(x, 0, mean, {centred.data(), centred.size()});
  const Svd svd = thin_svd(centred);
  Spectrum result{std::vector<double>(columns, 0.0), empty64({columns, rows})};
  for (std::size_t j = 0; j < rows; ++j) {
    result.values[j] = svd.values[j] * svd.values[j] / double(rows);
    const double* vector = &svd.vt(j, 0);  // signed as eigh() does
    const double largest = *std::max_element(
        vector, vector + columns, [](double a, double b) { return std::abs(a) < std::abs(b); });
    for (std::size_t i = 0; i < columns; ++i)
      result.vectors(i, j) = largest < 0 ? -vector[i] : vector[i];
  }
  return result;
}

}  // namespace

Array64 second_moments(const Array& x) { return moments_about(x, centre_of(x, false)); }
Array64 covariance(const Array& x) { return moments_about(x, centre_of(x, true)); }

Spectrum spectrum_of_rows(const Array& x, bool centred) {
  const std::vector<double> mean = centre_of(x, centred);
  if (shape_of(x).rows < shape_of(x).columns) return spectrum_of_few(x, mean);
  return spectrum(moments_about(x, mean));
}

Spectrum spectrum(const Array64& moments) {
  Eigenpairs pairs = eigh(moments);
  for (double& value : pairs.values) value = std::max(value, 0.0);
  return {std::move(pairs.values), std::move(pairs.vectors)};
}

}  // namespace hourglass::data
