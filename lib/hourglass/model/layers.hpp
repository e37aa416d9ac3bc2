#pragma once

#include <hourglass/core/ops.hpp>
#include <hourglass/model/activation.hpp>
#include <hourglass/model/noise.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace HOURGLASS_API hourglass {

// Which vectors of a weight have unit length in the forward map.
enum class UnitNorm { none, rows, columns };

// A dense layer without activation: y = scale x W^T + b for rows x. Copies share the parameters.
struct Dense {
  std::shared_ptr<Parameter> weight;  // outputs x inputs
  std::shared_ptr<Parameter> bias;    // 1 x outputs, or null
  bool transposed = false;            // y = scale x W + b: a tied decoder
  double scale = 1;                   // 1/sqrt(inputs): scaled pre-activations
  // W is used with its rows or columns over their norms, and the gradient flows through that. An
  // output's weights are a row of W, what an input contributes is a column.
  UnitNorm unit_norm = UnitNorm::none;

  // Parameters "name.W" and, if asked for, "name.b"; all zero. Throws ArgumentError if a
  // size is 0.
  Dense(const std::string& name, std::size_t inputs, std::size_t outputs, bool with_bias = false);

  // A layer back from outputs to inputs with the same weight, normalised in the same way, no scale
  // and a bias of its own ("name.b").
  Dense tied(const std::string& name, bool with_bias = false) const;

  Var operator()(Var x) const;                 // y
  std::vector<Parameter*> parameters() const;  // the weight, then the bias if there is one

 private:
  Dense() = default;
};

// Divides every row or column of a weight by its norm, e.g. after each step; a zero one stays. Of
// an encoder (hidden x inputs) each row, of a decoder each column belongs to one hidden unit.
void normalise_rows(Parameter& weight);
void normalise_columns(Parameter& weight);

template <class F>
concept LayerFunction = std::invocable<F&, Var> || std::invocable<F&, Var, Position>;

// Any callable Var -> Var as a layer; if it has parameters(), they are found. A callable
// (Var, Position) -> Var is a noise layer: it acts where a Position is given, which a loss does,
// and lets x pass where none is, which is evaluation.
class Layer {
 public:
  // Any callable Var -> Var, or (Var, Position) -> Var.
  template <LayerFunction F>
  requires(!std::same_as<std::remove_cvref_t<F>, Layer>) Layer(F f) {
    if constexpr (std::same_as<F, std::function<Var(Var, Position)>>)
      if (!f) f = [](Var x, Position) { return x; };      // the noise "none"
    const auto held = std::make_shared<F>(std::move(f));  // stays put, with parameters it may own
    if constexpr (requires { held->parameters(); }) {
      const auto found = held->parameters();
      parameters_.assign(found.begin(), found.end());
    }
    call_ = [held](Var x, const Position* position) {
      if constexpr (std::invocable<F&, Var, Position>)
        if (position) return Var((*held)(x, *position));
      if constexpr (std::invocable<F&, Var>)
        return Var((*held)(x));
      else
        return x;
    };
  }
  // That activation, without a number of its own.
  Layer(Activation::Kind kind) : Layer(Activation(kind)) {}

  // Without and with noise, and what parameters were found.
  Var operator()(Var x) const { return call_(x, nullptr); }
  Var operator()(Var x, Position position) const { return call_(x, &position); }
  const std::vector<Parameter*>& parameters() const { return parameters_; }

 private:
  std::function<Var(Var x, const Position*)> call_;
  std::vector<Parameter*> parameters_;
};

// Layers, one after the other; itself a layer. Noise layers act only if a Position is given.
class Sequence {
 public:
  // In the order in which they are applied.
  Sequence(std::vector<Layer> layers) : layers_(std::move(layers)) {}
  // All layers, one after the other.
  Var operator()(Var x) const;
  // The same for rows that start at position.row.
  Var operator()(Var x, Position position) const;
  // As they are applied.
  const std::vector<Layer>& layers() const { return layers_; }
  // Each once, in the order of the layers.
  std::vector<Parameter*> parameters() const;

 private:
  std::vector<Layer> layers_;
};

}  // namespace hourglass
