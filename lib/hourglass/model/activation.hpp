#pragma once

#include <hourglass/core/ops.hpp>

#include <string>

namespace HOURGLASS_API hourglass {

// An elementwise nonlinearity; derivatives at kinks are those of the ops (core/ops.hpp).
struct Activation {
  enum Kind { linear, tanh, sigmoid, erf, relu, softplus, elu, leaky_relu, hard_threshold };

  Kind kind = linear;  // which of them
  // elu: alpha; leaky_relu: the slope below 0; hard_threshold: the threshold. Others: unused.
  double parameter = 0;

  // With the field's default: elu 1, leaky_relu 0.01. hard_threshold has none and throws
  // ArgumentError.
  Activation(Kind kind = linear);
  // Throws ArgumentError for a kind without parameter, or a parameter that is not finite
  // (or, for elu and hard_threshold, negative).
  Activation(Kind kind, double parameter);

  Var operator()(Var x) const;  // of each entry
  bool operator==(const Activation&) const = default;
};

// "tanh", "leaky_relu", "leaky_relu:0.1", ...: the enumerator's name, and a parameter for those
// that have one; activation_forms() lists them, for the help of a command line. Throws InputError
// naming what was found and expected.
Activation activation_named(const std::string& text);
std::string activation_forms();

}  // namespace hourglass
