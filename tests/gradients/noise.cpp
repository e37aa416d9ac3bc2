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

}  // namespace

Group noise() {
  const Stream stream{.seed = 3, .id = 1};
  return {"noise",
          {"model/noise.hpp"},
          {on_input("GaussianNoise", "", GaussianNoise{.variance = 0.3, .stream = stream})},
          {"Position"}};
}

}  // namespace hourglass::gradients
