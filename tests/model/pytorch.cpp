#include "paths.hpp"
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/optimiser.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

// The numbers in tests/golden/pytorch.json are PyTorch's: benchmarks/peers/pytorch_trajectories.py
// has the same networks, data and weights, and says what PyTorch defines otherwise.
using namespace hourglass;

namespace {

Array fractions(std::size_t k, Shape shape) {
  Array w = empty(shape);
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < shape.columns; ++j)
      w(i, j) = (static_cast<Real>((13 * i + 7 * j + 5 * k) % 19) - 9) / 32;
  return w;
}

Array shares(std::size_t features) {
  Array x = empty({10, features});
  for (std::size_t b = 0; b < 10; ++b)
    for (std::size_t d = 0; d < features; ++d)
      x(b, d) = static_cast<Real>((11 * b + 5 * d * d + 3 * b * d) % 17) / 16;
  return x;
}

Autoencoder network(const std::string& name) {
  Autoencoder model =
      name == "linear" ? shallow_autoencoder(6, 3, {.biases = false})
      : name == "tanh"
          ? deep_autoencoder({7, 5, 2}, {.activation = Activation::tanh, .biases = true})
          : shallow_autoencoder(6, 4,
                                {.activation = Activation::relu,
                                 .tied = true,
                                 .biases = true,
                                 .output = Activation::sigmoid});
  if (name == "tanh") model.error = mean_squared_error;
  if (name == "relu") {
    model.error = cross_entropy;
    model.penalties = {l2(0.01)};
  }
  std::size_t k = 0;
  for (Parameter* p : model.parameters()) p->value = fractions(k++, shape_of(p->value));
  return model;
}

// Sums of squares and of weights times -2.5, -1.5, ..., 1.5, -2.5, ...
struct Sums {
  double squares = 0, mixed = 0;
  explicit Sums(Parameters parameters) {
    std::size_t k = 0;
    for (const Parameter* p : parameters)
      for (const Real w : p->value) {
        squares += double(w) * double(w);
        mixed += (double(k++ % 5) - 2.5) * double(w);
      }
  }
};

// The largest relative difference from what PyTorch found.
double difference(const nlohmann::json& run, const std::vector<std::size_t>& steps) {
  const Autoencoder model = network(run["network"]);
  const Array x = shares(shape_of(model.parameters()[0]->value).columns);
  Optimiser optimiser = optimiser_named(run["optimiser"]);
  optimiser.schedule = schedule_named(run["schedule"]);
  Tape tape;
  double worst = 0;
  std::size_t shown = 0;
  for (std::size_t t = 0; t <= steps.back(); ++t) {
    tape.begin(t);
    const Var loss = model.loss(tape, x);
    if (t == steps[shown]) {
      const double expected = run["losses"][shown++];
      worst = std::max(worst, std::abs(double(loss.item()) / expected - 1));
    }
    tape.backward(loss);
    optimiser.step(model.parameters());
  }
  const Sums found(model.parameters());
  const double squares = run["squares"], mixed = run["mixed"];
  return std::max({worst, std::abs(found.squares / squares - 1),
                   std::abs(found.mixed - mixed) / std::sqrt(squares)});
}

}  // namespace

TEST_CASE("pytorch: the same trajectories, of every optimiser and schedule") {
  const auto golden = nlohmann::json::parse(std::ifstream(GOLDEN_DIR "/pytorch.json"));
  const std::vector<std::size_t> steps = golden["steps"];
  REQUIRE(golden["runs"].size() == 48);
  double worst = 0;
  for (const auto& run : golden["runs"]) {
    const double off = difference(run, steps);
    const std::string name = std::string(run["network"]) + ", " + std::string(run["optimiser"]) +
                             ", " + std::string(run["schedule"]);
    CAPTURE(name);
    CHECK(off < (sizeof(Real) == sizeof(float) ? 1e-3 : 1e-12));
    worst = std::max(worst, off);
  }
  MESSAGE("largest relative difference ", worst);
}
