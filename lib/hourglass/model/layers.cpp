#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/model/layers.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

std::shared_ptr<Parameter> zeros(const std::string& name, Shape shape, bool bias) {
  return std::make_shared<Parameter>(
      Parameter{.name = name, .value = filled(shape, 0), .bias = bias});
}

Var normalised(Var weight, UnitNorm which) {
  if (which == UnitNorm::rows) return normalise_rows(weight);
  if (which == UnitNorm::columns) return normalise_columns(weight);
  return weight;
}

}  // namespace

Dense::Dense(const std::string& name, std::size_t inputs, std::size_t outputs, bool with_bias)
    : weight(zeros(name + ".W", {outputs, inputs}, false)),
      bias(with_bias ? zeros(name + ".b", {1, outputs}, true) : nullptr) {
  if (inputs == 0 || outputs == 0)
    throw ArgumentError("dense layer " + name + ": sizes must be positive, found " +
                        std::to_string(inputs) + " inputs and " + std::to_string(outputs) +
                        " outputs");
}

Dense Dense::tied(const std::string& name, bool with_bias) const {
  Dense result;
  result.weight = weight;
  result.transposed = !transposed;
  result.unit_norm = unit_norm;
  const Shape shape = shape_of(weight->value);
  const std::size_t outputs = result.transposed ? shape.columns : shape.rows;
  if (with_bias) result.bias = zeros(name + ".b", {1, outputs}, true);
  return result;
}

Var Dense::operator()(Var x) const {
  Tape& tape = tape_of(x);
  const Var w = normalised(tape.leaf(*weight), unit_norm);
  Var y = matmul(x, w, false, !transposed);
  if (scale != 1) y = scale * y;
  return bias ? add_row(y, tape.leaf(*bias)) : y;
}

std::vector<Parameter*> Dense::parameters() const {
  if (bias) return {weight.get(), bias.get()};
  return {weight.get()};
}

namespace {

// `count` vectors of `length` numbers each, `step` apart; vector k begins at k * stride.
void normalise(Real* data, std::size_t count, std::size_t stride, std::size_t length,
               std::size_t step) {
  for (std::size_t k = 0; k < count; ++k) {
    Real* vector = data + k * stride;
    double squares = 0, norm = 0;
    for (std::size_t i = 0; i < length; ++i)
      squares += static_cast<double>(vector[i * step]) * static_cast<double>(vector[i * step]);
    if (kernels::squares_hold(squares)) {
      const Real factor = static_cast<Real>(1 / std::sqrt(squares));
      for (std::size_t i = 0; i < length; ++i) vector[i * step] *= factor;
      continue;
    }
    for (std::size_t i = 0; i < length; ++i) norm = std::hypot(norm, double(vector[i * step]));
    for (std::size_t i = 0; i < length && norm > 0; ++i)
      vector[i * step] = static_cast<Real>(double(vector[i * step]) / norm);
  }
}

}  // namespace

void normalise_rows(Parameter& weight) {
  const Shape shape = shape_of(weight.value);
  normalise(weight.value.data(), shape.rows, shape.columns, shape.columns, 1);
}

void normalise_columns(Parameter& weight) {
  const Shape shape = shape_of(weight.value);
  normalise(weight.value.data(), shape.columns, 1, shape.rows, shape.columns);
}

Var Sequence::operator()(Var x) const {
  for (const Layer& layer : layers_) x = layer(x);
  return x;
}

Var Sequence::operator()(Var x, Position position) const {
  for (const Layer& layer : layers_) x = layer(x, position);
  return x;
}

std::vector<Parameter*> Sequence::parameters() const {
  std::vector<Parameter*> result;
  for (const Layer& layer : layers_)
    for (Parameter* p : layer.parameters())
      if (std::find(result.begin(), result.end(), p) == result.end()) result.push_back(p);
  return result;
}

}  // namespace hourglass
