// Compiled once for each instruction set, with HOURGLASS_SIMD naming it: no standard or xtensor
// template may be used here (core/simd.hpp says why).

#include "shallow_kernels.hpp"

namespace hourglass::theory::shallow {
namespace {

constexpr std::size_t lanes = HOURGLASS_VECTOR_BYTES / sizeof(double);
static_assert(row_multiple % lanes == 0);
typedef double Vector __attribute__((vector_size(HOURGLASS_VECTOR_BYTES)));

inline __attribute__((always_inline)) Vector load(const double* from) {
  Vector x;
  __builtin_memcpy(&x, from, sizeof x);
  return x;
}
inline __attribute__((always_inline)) void store(Vector x, double* to) {
  __builtin_memcpy(to, &x, sizeof x);
}
inline __attribute__((always_inline)) Vector all(double value) { return value - Vector{}; }

double total(Vector x) {
  double sum = x[0];
  for (std::size_t i = 1; i < lanes; ++i) sum += x[i];
  return sum;
}

// The overlaps of units (k, k2) with units (a, a2), one pass over the modes.
struct Tile {
  std::size_t k, k2, a, a2;
};
void overlap_tile(const double* ell, Amplitude at, Tile t, std::size_t units, std::size_t stride,
                  double* Q1, double* R1, double* T0) {
  const double *wk = at.w + t.k * stride, *wk2 = at.w + t.k2 * stride;
  const double *uk = at.u + t.k * stride, *uk2 = at.u + t.k2 * stride;
  const double *wa = at.w + t.a * stride, *wa2 = at.w + t.a2 * stride;
  const double *ua = at.u + t.a * stride, *ua2 = at.u + t.a2 * stride;
  Vector q[4] = {}, r[2] = {}, s[4] = {};
  for (std::size_t i = 0; i < stride; i += lanes) {
    const Vector scale = load(ell + i), x = scale * load(wk + i), x2 = scale * load(wk2 + i);
    const Vector y = load(uk + i), y2 = load(uk2 + i);
    q[0] += x * load(wa + i), q[1] += x * load(wa2 + i);
    q[2] += x2 * load(wa + i), q[3] += x2 * load(wa2 + i);
    r[0] += x * y, r[1] += x2 * y2;
    s[0] += y * load(ua + i), s[1] += y * load(ua2 + i);
    s[2] += y2 * load(ua + i), s[3] += y2 * load(ua2 + i);
  }
  const std::size_t row[4] = {t.k, t.k, t.k2, t.k2}, column[4] = {t.a, t.a2, t.a, t.a2};
  for (int j = 0; j < 4; ++j) {
    Q1[row[j] * units + column[j]] = Q1[column[j] * units + row[j]] = total(q[j]);
    T0[row[j] * units + column[j]] = T0[column[j] * units + row[j]] = total(s[j]);
  }
  R1[t.k] = total(r[0]), R1[t.k2] = total(r[1]);
}

// Units in pairs; an odd last one is paired with itself.
void overlaps(const double* ell, Amplitude at, std::size_t units, std::size_t stride, double* Q1,
              double* R1, double* T0) {
  const auto second = [&](std::size_t k) { return k + 1 < units ? k + 1 : k; };
  for (std::size_t k = 0; k < units; k += 2)
    for (std::size_t a = k; a < units; a += 2)
      overlap_tile(ell, at, {k, second(k), a, second(a)}, units, stride, Q1, R1, T0);
}

// The rates of units k and k2 (the same for an odd last one).
void rates_of_pair(const double* ell, Amplitude at, Coefficients by, std::size_t k, std::size_t k2,
                   std::size_t units, std::size_t stride, double* dw, double* du) {
  for (std::size_t i = 0; i < stride; i += lanes) {
    const Vector scale = load(ell + i), d = at.d ? load(at.d + i) : Vector{};
    Vector f = {}, f2 = {}, s = {}, s2 = {};
    for (std::size_t a = 0; a < units; ++a) {
      const Vector w = load(at.w + a * stride + i), u = load(at.u + a * stride + i);
      f += all(by.F[k * units + a]) * w, f2 += all(by.F[k2 * units + a]) * w;
      s += all(by.S[k * units + a]) * u, s2 += all(by.S[k2 * units + a]) * u;
    }
    const std::size_t j = k * stride + i, j2 = k2 * stride + i;
    const Vector g = all(by.G[k]) * scale, g2 = all(by.G[k2]) * scale;
    store(f * scale + g * load(at.u + j), dw + j);
    store(f2 * scale + g2 * load(at.u + j2), dw + j2);
    store(g * load(at.w + j) - s - all(by.m[k]) * d, du + j);
    store(g2 * load(at.w + j2) - s2 - all(by.m[k2]) * d, du + j2);
  }
}

void rates(const double* ell, Amplitude at, Coefficients by, std::size_t units, std::size_t stride,
           double* dw, double* du) {
  for (std::size_t k = 0; k < units; k += 2)
    rates_of_pair(ell, at, by, k, k + 1 < units ? k + 1 : k, units, stride, dw, du);
}

void add(double factor, const double* y, double* x, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) x[i] += factor * y[i];
}

}  // namespace

const Kernels Kernels::HOURGLASS_SIMD{shallow::overlaps, shallow::rates, shallow::add};

}  // namespace hourglass::theory::shallow
