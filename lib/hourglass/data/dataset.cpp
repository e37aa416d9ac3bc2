#include <hourglass/data/dataset.hpp>

#include <cmath>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace hourglass {

Batch Dataset::batch(std::uint64_t step, std::size_t size) const {
  const std::size_t rows = samples();
  if (size == 0 || size >= rows) return {borrow(x), 0};
  const std::uint64_t batches = (rows + size - 1) / size, k = step % batches;
  const auto first = static_cast<std::size_t>(rows * k / batches);
  const auto end = static_cast<std::size_t>(rows * (k + 1) / batches);
  const Shape shape{end - first, features()};
  return {borrow(x.data() + first * features(), shape), first};
}

namespace {

// Summed in double: 60,000 floats would lose four digits.
std::vector<double> feature_means(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  std::vector<double> means(columns, 0.0);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) means[c] += static_cast<double>(x(r, c));
  for (double& mean : means) mean /= static_cast<double>(rows);
  return means;
}

}  // namespace

void data::centre(Dataset& dataset) {
  const std::vector<double> means = feature_means(dataset.x);
  const auto [rows, columns] = shape_of(dataset.x);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      dataset.x(r, c) = static_cast<Real>(static_cast<double>(dataset.x(r, c)) - means[c]);
  dataset.name += ", centred";
}

void data::scale(Dataset& dataset, double factor) {
  if (!std::isfinite(factor))
    throw std::invalid_argument("scale: the factor " + std::to_string(factor) + " is not finite");
  for (Real& value : dataset.x) value = static_cast<Real>(static_cast<double>(value) * factor);
  std::ostringstream name;
  name << dataset.name << ", scaled by " << factor;
  dataset.name = name.str();
}

}  // namespace hourglass
