#include "matrix.hpp"
#include <hourglass/model/noise.hpp>

namespace hourglass::gradients {
namespace {

// With respect to the input: a noise layer may stand anywhere in a network.
GradientCase on_input(const std::string& covers, const std::string& setting,
                      const std::function<Var(Var, Position)>& noise) {
  return on_arguments(covers, setting, {{4, 3}},
                      [noise](auto& x) { return noise(x[0], {.step = 5, .row = 7}); });
}

// Between two dense layers, as in a network.
GradientCase on_hidden(const std::string& covers, const std::function<Var(Var, Position)>& noise) {
  return on_arguments(covers, "hidden", {{4, 3}, {3, 3}, {3, 2}}, [noise](auto& x) {
    const Var hidden = tanh(matmul(x[0], x[1]));
    return matmul(noise(hidden, {.step = 5, .row = 7}), x[2]);
  });
}

}  // namespace

Group noise() {
  const Stream stream{.seed = 3, .id = 1};
  const FeatureGaussianNoise features({0.1, 0, 2}, stream);
  Array64 factor = empty64({3, 2});
  for (std::size_t i = 0; i < 6; ++i) factor.data()[i] = 0.3 * double(i) - 0.8;
  const CorrelatedGaussianNoise correlated(factor, stream);
  const GaussianNoise gaussian{.variance = 0.3, .stream = stream};
  const MaskingNoise masking{.probability = 0.4, .stream = stream};
  const MaskingNoise rescaled{.probability = 0.4, .rescaled = true, .stream = stream};
  const SaltAndPepper salt{.probability = 0.5, .stream = stream};
  const MultiplicativeNoise multiplicative{.variance = 0.3, .stream = stream};
  const NestedDropout nested{.ratio = 0.6, .stream = stream};
  return {
      "noise",
      {"model/noise.hpp"},
      {on_input("GaussianNoise", "", gaussian), on_hidden("GaussianNoise", gaussian),
       on_input("FeatureGaussianNoise", "", features), on_hidden("FeatureGaussianNoise", features),
       on_input("CorrelatedGaussianNoise", "", correlated),
       on_hidden("CorrelatedGaussianNoise", correlated), on_input("MaskingNoise", "", masking),
       on_input("MaskingNoise", "rescaled", rescaled), on_hidden("MaskingNoise", rescaled),
       on_input("SaltAndPepper", "", salt), on_hidden("SaltAndPepper", salt),
       on_input("MultiplicativeNoise", "", multiplicative),
       on_hidden("MultiplicativeNoise", multiplicative), on_input("NestedDropout", "", nested),
       on_hidden("NestedDropout", nested)},
      {"Position", "noise_named", "noise_forms"}};
}

}  // namespace hourglass::gradients
