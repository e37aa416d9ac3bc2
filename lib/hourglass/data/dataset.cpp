#include <hourglass/core/error.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/scaling.hpp>

#include <cmath>
#include <sstream>

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

void data::centre(Dataset& dataset) { apply(fit(dataset, Centring::feature), dataset); }

void data::scale(Dataset& dataset, double factor) {
  if (!std::isfinite(factor))
    throw ArgumentError("scale: the factor " + std::to_string(factor) + " is not finite");
  for (Real& value : dataset.x) value = static_cast<Real>(static_cast<double>(value) * factor);
  std::ostringstream name;
  name << dataset.name << ", scaled by " << factor;
  dataset.name = name.str();
}

}  // namespace hourglass
