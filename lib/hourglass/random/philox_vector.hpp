#pragma once

// Philox in vectors: a block in each 64-bit lane. Included by fill_kernels.cpp only.

#include "philox.hpp"
#include <hourglass/core/simd.hpp>

namespace hourglass::simd {
namespace {

// A word of the counter is the low half of its lane; what the products leave in the high halves
// is never read.
struct Blocks {
  Wide a, b, c, d;
};

// Several vectors side by side, because one alone would wait for its products most of the time.
template <int count>
HOURGLASS_INLINE void philox(Blocks (&x)[count], const std::uint32_t (&key)[2]) {
  // Opaque, or all twenty round keys would be computed once and kept in memory: adding is cheaper.
  Wide k0 = opaque(all_wide(key[0])), k1 = opaque(all_wide(key[1]));
  HOURGLASS_UNROLL for (int r = 0; r < philox_rounds; ++r) {
    HOURGLASS_UNROLL for (int i = 0; i < count; ++i) {
      const Wide first = multiply_low_halves(x[i].a, all_wide(philox_multipliers[0]));
      const Wide second = multiply_low_halves(x[i].c, all_wide(philox_multipliers[1]));
      x[i] = {exclusive_or(second >> 32, x[i].b, k0), second, exclusive_or(first >> 32, x[i].d, k1),
              first};
    }
    k0 = opaque(k0 + all_wide(philox_key_steps[0]));
    k1 = opaque(k1 + all_wide(philox_key_steps[1]));
  }
}

}  // namespace
}  // namespace hourglass::simd
