#pragma once

#include <hourglass/core/array.hpp>

#include <span>
#include <string>

namespace hourglass {

// What training changes: a named matrix and the gradient of the last backward() beside it. A tape
// borrows it from leaf() to the end of the step: until then keep it where it is, and change its
// numbers but not its array.
struct Parameter {
  std::string name;
  Array value;
  Array grad = {};  // the shape of `value` once a tape has seen it
  // Filled by backward(), not yet used: an optimiser's step leaves parameters alone that no loss
  // since the step before involved.
  bool has_grad = false;
  bool bias = false;  // penalties leave biases alone unless asked
  double rate = 1;    // its learning rate, relative to the optimiser's
};

using Parameters = std::span<Parameter* const>;

}  // namespace hourglass
