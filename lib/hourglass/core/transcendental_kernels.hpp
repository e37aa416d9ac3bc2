#pragma once

// The functions of transcendental.hpp for each instruction set. Not installed.

#include <hourglass/core/instruction_set.hpp>
#include <hourglass/core/number.hpp>

#include <cstddef>

namespace hourglass::transcendental {

using Function = void (*)(const Number* x, Number* y, std::size_t n);

struct Kernels {
  Function tanh, sigmoid, erf, exp;
};

// Throws ArgumentError if this machine lacks the instruction set. Tests compare the sets
// through this; the functions of transcendental.hpp always use the best one.
const Kernels& kernels(InstructionSet set);

}  // namespace hourglass::transcendental
