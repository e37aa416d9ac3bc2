#include "matrix.hpp"
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/layers.hpp>

#include <memory>

namespace hourglass::gradients {
namespace {

// Of the given parameters and of the input, all random.
GradientCase on_input(const std::string& covers, const std::string& setting,
                      const std::function<Var(Var)>& f, std::vector<Parameter*> parameters,
                      std::size_t inputs) {
  const auto x = std::make_shared<Parameter>(Parameter{"x", random({3, inputs}, 1)});
  std::uint64_t seed = 2;
  for (Parameter* p : parameters) p->value = random(shape_of(p->value), seed++);
  parameters.push_back(x.get());
  return {covers, setting, [f, x](Tape& tape) { return f(tape.leaf(*x)); }, parameters};
}

GradientCase on_layer(const std::string& covers, const std::string& setting, const Layer& layer,
                      std::size_t inputs) {
  return on_input(covers, setting, layer, layer.parameters(), inputs);
}

GradientCase on_sequence() {
  const Dense first("first", 4, 3, true), second("second", 3, 2);
  std::vector<Parameter*> parameters = first.parameters();
  parameters.push_back(second.weight.get());
  return on_input("Sequence", "two dense layers and tanh",
                  Sequence({first, Activation::tanh, second}), parameters, 4);
}

std::vector<GradientCase> activations() {
  std::vector<GradientCase> result;
  for (const char* name : {"linear", "tanh", "sigmoid", "erf", "relu", "softplus", "elu:0.7",
                           "leaky_relu:0.1", "hard_threshold:0.1"}) {
    const Activation activation = activation_named(name);
    result.push_back(on_arguments("Activation", name, {{3, 2}},
                                  [activation](auto& x) { return activation(x[0]); }));
  }
  return result;
}

Dense normalised(Dense layer, UnitNorm unit_norm) {
  layer.unit_norm = unit_norm;
  layer.scale = 0.5;
  return layer;
}

// The whole model, from its parameters to the loss.
GradientCase on_autoencoder(const std::string& covers, const std::string& setting,
                            Autoencoder made) {
  const auto model = std::make_shared<Autoencoder>(std::move(made));
  const auto x = std::make_shared<Array>(random({5, 4}, 1));
  std::uint64_t seed = 2;
  for (Parameter* p : model->parameters()) p->value = random(shape_of(p->value), seed++);
  const Parameters parameters = model->parameters();
  return {covers,
          setting,
          [model, x](Tape& tape) { return model->loss(tape, *x); },
          {parameters.begin(), parameters.end()}};
}

std::function<Noise(Stream)> noise(const char* text) {
  return [text](Stream stream) { return noise_named(text, stream); };
}

std::vector<GradientCase> models() {
  const AutoencoderOptions untied{.activation = Activation::tanh, .biases = true};
  const AutoencoderOptions tied{.activation = Activation::sigmoid, .tied = true, .biases = true};
  const AutoencoderOptions all{.activation = Activation::tanh,
                               .tied = true,
                               .biases = true,
                               .code = Activation::linear,
                               .output = Activation::sigmoid,
                               .scaled = true,
                               .unit_norm = true,
                               .hidden_noise = noise("masking:0.3:rescaled"),
                               .code_noise = noise("nested_dropout:0.6"),
                               .stream = {.seed = 5}};
  Autoencoder noisy = linear_autoencoder(4, 2);
  noisy.corrupt = GaussianNoise{.variance = 0.2, .stream = {.seed = 3, .id = 4}};
  noisy.penalties = {l2(0.1)};
  std::vector<GradientCase> result;
  result.push_back(on_autoencoder("shallow_autoencoder", "", shallow_autoencoder(4, 3, untied)));
  result.push_back(on_autoencoder("shallow_autoencoder", "tied", shallow_autoencoder(4, 3, tied)));
  result.push_back(on_autoencoder("linear_autoencoder", "", linear_autoencoder(4, 2)));
  result.push_back(on_autoencoder("Autoencoder", "noise and decay", std::move(noisy)));
  result.push_back(on_autoencoder("deep_autoencoder", "", deep_autoencoder({4, 3, 2}, untied)));
  result.push_back(
      on_autoencoder("deep_autoencoder", "every option", deep_autoencoder({4, 3, 2}, all)));
  result.push_back(on_autoencoder("Stack", "level", deep_stack({4, 4, 2}, tied).level(1)));
  result.push_back(on_autoencoder("deep_stack", "", deep_stack({4, 3, 2}, tied).whole()));
  return result;
}

}  // namespace

Group layers() {
  const Dense plain("layer", 4, 2), biased("layer", 4, 2, true);
  Group group{"layers",
              {"model/activation.hpp", "model/layers.hpp", "model/autoencoder.hpp"},
              {on_layer("Dense", "", plain, 4), on_layer("Dense", "bias", biased, 4),
               on_layer("Dense", "tied", plain.tied("back"), 2),
               on_layer("Dense", "tied, bias", biased.tied("back", true), 2),
               on_layer("Dense", "unit rows, scaled", normalised(plain, UnitNorm::rows), 4),
               on_layer("Dense", "unit columns, scaled", normalised(plain, UnitNorm::columns), 4),
               on_layer("Layer", "of a function", Layer([](Var x) { return tanh(x) * x; }), 2),
               on_layer("Layer", "of an activation", Activation::erf, 2), on_sequence()},
              {"activation_named", "activation_forms", "AutoencoderOptions", "normalise_rows",
               "normalise_columns"}};
  for (const auto& part : {activations(), models()})
    group.cases.insert(group.cases.end(), part.begin(), part.end());
  return group;
}

}  // namespace hourglass::gradients
