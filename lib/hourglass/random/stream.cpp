#include "fill.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/instruction_set.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/random/stream.hpp>

#include <algorithm>
#include <string>

namespace hourglass {
namespace {

using random::Fill;

const random::FillKernels& kernels() { return best_kernels<random::FillKernels>(); }

void require_below(std::uint64_t limit, std::uint64_t found, const char* what) {
  if (found >= limit)
    throw ArgumentError(std::string("Stream: ") + what + " " + std::to_string(found) +
                        " is not below " + std::to_string(limit));
}

// The whole shape, from column 0 on; where it is written is left to the caller.
Fill make_fill(const Stream& stream, std::uint64_t step, std::size_t first_row, Shape shape) {
  const std::size_t last_row = shape.rows > 0 ? first_row + (shape.rows - 1) : first_row;
  require_below(std::uint64_t{1} << 16, stream.id, "id");
  require_below(std::uint64_t{1} << 48, step, "step");
  require_below(std::uint64_t{1} << 32, std::max(first_row, last_row), "row");
  require_below((std::uint64_t{1} << 33) + 1, shape.columns, "number of columns");
  return {.key = {static_cast<std::uint32_t>(stream.seed),
                  static_cast<std::uint32_t>(stream.seed >> 32)},
          .first_row = static_cast<std::uint32_t>(first_row),
          .words = {static_cast<std::uint32_t>(step),
                    static_cast<std::uint32_t>(step >> 32) | stream.id << 16},
          .rows = shape.rows,
          .columns = shape.columns};
}

// Computes the block that holds the number.
Real one_number(const Stream& stream, std::uint64_t step, std::size_t row, std::size_t column,
                void (*kernel)(const Fill&)) {
  require_below(std::uint64_t{1} << 33, column, "column");
  Real block[random::per_block];
  Fill fill = make_fill(stream, step, row, {1, random::per_block});
  fill.first_block = static_cast<std::uint32_t>(column / random::per_block);
  fill.out = block;
  kernel(fill);
  return block[column % random::per_block];
}

constexpr std::size_t parallel_from = 1u << 15, chunk_size = 1u << 13;

// Large matrices are cut into chunks of whole rows.
void run(const Fill& whole, void (*kernel)(const Fill&)) {
  if (whole.rows * whole.columns < parallel_from) return kernel(whole);
  const std::size_t rows = (chunk_size + whole.columns - 1) / whole.columns;
  parallel_for((whole.rows + rows - 1) / rows, [&](std::size_t chunk) {
    const std::size_t first = chunk * rows;
    Fill part = whole;
    part.first_row += static_cast<std::uint32_t>(first);
    part.rows = std::min(rows, whole.rows - first);
    if (part.x) part.x += first * whole.columns;
    part.out += first * whole.columns;
    kernel(part);
  });
}

}  // namespace

Real Stream::uniform(std::uint64_t step, std::size_t row, std::size_t column) const {
  return one_number(*this, step, row, column, kernels().uniforms);
}

Real Stream::normal(std::uint64_t step, std::size_t row, std::size_t column) const {
  return one_number(*this, step, row, column, kernels().normals);
}

void Stream::uniforms(std::uint64_t step, std::size_t first_row, Array& out) const {
  Fill fill = make_fill(*this, step, first_row, shape_of(out));
  fill.out = out.data();
  run(fill, kernels().uniforms);
}

void Stream::normals(std::uint64_t step, std::size_t first_row, Array& out) const {
  Fill fill = make_fill(*this, step, first_row, shape_of(out));
  fill.out = out.data();
  run(fill, kernels().normals);
}

void Stream::add_normals(std::uint64_t step, std::size_t first_row, const View& x, Real deviation,
                         Array& out) const {
  if (shape_of(x) != shape_of(out))
    throw ArgumentError("Stream::add_normals: x (" + shape_of(x).str() + ") and out (" +
                        shape_of(out).str() + ") do not match");
  Fill fill = make_fill(*this, step, first_row, shape_of(out));
  fill.x = x.data();
  fill.deviation = deviation;
  fill.out = out.data();
  run(fill, kernels().add_normals);
}

}  // namespace hourglass
