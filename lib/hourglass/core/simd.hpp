#pragma once

// One vector register, HOURGLASS_VECTOR_BYTES wide, and the few operations the hot loops need.
//
// For files that are compiled once for each instruction set, and only for them. Such a file must
// not emit an inline function that another file emits too: the linker keeps one copy, and might
// keep the one that a smaller machine cannot run. So here everything has internal linkage, and
// these files include no standard or xtensor template.

#include <hourglass/core/number.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Before a loop with a constant number of turns: all of them, or arrays of vectors stay in memory.
#if defined(__clang__)
#define HOURGLASS_UNROLL _Pragma("unroll")
#else
#define HOURGLASS_UNROLL _Pragma("GCC unroll 16")
#endif

// For what must not become a call, which would send its vectors through memory.
#define HOURGLASS_INLINE inline __attribute__((always_inline))

namespace hourglass::simd {
namespace {

using Real = Number;
#if HOURGLASS_SINGLE
using Bit = std::uint32_t;
using Signed = std::int32_t;
constexpr int mantissa_bits = 23, exponent_bias = 127;
#else
using Bit = std::uint64_t;
using Signed = std::int64_t;
constexpr int mantissa_bits = 52, exponent_bias = 1023;
#endif

constexpr std::size_t bytes = HOURGLASS_VECTOR_BYTES;
constexpr std::size_t reals = bytes / sizeof(Real);  // numbers in a vector
constexpr std::size_t lanes = bytes / sizeof(std::uint64_t);

typedef Real Reals __attribute__((vector_size(bytes)));
typedef Bit Bits __attribute__((vector_size(bytes)));  // the bits of Reals
typedef Signed Integers __attribute__((vector_size(bytes)));
typedef std::uint64_t Wide __attribute__((vector_size(bytes)));

constexpr Bit sign_bit = Bit{1} << (8 * sizeof(Real) - 1);
constexpr Bit mantissa_mask = (Bit{1} << mantissa_bits) - 1;
constexpr Bit one_bits = Bit{exponent_bias} << mantissa_bits;

HOURGLASS_INLINE Reals all(Real value) { return value - Reals{}; }
HOURGLASS_INLINE Wide all_wide(std::uint64_t value) { return value - Wide{}; }

HOURGLASS_INLINE Reals load(const Real* from) {
  Reals x;
  __builtin_memcpy(&x, from, bytes);
  return x;
}
HOURGLASS_INLINE void store(Reals x, Real* to) { __builtin_memcpy(to, &x, bytes); }

// HOURGLASS_PACKED(sqrt) is _mm512_sqrt_ps, _mm_sqrt_pd, ...
#define HOURGLASS_JOIN_(prefix, name, suffix) prefix##_##name##_##suffix
#define HOURGLASS_JOIN(prefix, name, suffix) HOURGLASS_JOIN_(prefix, name, suffix)
#if HOURGLASS_SINGLE
#define HOURGLASS_SUFFIX ps
#else
#define HOURGLASS_SUFFIX pd
#endif
#if HOURGLASS_VECTOR_BYTES == 64
#define HOURGLASS_PREFIX _mm512
using Packed = __m512i;
#elif HOURGLASS_VECTOR_BYTES == 32
#define HOURGLASS_PREFIX _mm256
using Packed = __m256i;
#elif defined(__x86_64__)
#define HOURGLASS_PREFIX _mm
using Packed = __m128i;
#endif
#define HOURGLASS_PACKED(name) HOURGLASS_JOIN(HOURGLASS_PREFIX, name, HOURGLASS_SUFFIX)

// a b + c, rounded once where the instruction set can.
HOURGLASS_INLINE Reals multiply_add(Reals a, Reals b, Reals c) {
#if defined(__x86_64__) && defined(__FMA__)
  return HOURGLASS_PACKED(fmadd)(a, b, c);
#else
  return a * b + c;
#endif
}

HOURGLASS_INLINE Reals square_root(Reals x) {
#if defined(__x86_64__)
  return HOURGLASS_PACKED(sqrt)(x);
#else
  for (std::size_t i = 0; i < reals; ++i)
    x[i] = sizeof(Real) == 4 ? __builtin_sqrtf(x[i]) : __builtin_sqrt(x[i]);
  return x;
#endif
}

// The full product of the low halves; the high halves are ignored.
HOURGLASS_INLINE Wide multiply_low_halves(Wide a, Wide b) {
#if defined(__x86_64__)
  return (Wide)HOURGLASS_JOIN(HOURGLASS_PREFIX, mul, epu32)((Packed)a, (Packed)b);
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

HOURGLASS_INLINE Wide exclusive_or(Wide a, Wide b, Wide c) {
#if HOURGLASS_VECTOR_BYTES == 64
  return (Wide)_mm512_ternarylogic_epi64((Packed)a, (Packed)b, (Packed)c, 0x96);
#else
  return a ^ b ^ c;
#endif
}

// Makes the compiler forget what it knows of x, and so compute from it where the code says.
HOURGLASS_INLINE Wide opaque(Wide x) {
#if defined(__x86_64__)
  __asm__ volatile("" : "+v"(x));
#endif
  return x;
}

// Low halves of `low` under low halves of `high`.
HOURGLASS_INLINE Bits join_halves(Wide low, Wide high) {
#if HOURGLASS_VECTOR_BYTES == 64
  return (Bits)_mm512_mask_shuffle_epi32((Packed)low, 0xaaaa, (Packed)high, _MM_PERM_CCAA);
#elif HOURGLASS_VECTOR_BYTES == 32
  return (Bits)_mm256_blend_epi32((Packed)low, (Packed)(high << 32), 0xaa);
#else
  return (Bits)((low & 0xffffffffu) | (high << 32));
#endif
}

// a where the top bit of `sign` is set, else b.
HOURGLASS_INLINE Reals select_by_sign(Bits sign, Reals a, Reals b) {
#if HOURGLASS_VECTOR_BYTES == 64
  return (Integers)sign < 0 ? a : b;
#elif HOURGLASS_VECTOR_BYTES == 32
  return HOURGLASS_PACKED(blendv)(b, a, (Reals)sign);
#else
  const Bits mask = Bits{} - (sign >> (8 * sizeof(Real) - 1));
  return (Reals)(((Bits)a & mask) | ((Bits)b & ~mask));
#endif
}

// Where the condition holds a, else b.
HOURGLASS_INLINE Reals select(Integers condition, Reals a, Reals b) { return condition ? a : b; }

HOURGLASS_INLINE Reals absolute(Reals x) { return (Reals)((Bits)x & ~sign_bit); }
HOURGLASS_INLINE Reals with_sign_of(Reals magnitude, Reals sign) {
  return (Reals)((Bits)magnitude | ((Bits)sign & sign_bit));
}

// Interleaves a and b within each 128 bits: the lower halves into `low`, the upper into `high`.
HOURGLASS_INLINE void interleave(Reals a, Reals b, Reals& low, Reals& high) {
#if defined(__x86_64__)
  low = HOURGLASS_PACKED(unpacklo)(a, b);
  high = HOURGLASS_PACKED(unpackhi)(a, b);
#else
  constexpr std::size_t half = reals / 2;
  for (std::size_t i = 0; i < half; ++i) {
    low[2 * i] = a[i], low[2 * i + 1] = b[i];
    high[2 * i] = a[half + i], high[2 * i + 1] = b[half + i];
  }
#endif
}

// c[0] + c[1] x + ... by Horner's rule.
template <int n>
HOURGLASS_INLINE Reals polynomial(const Real (&c)[n], Reals x) {
  Reals sum = all(c[n - 1]);
  HOURGLASS_UNROLL for (int i = n - 2; i >= 0; --i) sum = multiply_add(sum, x, all(c[i]));
  return sum;
}

}  // namespace
}  // namespace hourglass::simd
