#pragma once

#include <hourglass/core/ops.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace hourglass {

// A dense layer without activation: y = x W^T + b for rows x. Copies share the parameters.
struct Dense {
  std::shared_ptr<Parameter> weight;  // outputs x inputs
  std::shared_ptr<Parameter> bias;    // 1 x outputs, or null
  bool transposed = false;            // y = x W + b: a tied decoder

  // Parameters "name.W" and, if asked for, "name.b"; all zero. Throws std::invalid_argument if a
  // size is 0.
  Dense(const std::string& name, std::size_t inputs, std::size_t outputs, bool with_bias = false);

  // A layer back from outputs to inputs with the same weight and a bias of its own ("name.b").
  Dense tied(const std::string& name, bool with_bias = false) const;

  Var operator()(Var x) const;
  std::vector<Parameter*> parameters() const;

 private:
  Dense() = default;
};

enum class Activation { linear, tanh, sigmoid, erf, relu };

// By the enumerator's name; throws std::invalid_argument naming the five.
Activation activation_named(const std::string& name);
Var activate(Activation activation, Var x);

// Any callable Var -> Var as a layer; if it has parameters(), they are found.
class Layer {
 public:
  template <class F>
  requires(std::invocable<F&, Var> && !std::same_as<std::remove_cvref_t<F>, Layer>) Layer(F f) {
    const auto held = std::make_shared<F>(std::move(f));  // stays put, with parameters it may own
    if constexpr (requires { held->parameters(); }) parameters_ = held->parameters();
    call_ = [held](Var x) { return (*held)(x); };
  }
  Layer(Activation activation) : call_([activation](Var x) { return activate(activation, x); }) {}

  Var operator()(Var x) const { return call_(x); }
  const std::vector<Parameter*>& parameters() const { return parameters_; }

 private:
  std::function<Var(Var)> call_;
  std::vector<Parameter*> parameters_;
};

}  // namespace hourglass
