#include <hourglass/core/jacobian.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>

#include <functional>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr bool single = sizeof(Real) == sizeof(float);

Array normals(Shape shape, std::uint64_t seed) {
  Array x = empty(shape);
  Stream{.seed = seed}.normals(0, 0, x);
  return x;
}

Autoencoder network() {
  Autoencoder model = shallow_autoencoder(5, 3, {.activation = Activation::tanh, .biases = true});
  init::gaussian(model.parameters(), 0.6, {.seed = 2});
  return model;
}

// Against central differences at one sample of five features.
void require_jacobian(const std::function<Var(Var)>& f, std::size_t outputs) {
  const double step = single ? 1e-2 : 1e-4;
  Array x = normals({1, 5}, 1);
  const Array64 found = jacobian(f, x);
  REQUIRE(shape_of(found) == Shape{outputs, 5});
  Tape tape;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t k = 0; k < outputs; ++k) {
      const Real start = x(0, i);
      const auto at = [&](double c) {
        x(0, i) = static_cast<Real>(double(start) + c);
        tape.begin();
        return double(f(tape.constant(x)).value()(0, k));
      };
      const double difference = (at(step) - at(-step)) / (2 * step);
      x(0, i) = start;
      CHECK(found(k, i) == doctest::Approx(difference).epsilon(single ? 2e-3 : 1e-6));
    }
}

}  // namespace

TEST_CASE("jacobian: encoder and whole network against differences") {
  const Autoencoder model = network();
  require_jacobian([&](Var v) { return model.code(v); }, 3);
  require_jacobian([&](Var v) { return model.reconstruct(v); }, 5);
}

TEST_CASE(
    "jacobian: of a linear network it is the product of its weights; no gradient is touched") {
  Autoencoder model = linear_autoencoder(4, 2);
  init::gaussian(model.parameters(), 0.6, {.seed = 2});
  const Array64 found = jacobian([&](Var v) { return model.reconstruct(v); }, normals({1, 4}, 1));
  const Array64 product = kernels::product(to_double(model.parameter("decoder.W").value),
                                           to_double(model.parameter("encoder.W").value));
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found.data()[i] == doctest::Approx(product.data()[i]).epsilon(1e-6));
  for (const Parameter* p : model.parameters()) CHECK_FALSE(p->has_grad);
}

TEST_CASE("jacobian: more than one sample is refused by name") {
  CHECK_THROWS_WITH_AS(jacobian([](Var v) { return v; }, normals({2, 3}, 1)),
                       "jacobian: expected one row, found constant (2x3) and constant (2x3)",
                       std::invalid_argument);
  CHECK_THROWS_AS(jacobian([](Var v) { return transpose(v); }, normals({1, 3}, 1)),
                  std::invalid_argument);
}

TEST_CASE("gradient noise: of one weight it is known") {
  // 1/2 (x - w x)^2: g = -(1 - w) x^2, so its variance is (1 - w)^2 times that of x^2
  Parameter w{"w", scalar(Real(0.25))};
  Parameter* all = &w;
  const std::vector<double> x{1, 2, 3, -4};
  const auto noise = gradient_noise(
      [&](Tape& t, std::size_t b) {
        return half_squared_norm((1.0 - t.leaf(w)) * static_cast<double>(x[b]));
      },
      {&all, 1}, x.size());
  const double mean = 30.0 / 4, square = (1 + 16 + 81 + 256) / 4.0;
  CHECK(noise.mean(0, 0) == doctest::Approx(-0.75 * mean).epsilon(1e-6));
  CHECK(noise.covariance(0, 0) == doctest::Approx(0.5625 * (square - mean * mean)).epsilon(1e-6));
}

TEST_CASE("gradient noise: over more samples than a block, against gradients taken one by one") {
  const Autoencoder model = network();
  const std::size_t samples = 300;
  const Array x = normals({samples, 5}, 1);
  const auto loss = [&](Tape& t, std::size_t b) {
    return model.loss(t, borrow(x.data() + b * 5, {1, 5}), b);
  };
  const GradientNoise noise = gradient_noise(loss, model.parameters(), samples);
  for (const Parameter* p : model.parameters()) CHECK_FALSE(p->has_grad);

  // two numbers of two parameters: encoder.W (1, 2) is number 7, decoder.W (0, 1) is number 19
  std::vector<double> g, h;
  Tape tape;
  for (std::size_t b = 0; b < samples; ++b) {
    tape.begin();
    tape.backward(loss(tape, b));
    g.push_back(model.parameter("encoder.W").grad(1, 2));
    h.push_back(model.parameter("decoder.W").grad(0, 1));
  }
  double mean_g = 0, mean_h = 0, covariance = 0, variance = 0;
  for (std::size_t b = 0; b < samples; ++b) mean_g += g[b] / samples, mean_h += h[b] / samples;
  for (std::size_t b = 0; b < samples; ++b) {
    covariance += (g[b] - mean_g) * (h[b] - mean_h) / samples;
    variance += (g[b] - mean_g) * (g[b] - mean_g) / samples;
  }
  CHECK(shape_of(noise.covariance) == Shape{38, 38});
  CHECK(noise.mean(0, 7) == doctest::Approx(mean_g).epsilon(1e-6));
  CHECK(noise.mean(0, 19) == doctest::Approx(mean_h).epsilon(1e-6));
  CHECK(noise.covariance(7, 19) == doctest::Approx(covariance).epsilon(1e-6));
  CHECK(noise.covariance(19, 7) == doctest::Approx(covariance).epsilon(1e-6));
  CHECK(noise.covariance(7, 7) == doctest::Approx(variance).epsilon(1e-6));
  CHECK_THROWS_AS(gradient_noise(loss, model.parameters(), 0), std::invalid_argument);
}
