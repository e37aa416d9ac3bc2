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
    return penalty({half_squared_norm(add_row(product, tape.leaf(*all[2]))), all});
  };
  return result;
}

// On the code of a dense layer with an activation, of its weights and of the input.
GradientCase on_code(const std::string& covers, const std::string& setting, const Penalty& penalty,
                     Var (*activation)(Var)) {
  GradientCase result = on_arguments(covers, setting, {{4, 3}, {2, 3}}, [=](auto& x) {
    const Var code = activation(matmul(x[0], x[1], false, true));
    return penalty({half_squared_norm(code), {}, x[0], code});
  });
  result.allocates = covers == "contractive";
  return result;
}

}  // namespace

Group penalties() {
  return {
      "penalties",
      {"model/penalties.hpp"},
      {on_parameters("l2", "weights", l2(0.7)), on_parameters("l2", "biases too", l2(0.7, true)),
       on_parameters("l2_of", "by name", l2_of(0.7, {"decoder.W", "encoder.b"})),
       on_parameters("l1", "weights", l1(0.7)), on_parameters("l1", "biases too", l1(0.7, true)),
       on_parameters("product", "", product(0.7)),
       on_parameters("non_uniform_l2", "", non_uniform_l2({0.2, 0.9})),
       on_parameters("orthogonality", "wide and tall", orthogonality(0.3)),
       on_code("kl_sparsity", "sigmoid", kl_sparsity(0.1, 0.7), sigmoid),
       on_code("contractive", "tanh", contractive(0.7), tanh),
       on_code("contractive", "sigmoid", contractive(0.7), sigmoid)},
      {"Pass", "parameter_named", "penalty_named", "penalty_forms"}};
}

}  // namespace hourglass::gradients
