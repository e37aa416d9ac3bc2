#pragma once

// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): four random words for each counter and key, with nothing kept in between. A block in
// each 64-bit lane. Included by fill_kernels.cpp only.

#include <hourglass/core/simd.hpp>

namespace hourglass::simd {
namespace {

constexpr std::uint32_t philox_multipliers[2] = {0xD2511F53, 0xCD9E8D57};
constexpr std::uint32_t philox_key_steps[2] = {0x9E3779B9, 0xBB67AE85};
constexpr int philox_rounds = 10;

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
