#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/measure/reconstruction.hpp>

#include <algorithm>

namespace hourglass {
namespace {

constexpr std::size_t block_rows = 1000;

// Calls use(first, y, x) for each block of rows x, starting at row `first`, and its reconstruction.
template <class Use>
void for_each_block(const Autoencoder& model, const Array& x, Use use) {
  const auto [rows, columns] = shape_of(x);
  Tape tape;
  for (std::size_t first = 0; first < rows; first += block_rows) {
    const Shape shape{std::min(block_rows, rows - first), columns};
    const View block = borrow(x.data() + first * columns, shape);
    tape.begin();
    use(first, model.reconstruct(tape.constant(block)).value(), block);
  }
}

}  // namespace

Array reconstruct(const Autoencoder& model, const Array& x) {
  Array result = empty(shape_of(x));
  for_each_block(model, x, [&](std::size_t first, const View& y, const View&) {
    std::copy(y.data(), y.data() + y.size(), result.data() + first * shape_of(x).columns);
  });
  return result;
}

double reconstruction_error(const Autoencoder& model, const Array& x) {
  if (x.size() == 0) throw ArgumentError("reconstruction error: there are no rows");
  double total = 0;
  for_each_block(model, x, [&](std::size_t, const View& y, const View& block) {
    total += double(kernels::squared_distance(y.data(), block.data(), block.size()));
  });
  return total / static_cast<double>(x.size());
}

}  // namespace hourglass
