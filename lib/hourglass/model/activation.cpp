#include <hourglass/core/error.hpp>
#include <hourglass/model/activation.hpp>
#include <hourglass/model/text_options.hpp>

#include <cmath>

namespace hourglass {
namespace {

using Kind = Activation::Kind;

struct Row {
  Kind kind;
  const char* form;
  Var (*apply)(Var x, double parameter);
  const char* meaning = nullptr;  // of the parameter, if there is one
  double usual = 0;               // NaN: it has to be stated
  Interval allowed = any_number;
};

template <Var (*f)(Var)>
Var without(Var x, double) {
  return f(x);
}

constexpr Row rows[] = {
    {Kind::linear, "linear", [](Var x, double) { return x; }},
    {Kind::tanh, "tanh", without<hourglass::tanh>},
    {Kind::sigmoid, "sigmoid", without<hourglass::sigmoid>},
    {Kind::erf, "erf", without<hourglass::erf>},
    {Kind::relu, "relu", without<hourglass::relu>},
    {Kind::softplus, "softplus", without<hourglass::softplus>},
    {Kind::elu, "elu[:ALPHA]", [](Var x, double p) { return elu(x, p); }, "alpha", 1, not_negative},
    {Kind::leaky_relu, "leaky_relu[:SLOPE]", [](Var x, double p) { return leaky_relu(x, p); },
     "the slope below 0", 0.01},
    {Kind::hard_threshold, "hard_threshold:THRESHOLD",
     [](Var x, double p) { return hard_threshold(x, p); }, "the threshold", NAN, not_negative},
};

const Row& row_of(Kind kind) {
  for (const Row& row : rows)
    if (row.kind == kind) return row;
  throw ArgumentError("activation: not one of the enumerators");
}

}  // namespace

Activation::Activation(Kind kind) : kind(kind), parameter(row_of(kind).usual) {
  if (std::isnan(parameter))
    throw ArgumentError(name_in(row_of(kind).form) + ": " + row_of(kind).meaning +
                        " has no usual value; state one");
}

Activation::Activation(Kind kind, double parameter) : kind(kind), parameter(parameter) {
  const Row& row = row_of(kind);
  if (row.meaning == nullptr) throw ArgumentError(std::string(row.form) + " has no parameter");
  require_within(name_in(row.form).c_str(), row.meaning, parameter, row.allowed);
}

Var Activation::operator()(Var x) const { return row_of(kind).apply(x, parameter); }

Activation activation_named(const std::string& text) {
  TextOptions option("activation", text);
  for (const Row& row : rows) {
    if (name_in(row.form) != option.name()) continue;
    Activation result;
    result.kind = row.kind;
    if (row.meaning && std::isnan(row.usual))
      result.parameter = option.number(row.meaning, row.allowed);
    else if (row.meaning)
      result.parameter = option.number_or(row.usual, row.meaning, row.allowed);
    option.finish();
    return result;
  }
  option.unknown_name(activation_forms());
}

std::string activation_forms() {
  std::vector<std::string> all;
  for (const Row& row : rows) all.push_back(row.form);
  return alternatives(all);
}

}  // namespace hourglass
