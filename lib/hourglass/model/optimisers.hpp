#pragma once

#include <hourglass/core/parameter.hpp>

namespace hourglass {

// Plain gradient descent: value -= learning_rate * grad.
struct Sgd {
  double learning_rate = 0.01;
  void step(Parameters parameters) const;
};

}  // namespace hourglass
