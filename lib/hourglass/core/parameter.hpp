#pragma once

#include <hourglass/core/array.hpp>

#include <span>
#include <string>

namespace hourglass {

// What training changes: a named matrix and the gradient of the last backward() beside it.
// A tape refers to it by address while it is being recorded, so keep it where it is.
struct Parameter {
  std::string name;
  Array value;
  Array grad = {};    // the shape of `value` once a tape has seen it
  bool bias = false;  // penalties leave biases alone unless asked
};

using Parameters = std::span<Parameter* const>;

}  // namespace hourglass
