// Compiled once for each instruction set, with HOURGLASS_SIMD naming it: no standard or xtensor
// template may be used here (core/simd.hpp says why).

#include "simd.hpp"
#include "transcendental.hpp"

namespace hourglass {
namespace {

using namespace simd;

// Minimax polynomials (Remez), each with a relative error well below half an ulp:
//   expm1(r) = r + r^2 expm1_tail(r)                  for |r| <= log(2) / 2
//   erf(x)   = x erf_small(x^2)                       for |x| <= 1
//   erfc(x)  = exp(-x^2) erfc_large(1 / (x + 2))      for 1 <= x <= erf_end, absolute error
// log(2) = log_two_high + log_two_low: an exponent times the high part is exact.
#if HOURGLASS_SINGLE
constexpr Real log_two_high = 0x1.62e8p-1f, log_two_low = -0x1.e8082ep-16f;
constexpr Real expm1_tail[] = {0x1.fffffep-2f, 0x1.5554bp-3f, 0x1.555674p-5f, 0x1.122776p-7f,
                               0x1.6bec08p-10f};
constexpr Real erf_small[] = {0x1.20dd74p+0f, -0x1.81273ep-2f,  0x1.ce2cf8p-4f, -0x1.b7f90ep-6f,
                              0x1.5405b2p-8f, -0x1.a3f702p-11f, 0x1.496a3ap-14f};
constexpr Real erfc_large[] = {0x1.ddc03p-10f,  0x1.09eefap-1f, 0x1.96533ap+0f,
                               -0x1.080778p-1f, 0x1.45fae2p+3f, -0x1.d8ae7ep+2f};
constexpr Real exp_begin = -104, exp_end = 89, tanh_end = 10, erf_end = 4;
#else
constexpr Real log_two_high = 0x1.62e42feep-1, log_two_low = 0x1.a39ef35793c76p-33;
constexpr Real expm1_tail[] = {0x1.0000000000000p-1,  0x1.5555555555559p-3,  0x1.555555555553fp-5,
                               0x1.111111110f6dap-7,  0x1.6c16c16c1f073p-10, 0x1.a01a01afd3ea6p-13,
                               0x1.a01a017bc819dp-16, 0x1.71ddf87ea4a1cp-19, 0x1.27e53628d49a0p-22,
                               0x1.af5e7529a04a0p-26, 0x1.1ee88cd0e05e7p-29};
constexpr Real erf_small[] = {
    0x1.20dd750429b6dp+0,  -0x1.812746b0379bdp-2,  0x1.ce2f21a040d16p-4,  -0x1.b82ce311fa948p-6,
    0x1.565bccf92b40cp-8,  -0x1.c02db03dd9404p-11, 0x1.f9a2baa92930bp-14, -0x1.f4ca4d7157c71p-17,
    0x1.b97fd3eaabcc5p-20, -0x1.5c07274683743p-23, 0x1.d71b11045784bp-27, -0x1.abae4dc4327cdp-31};
constexpr Real erfc_large[] = {
    -0x1.a42d3de0fbd3fp-19, 0x1.20f61378909c6p-1, 0x1.1f8e4f005d965p+0,   0x1.077cc4135cbe5p+1,
    0x1.e5c0ca1db4cf4p+0,   0x1.3c6981e221b83p+3, -0x1.48f153f6377c4p+5,  0x1.4273aa46a3299p+7,
    -0x1.fed2ef06422c5p+8,  0x1.f164e3ab8dcd5p+9, -0x1.2041df9b4f91cp+10, 0x1.7601fb7ce773ap+9,
    -0x1.a8440ec12d9f0p+7};
constexpr Real exp_begin = -746, exp_end = 710, tanh_end = 22, erf_end = 6;
#endif

// Adding it rounds to an integer, and leaves that integer in the lowest bits of the mantissa.
constexpr Real rounder = Real(3) * (Bit{1} << (mantissa_bits - 1));

HOURGLASS_INLINE Reals rounded(Reals x) { return (x + rounder) - rounder; }

// 2^n for integers n whose power is a normal number.
HOURGLASS_INLINE Reals power_of_two(Reals n) {
  return (Reals)(((Bits)(n + rounder) << mantissa_bits) + one_bits);
}

// Comparisons with NaN are false: it passes.
HOURGLASS_INLINE Reals at_most(Reals x, Real limit) { return select(x > limit, all(limit), x); }
HOURGLASS_INLINE Reals at_least(Reals x, Real limit) { return select(x < limit, all(limit), x); }

// exp(x) = 2^exponent (1 + rest), |rest| <= sqrt(2) - 1.
struct Exponential {
  Reals exponent, rest;
};
HOURGLASS_INLINE Exponential exponential(Reals x) {
  const Reals n = rounded(x * Real(1.442695040888963407359925));
  const Reals r = multiply_add(n, all(-log_two_low), multiply_add(n, all(-log_two_high), x));
  return {n, multiply_add(r * r, polynomial(expm1_tail, r), r)};
}

// In two steps, because 2^exponent alone may be too large or too small to be a normal number.
HOURGLASS_INLINE Reals exp(Reals x) {
  const Exponential e = exponential(at_most(at_least(x, exp_begin), exp_end));
  const Reals half = rounded(e.exponent * Real(0.5));
  return (e.rest + Real(1)) * power_of_two(half) * power_of_two(e.exponent - half);
}

HOURGLASS_INLINE Reals sigmoid(Reals x) {
  const Reals decaying = exp((Reals)((Bits)x | sign_bit));  // exp(-|x|) cannot overflow
  return select(x < Real(0), decaying, all(1)) / (decaying + Real(1));
}

// With E = exp(2|x|) - 1, tanh |x| = E / (E + 2): E keeps its relative accuracy near zero.
HOURGLASS_INLINE Reals tanh(Reals x) {
  const Reals size = at_most(absolute(x), tanh_end);
  const Exponential e = exponential(size + size);
  const Reals power = power_of_two(e.exponent);
  const Reals grown = multiply_add(power, e.rest, power - Real(1));
  return with_sign_of(grown / (grown + Real(2)), x);
}

HOURGLASS_INLINE Reals erf(Reals x) {
  const Reals size = at_most(absolute(x), erf_end);
  const Reals square = size * size;
  const Reals small = size * polynomial(erf_small, square);
  const Exponential e = exponential(-square);
  const Reals gauss = (e.rest + Real(1)) * power_of_two(e.exponent);
  const Reals large = Real(1) - gauss * polynomial(erfc_large, Real(1) / (size + Real(2)));
  return with_sign_of(select(size < Real(1), small, large), x);
}

// The last few numbers go through a vector too, so that they get the same bits.
template <Reals (*f)(Reals)>
void each(const Number* x, Number* y, std::size_t n) {
  std::size_t i = 0;
  for (; i + reals <= n; i += reals) store(f(load(x + i)), y + i);
  if (i == n) return;
  Real last[reals] = {};
  for (std::size_t j = i; j < n; ++j) last[j - i] = x[j];
  store(f(load(last)), last);
  for (std::size_t j = i; j < n; ++j) y[j] = last[j - i];
}

}  // namespace

const Transcendental Transcendental::HOURGLASS_SIMD = {
    each<hourglass::tanh>, each<hourglass::sigmoid>, each<hourglass::erf>, each<hourglass::exp>};

}  // namespace hourglass
