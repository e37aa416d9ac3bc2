#include <hourglass/model/layers.hpp>

#include <stdexcept>

namespace hourglass {
namespace {

std::shared_ptr<Parameter> zeros(const std::string& name, Shape shape, bool bias) {
  return std::make_shared<Parameter>(
      Parameter{.name = name, .value = filled(shape, 0), .bias = bias});
}

}  // namespace

Dense::Dense(const std::string& name, std::size_t inputs, std::size_t outputs, bool with_bias)
    : weight(zeros(name + ".W", {outputs, inputs}, false)),
      bias(with_bias ? zeros(name + ".b", {1, outputs}, true) : nullptr) {
  if (inputs == 0 || outputs == 0)
    throw std::invalid_argument("dense layer " + name + ": sizes must be positive, found " +
                                std::to_string(inputs) + " inputs and " + std::to_string(outputs) +
                                " outputs");
}

Dense Dense::tied(const std::string& name, bool with_bias) const {
  Dense result;
  result.weight = weight;
  result.transposed = !transposed;
  const Shape shape = shape_of(weight->value);
  const std::size_t outputs = result.transposed ? shape.columns : shape.rows;
  if (with_bias) result.bias = zeros(name + ".b", {1, outputs}, true);
  return result;
}

Var Dense::operator()(Var x) const {
  Tape& tape = tape_of(x);
  const Var y = matmul(x, tape.leaf(*weight), false, !transposed);
  return bias ? add_row(y, tape.leaf(*bias)) : y;
}

std::vector<Parameter*> Dense::parameters() const {
  if (bias) return {weight.get(), bias.get()};
  return {weight.get()};
}

Activation activation_named(const std::string& name) {
  if (name == "linear") return Activation::linear;
  if (name == "tanh") return Activation::tanh;
  if (name == "sigmoid") return Activation::sigmoid;
  if (name == "erf") return Activation::erf;
  if (name == "relu") return Activation::relu;
  throw std::invalid_argument("activation: found '" + name +
                              "', expected linear, tanh, sigmoid, erf or relu");
}

Var activate(Activation activation, Var x) {
  switch (activation) {
    case Activation::linear:
      return x;
    case Activation::tanh:
      return tanh(x);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::erf:
      return erf(x);
    case Activation::relu:
      return relu(x);
  }
  throw std::invalid_argument("activation: not one of the enumerators");
}

}  // namespace hourglass
