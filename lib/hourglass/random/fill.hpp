#pragma once

// What a Stream asks of the loops that are compiled once for each instruction set. Not installed.

#include <hourglass/core/number.hpp>

#include <cstddef>
#include <cstdint>

namespace hourglass::random {

// Numbers made from one Philox block of four words: a column is block * per_block + position.
inline constexpr std::size_t per_block = sizeof(Number) == 4 ? 4 : 2;

// A row-major rows x columns matrix of numbers. Row r, block b has the Philox counter
// {first_block + b, first_row + r, words[0], words[1]}.
struct Fill {
  std::uint32_t key[2];
  std::uint32_t first_block = 0, first_row, words[2];
  std::size_t rows, columns;
  const Number* x = nullptr;  // read by add_normals only, shaped like `out`, which it may be
  Number deviation = 1;       // likewise
  Number* out = nullptr;
};

struct FillKernels {
  void (*uniforms)(const Fill&);
  void (*normals)(const Fill&);
  void (*add_normals)(const Fill&);  // out = x + deviation n
  static const FillKernels baseline, avx2, avx512;
};

}  // namespace hourglass::random
