#pragma once

#include <hourglass/core/parameter.hpp>

namespace hourglass {

// Plain gradient descent: value -= learning_rate * grad, for each parameter whose gradient the last
// backward() filled; the others stay. Throws std::logic_error if a gradient has not its parameter's
// shape.
struct Sgd {
  double learning_rate = 0.01;
  void step(Parameters parameters) const;
};

}  // namespace hourglass
