#include "matrix.hpp"
#include <hourglass/model/penalties.hpp>

#include <memory>

namespace hourglass::gradients {
namespace {

// Added to a loss of its own, with a weight, its transpose's partner and a bias.
GradientCase on_parameters(const std::string& covers, const std::string& setting,
                           const Penalty& penalty) {
  const auto held = std::make_shared<std::vector<Parameter>>();
  held->push_back({.name = "encoder.W", .value = random({2, 3}, 1)});
  held->push_back({.name = "decoder.W", .value = random({3, 2}, 2)});
  held->push_back({.name = "encoder.b", .value = random({1, 2}, 3), .bias = true});
  GradientCase result{covers, setting, {}, {}};
  for (Parameter& p : *held) result.parameters.push_back(&p);
  result.function = [held, penalty, all = result.parameters](Tape& tape) {
    const Var product = matmul(tape.leaf(*all[0]), tape.leaf(*all[1]));
    return penalty(half_squared_norm(add_row(product, tape.leaf(*all[2]))), all);
  };
  return result;
}

}  // namespace

Group penalties() {
  return {
      "penalties",
      {"model/penalties.hpp"},
      {on_parameters("l2", "weights", l2(0.7)), on_parameters("l2", "biases too", l2(0.7, true))},
      {}};
}

}  // namespace hourglass::gradients
