#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <cstdint>

namespace HOURGLASS_API hourglass {

// Random numbers without a state: a number is a pure function of (seed, id, step, row, column).
// So noise is the same, bit for bit, for every split of a batch, every matrix width and every
// number of threads, and a resumed run continues exactly. Between instruction sets uniforms are
// equal and normals agree within 4 ulp.
//
// Philox4x32-10 (Salmon et al. 2011) with key = seed and counter words {column block, row, low
// half of step, high half of step | id << 16}; a block gives 2 doubles or 4 floats. Normals by
// Box & Muller (1958), from neighbouring columns.
//
// Every function throws ArgumentError unless id < 65536, step < 2^48, every row < 2^32 and
// every column < 2^33 (and if the shapes of x and out differ). Fills allocate nothing; those of
// 32768 numbers and more use parallel_for.
struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t id = 0;

  // One number, with the bits that the fills below give it. Uniforms lie strictly inside (0, 1).
  Real uniform(std::uint64_t step, std::size_t row, std::size_t column) const;
  Real normal(std::uint64_t step, std::size_t row, std::size_t column) const;

  // Fills `out` (batch x features, its shape is kept); row r of `out` is row first_row + r.
  void uniforms(std::uint64_t step, std::size_t first_row, Array& out) const;
  void normals(std::uint64_t step, std::size_t first_row, Array& out) const;

  // The first rows of step 0: what a data model begins with.
  Array normals(Shape shape) const {
    Array z = empty(shape);
    normals(0, 0, z);
    return z;
  }

  // out = x + deviation n in one pass, rounded after the product and after the sum. `out` already
  // has the shape of `x`, and may be the array that `x` borrows.
  void add_normals(std::uint64_t step, std::size_t first_row, const View& x, Real deviation,
                   Array& out) const;
};

}  // namespace hourglass
