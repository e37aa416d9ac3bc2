#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>

namespace hourglass {

// Adds itself to a loss (1x1): takes the loss so far and the model's parameters, returns the sum.
using Penalty = std::function<Var(Var loss, Parameters parameters)>;

// Weight decay as a penalty: gamma/2 ||W||^2 for every parameter that is not a bias (with `biases`:
// for those as well). Throws std::invalid_argument if gamma is not finite.
Penalty l2(double gamma, bool biases = false);

}  // namespace hourglass
