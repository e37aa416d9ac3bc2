#pragma once

// From random bits to uniforms and normals, a vector at a time. Included by fill_kernels.cpp only.

#include <hourglass/core/simd.hpp>

namespace hourglass::simd {
namespace {

struct Pair {
  Reals first, second;
};

constexpr Real minus_two_log_two = Real(-1.386294361119890618834464);

// (k + 1/2) / 2^mantissa_bits with k the top bits: strictly inside (0, 1) and exact.
HOURGLASS_INLINE Reals uniform(Bits bits) {
  constexpr Real nearly_one = 1 - Real(0.5) / (Bit{1} << mantissa_bits);
  const Bits number = (bits >> (8 * sizeof(Real) - mantissa_bits)) | one_bits;  // in [1, 2)
  return (Reals)number - nearly_one;
}

// x = mantissa 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)): the logarithm then has no
// cancellation, and keeps its relative accuracy as x approaches 1.
struct Split {
  Reals mantissa, exponent;
};
HOURGLASS_INLINE Split split(Reals x) {
#if HOURGLASS_SINGLE
  constexpr Bit root_half = 0x3f3504f3;
#else
  constexpr Bit root_half = 0x3fe6a09e667f3bcd;
#endif
  // adding the biased exponent to 2^mantissa_bits writes it into that number's mantissa
  constexpr Bit large_bits = Bit{exponent_bias + mantissa_bits} << mantissa_bits;
  constexpr Real large = Real(Bit{1} << mantissa_bits) + exponent_bias;
  const Bits shifted = (Bits)x + (one_bits - root_half);
  return {(Reals)((shifted & mantissa_mask) + root_half),
          (Reals)((shifted >> mantissa_bits) | large_bits) - large};
}

// Relative error about 2^-25 and 2^-59 before rounding; the square root halves it.
#if HOURGLASS_SINGLE
// The radius sqrt(-2 log u), u = (k + 1/2) / 2^31 with k the top bits, rounded to a float: so u is
// 1, and both normals are 0, once in 2^25 pairs.
HOURGLASS_INLINE Reals radius(Bits bits) {
  // -2 log(1 + y) = -2 y + y^2 p(y)
  constexpr Real p[] = {0x1.fffffap-1f, -0x1.5556f4p-1f, 0x1.00049ap-1f, -0x1.98d2cp-2f,
                        0x1.535d32p-2f, -0x1.318528p-2f, 0x1.250492p-2f, -0x1.65c746p-3f};
  const Integers k = (Integers)(bits >> 1);
  const Split u = split(__builtin_convertvector(k, Reals) + Real(0.5));
  const Reals y = u.mantissa - Real(1);
  const Reals log = multiply_add(y * y, polynomial(p, y), Real(-2) * y);
  return square_root(multiply_add(u.exponent - Real(31), all(minus_two_log_two), log));
}
#else
// The radius sqrt(-2 log u), u uniform.
HOURGLASS_INLINE Reals radius(Bits bits) {
  // log(1 + y) = 2 s + s z p(z) with s = y / (2 + y), z = s^2
  constexpr Real p[] = {0x1.5555555555592p-1, 0x1.999999997fdb7p-2, 0x1.24924941f126bp-2,
                        0x1.c71c52095c72bp-3, 0x1.74663ee86a1b3p-3, 0x1.39a1babb1677bp-3,
                        0x1.2f05634234922p-3};
  const Split u = split(uniform(bits));
  const Reals y = u.mantissa - Real(1);
  const Reals s = y / (y + Real(2));
  const Reals z = s * s;
  const Reals log = Real(2) * (s * (y - z * polynomial(p, z)) - y);
  return square_root(multiply_add(u.exponent, all(minus_two_log_two), log));
}
#endif

// The angle pi/2 (quadrant + s): the top two bits are the quadrant, the others s in (-1/2, 1/2),
// exactly and never 0. So the sine keeps its relative accuracy near its zeros.
#if HOURGLASS_SINGLE
HOURGLASS_INLINE Reals quadrant_part(Bits bits) {
  return __builtin_convertvector((Integers)((bits << 2) | 2), Reals) * Real(0x1p-32);
}
constexpr Real half_pi = 0x1.921fb6p+0f;
constexpr Real sine[] = {-0x1.4abbbap-1f, 0x1.465ec6p-4f, -0x1.2d9bb8p-8f};
constexpr Real cosine[] = {-0x1.3bd3ccp+0f, 0x1.03c1dep-2f, -0x1.55c664p-6f, 0x1.d9f7bcp-11f};
#else
HOURGLASS_INLINE Reals quadrant_part(Bits bits) {
  return (Reals)((bits & mantissa_mask) | (one_bits | 1)) - Real(1.5);
}
constexpr Real half_pi = 0x1.921fb54442d18p+0;
constexpr Real sine[] = {-0x1.4abbce625be41p-1, 0x1.466bc677587fdp-4,   -0x1.32d2cce2e60e5p-8,
                         0x1.50782fda6c47dp-13, -0x1.e30071ff48108p-19, 0x1.e3f39e1c35540p-25};
constexpr Real cosine[] = {-0x1.3bd3cc9be45dep+0, 0x1.03c1f081b5ab0p-2,   -0x1.55d3c7e3c95bcp-6,
                           0x1.e1f50683b42e4p-11, -0x1.a6d1ecb7412f5p-16, 0x1.f9cc6ad081a7bp-22,
                           -0x1.b26fe88c5827fp-28};
#endif

// Box and Muller, "A note on the generation of random normal deviates" (1958): two independent
// standard normals, radius times the cosine and the sine of the angle.
HOURGLASS_INLINE Pair box_muller(Bits radius_bits, Bits angle_bits) {
  const Reals s = quadrant_part(angle_bits);
  const Reals t = s * s;
  const Reals sin = multiply_add(s, all(half_pi), (s * t) * polynomial(sine, t));
  const Reals cos = multiply_add(t, polynomial(cosine, t), all(1));
  const Bits odd = angle_bits << 1;  // the top bit: an odd quadrant exchanges the two
  const Reals first = select_by_sign(odd, sin, cos);
  const Reals second = select_by_sign(odd, cos, sin);
  const Reals r = radius(radius_bits);
  return {(Reals)((Bits)(r * first) ^ ((angle_bits ^ odd) & sign_bit)),
          (Reals)((Bits)(r * second) ^ (angle_bits & sign_bit))};
}

}  // namespace
}  // namespace hourglass::simd
