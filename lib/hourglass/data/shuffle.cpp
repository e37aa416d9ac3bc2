#include <hourglass/core/error.hpp>
#include <hourglass/data/shuffle.hpp>

#include <algorithm>
#include <numeric>
#include <string>

namespace hourglass {
namespace {

std::size_t require_rows(std::size_t count) {
  if (count == 0) throw ArgumentError("shuffle: there are no rows");
  if (count > UINT32_MAX)
    throw ArgumentError("shuffle: " + std::to_string(count) + " rows, expected below 2^32");
  return count;
}

}  // namespace

Shuffle::Shuffle(std::size_t count, Stream stream)
    : stream_(stream), numbers_(empty({require_rows(count), 2})), order_(count) {}

std::span<const std::uint32_t> Shuffle::order(std::uint64_t epoch) {
  if (epoch == epoch_) return order_;
  stream_.uniforms(epoch, 0, numbers_);
  std::iota(order_.begin(), order_.end(), 0u);
  for (std::size_t left = order_.size(); left > 1; --left) {
    // two uniforms together are fine enough for any count, in single precision too
    const double u = static_cast<double>(numbers_(left - 1, 0)) +
                     (static_cast<double>(numbers_(left - 1, 1)) - 0.5) * 0x1p-23;
    const double position = std::clamp(u, 0.0, 1.0) * static_cast<double>(left);
    std::swap(order_[left - 1], order_[std::min(static_cast<std::size_t>(position), left - 1)]);
  }
  epoch_ = epoch;
  return order_;
}

ShuffledBatches::ShuffledBatches(const Dataset& dataset, std::size_t size, Stream stream)
    : dataset_(dataset), batches_(1), shuffle_(dataset.samples(), stream) {
  const std::size_t rows = dataset.samples();
  if (size == 0 || size > rows) size = rows;
  batches_ = (rows + size - 1) / size;
  gathered_.resize(size * dataset.features());
}

Batch ShuffledBatches::batch(std::uint64_t step) {
  const std::uint64_t samples = dataset_.samples(), k = step % batches_;
  const auto first = static_cast<std::size_t>(samples * k / batches_);
  const auto end = static_cast<std::size_t>(samples * (k + 1) / batches_);
  rows_ = shuffle_.order(step / batches_).subspan(first, end - first);
  const Shape shape{end - first, dataset_.features()};
  data::gather(dataset_.x, rows_, std::span(gathered_).first(shape.size()));
  return {borrow(gathered_.data(), shape), first};
}

void data::gather(const Array& x, std::span<const std::uint32_t> rows, std::span<Real> out) {
  const auto [samples, columns] = shape_of(x);
  if (out.size() != rows.size() * columns)
    throw ArgumentError("gather: out has " + std::to_string(out.size()) + " numbers, expected " +
                        Shape{rows.size(), columns}.str());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r] >= samples)
      throw ArgumentError("gather: row " + std::to_string(rows[r]) + " of " +
                          std::to_string(samples));
    std::copy_n(x.data() + rows[r] * columns, columns, out.data() + r * columns);
  }
}

}  // namespace hourglass
