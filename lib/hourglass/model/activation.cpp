#include <hourglass/core/error.hpp>
#include <hourglass/model/activation.hpp>
#include <hourglass/model/text_options.hpp>

#include <cmath>

namespace hourglass {
namespace {

struct Kind {
  const char* name;
  Activation::Kind kind;
};
constexpr Kind kinds[] = {{"linear", Activation::linear},
                          {"tanh", Activation::tanh},
                          {"sigmoid", Activation::sigmoid},
                          {"erf", Activation::erf},
                          {"relu", Activation::relu},
                          {"softplus", Activation::softplus},
                          {"elu", Activation::elu},
                          {"leaky_relu", Activation::leaky_relu},
                          {"hard_threshold", Activation::hard_threshold}};

bool has_parameter(Activation::Kind kind) {
  return kind == Activation::elu || kind == Activation::leaky_relu ||
         kind == Activation::hard_threshold;
}

double usual_parameter(Activation::Kind kind) {
  if (kind == Activation::hard_threshold)
    throw ArgumentError("hard_threshold: it has no usual threshold; state one");
  return kind == Activation::elu ? 1 : kind == Activation::leaky_relu ? 0.01 : 0;
}

}  // namespace

Activation::Activation(Kind kind) : kind(kind), parameter(usual_parameter(kind)) {}

Activation::Activation(Kind kind, double parameter) : kind(kind), parameter(parameter) {
  const bool may_be_negative = kind == leaky_relu;
  if (!has_parameter(kind)) throw ArgumentError("this activation has no parameter");
  if (!std::isfinite(parameter) || (parameter < 0 && !may_be_negative))
    throw ArgumentError("parameter " + std::to_string(parameter) +
                        " of an activation, expected a finite number" +
                        (may_be_negative ? "" : " that is not negative"));
}

Var Activation::operator()(Var x) const {
  switch (kind) {
    case linear:
      return x;
    case tanh:
      return hourglass::tanh(x);
    case sigmoid:
      return hourglass::sigmoid(x);
    case erf:
      return hourglass::erf(x);
    case relu:
      return hourglass::relu(x);
    case softplus:
      return hourglass::softplus(x);
    case elu:
      return hourglass::elu(x, parameter);
    case leaky_relu:
      return hourglass::leaky_relu(x, parameter);
    case hard_threshold:
      return hourglass::hard_threshold(x, parameter);
  }
  throw ArgumentError("activation: not one of the enumerators");
}

Activation activation_named(const std::string& text) {
  TextOptions option("activation", text);
  for (const Kind& known : kinds) {
    if (option.name() != known.name) continue;
    const Activation::Kind kind = known.kind;
    const auto parameter = [&]() -> double {
      if (kind == Activation::hard_threshold) return option.number("the threshold", not_negative);
      if (kind == Activation::elu) return option.number_or(1, "alpha", not_negative);
      return option.number_or(usual_parameter(kind), "the slope below 0");
    };
    const Activation result = has_parameter(kind) ? Activation(kind, parameter()) : kind;
    option.finish();
    return result;
  }
  option.unknown_name(
      "linear, tanh, sigmoid, erf, relu, softplus, elu[:ALPHA], leaky_relu[:SLOPE] or "
      "hard_threshold:THRESHOLD");
}

}  // namespace hourglass
