#pragma once

#include <hourglass/core/number.hpp>

#include <cstddef>

namespace hourglass {

// y[i] = f(x[i]) for i < n; y may be x. Vectorised for the best instruction set of the machine.
// Within 4 ulp of the true value for every x, denormal results included; NaN stays NaN, infinities
// give their limits, tanh and erf keep the sign of zero. An element never depends on its
// neighbours, on n or on alignment. Between instruction sets results may differ by a few ulp.
void tanh_of(const Number* x, Number* y, std::size_t n);
void sigmoid_of(const Number* x, Number* y, std::size_t n);  // 1 / (1 + exp(-x))
void erf_of(const Number* x, Number* y, std::size_t n);
void exp_of(const Number* x, Number* y, std::size_t n);

// The same for one instruction set: kernels_for of core/instruction_set.hpp.
struct Transcendental {
  using Function = void (*)(const Number* x, Number* y, std::size_t n);
  Function tanh, sigmoid, erf, exp;
  static const Transcendental baseline, avx2, avx512;
};

}  // namespace hourglass
