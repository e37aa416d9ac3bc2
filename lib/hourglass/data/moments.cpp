#include <hourglass/core/parallel.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/moments.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hourglass::data {
namespace {

// A chunk of rows is packed into strips of four columns, so that a 4x4 tile of the product reads
// two short consecutive runs and keeps its sixteen sums in registers.
constexpr std::size_t width = 4, chunk_rows = 128;

class Strips {
 public:
  explicit Strips(std::size_t columns)
      : count_((columns + width - 1) / width), values_(count_ * width * chunk_rows) {}

  std::size_t count() const { return count_; }
  const double* strip(std::size_t s) const { return values_.data() + s * width * chunk_rows; }

  // Columns beyond the last and rows beyond `rows` are zero: they add nothing.
  void pack(const Array& x, std::size_t first, std::size_t rows) {
    const std::size_t columns = shape_of(x).columns;
    std::fill(values_.begin(), values_.end(), 0.0);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c)
        values_[(c / width * chunk_rows + r) * width + c % width] =
            static_cast<double>(x(first + r, c));
  }

 private:
  std::size_t count_;
  std::vector<double> values_;
};

using Tile = std::array<double, width * width>;

Tile tile_product(const double* a, const double* b) {
  Tile sums{};
  for (std::size_t r = 0; r < chunk_rows; ++r, a += width, b += width)
    for (std::size_t i = 0; i < width; ++i)
      for (std::size_t j = 0; j < width; ++j) sums[i * width + j] += a[i] * b[j];
  return sums;
}

void add_tile(Array64& to, std::size_t row, std::size_t column, const Tile& tile) {
  const std::size_t size = shape_of(to).rows;
  const std::size_t rows = std::min(width, size - row), columns = std::min(width, size - column);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) to(row + i, column + j) += tile[i * width + j];
}

// The lower triangle only. Each task owns the rows of one strip, so the order of every sum is
// fixed by the shape.
void add_chunk(Array64& to, const Strips& strips) {
  parallel_for(strips.count(), [&](std::size_t s) {
    for (std::size_t t = 0; t <= s; ++t)
      add_tile(to, s * width, t * width, tile_product(strips.strip(s), strips.strip(t)));
  });
}

void finish(Array64& sums, double samples) {
  const std::size_t size = shape_of(sums).rows;
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j <= i; ++j) sums(j, i) = sums(i, j) = sums(i, j) / samples;
}

}  // namespace

Array64 second_moments(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  if (rows == 0 || columns == 0)
    throw std::invalid_argument("second_moments: expected samples, found " + shape_of(x).str());
  Array64 sums = empty64({columns, columns});
  sums.fill(0.0);
  Strips strips(columns);
  for (std::size_t first = 0; first < rows; first += chunk_rows) {
    strips.pack(x, first, std::min(chunk_rows, rows - first));
    add_chunk(sums, strips);
  }
  finish(sums, static_cast<double>(rows));
  return sums;
}

Spectrum spectrum(const Array& x) {
  Eigenpairs pairs = eigh(second_moments(x));
  for (double& value : pairs.values) value = std::max(value, 0.0);
  return {std::move(pairs.values), std::move(pairs.vectors)};
}

}  // namespace hourglass::data
