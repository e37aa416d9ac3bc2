#pragma once

#include <cstddef>

// The loops over modes of the amplitude equations, compiled once for each instruction set. Rows
// are `stride` numbers apart, a multiple of `row_multiple`; what a mode lacks to that is zero.
namespace hourglass::theory::shallow {

inline constexpr std::size_t row_multiple = 8;

struct Amplitude {
  const double *w, *u;  // K rows each
  const double* d;      // decoder bias, or null
};

// Coefficients of docs/theory/nonlinear.md, section 3.2, times the learning rate: K x K and K.
struct Coefficients {
  const double *F, *S, *G, *m;
};

struct Kernels {
  // Q1 = w diag(ell) w^T, the diagonal of R1 = u diag(ell) w^T, and T0 = u u^T.
  void (*overlaps)(const double* ell, Amplitude at, std::size_t units, std::size_t stride,
                   double* Q1, double* R1, double* T0);
  // dw = (F w + diag(G) u) diag(ell), du = diag(G) w diag(ell) - S u - m d.
  void (*rates)(const double* ell, Amplitude at, Coefficients by, std::size_t units,
                std::size_t stride, double* dw, double* du);
  // x += factor y.
  void (*add)(double factor, const double* y, double* x, std::size_t size);
  static const Kernels baseline, avx2, avx512;
};

const Kernels& kernels();  // the best of this machine

}  // namespace hourglass::theory::shallow
