#include <hourglass/core/error.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/random/stream.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr double precision = sizeof(Real) == sizeof(float) ? 1e-5 : 1e-13;
constexpr std::size_t B = 3, D = 4;

Array uniform(Shape shape, std::uint64_t seed) {
  Array x = empty(shape);
  Stream{.seed = seed}.uniforms(0, 0, x);
  return x;
}

double sigmoid_of(double z) { return 1 / (1 + std::exp(-z)); }

double squares(const Array& y, const Array& x, std::size_t b) {
  double total = 0;
  for (std::size_t d = 0; d < D; ++d) total += std::pow(double(y(b, d)) - double(x(b, d)), 2);
  return total;
}

double entropy(double p, double x) { return -(x * std::log(p) + (1 - x) * std::log(1 - p)); }
double entropies(const Array& y, const Array& x, std::size_t b, bool logits) {
  double total = 0;
  for (std::size_t d = 0; d < D; ++d) {
    const double p = logits ? sigmoid_of(double(y(b, d))) : double(y(b, d));
    total += entropy(p, double(x(b, d)));
  }
  return total;
}

// sum over samples of the loss without its factor
double total(const Array& y, const Array& x, const std::string& name, std::size_t b) {
  if (name == "cross_entropy") return entropies(y, x, b, false);
  if (name == "cross_entropy_with_logits") return entropies(y, x, b, true);
  return squares(y, x, b);
}

struct Convention {
  const char* name;
  double factor;  // of the sum
  bool weighted = true;
};
const Convention conventions[] = {
    {"half_squared_error", 1.0 / (2 * B)},
    {"squared_error", 1.0 / B},
    {"summed_squared_error", 1, false},
    {"half_summed_squared_error", 0.5, false},
    {"mean_squared_error", 1.0 / (B * D)},
    {"per_pixel_error", 1.0 / (2 * B * D)},
    {"cross_entropy", 1.0 / B},
    {"cross_entropy_with_logits", 1.0 / B},
};

}  // namespace

TEST_CASE("losses: every convention, by plain loops") {
  const Array y = uniform({B, D}, 1), x = uniform({B, D}, 2);
  Tape tape;
  for (const Convention& convention : conventions) {
    CAPTURE(convention.name);
    double sum = 0;
    for (std::size_t b = 0; b < B; ++b) sum += total(y, x, convention.name, b);
    tape.begin();
    const Var loss = loss_named(convention.name)(tape.constant(y), tape.constant(x));
    CHECK(double(loss.item()) == doctest::Approx(convention.factor * sum).epsilon(precision));
  }
  CHECK_THROWS_AS(squared_error(tape.constant(y), tape.constant(uniform({B, 2}, 1))),
                  std::invalid_argument);
  CHECK_THROWS_WITH_AS(loss_named("mse"),
                       "loss: found 'mse', expected one of half_squared_error, squared_error, "
                       "summed_squared_error, half_summed_squared_error, mean_squared_error, "
                       "per_pixel_error, cross_entropy, cross_entropy_with_logits",
                       InputError);
}

TEST_CASE("losses: weights count samples as often as they say") {
  const Array y = uniform({B, D}, 1), x = uniform({B, D}, 2);
  Array weights = empty({B, 1}), equal = filled({B, 1}, Real(0.7));
  weights(0, 0) = 2, weights(1, 0) = 0, weights(2, 0) = 1;
  Tape tape;
  for (const Convention& convention : conventions) {
    CAPTURE(convention.name);
    if (!convention.weighted) {
      CHECK_THROWS_AS(weighted_loss_named(convention.name), InputError);
      continue;
    }
    const double sum = 2 * total(y, x, convention.name, 0) + total(y, x, convention.name, 2);
    const auto value = [&](const Array& w, WeightedBy by) {
      tape.begin();
      const WeightedLoss loss = weighted_loss_named(convention.name, by);
      return double(loss(tape.constant(y), tape.constant(x), tape.constant(w)).item());
    };
    // weights of sum 3, as many as there are rows
    const doctest::Approx expected = doctest::Approx(convention.factor * sum).epsilon(precision);
    CHECK(value(weights, WeightedBy::weights) == expected);
    CHECK(value(weights, WeightedBy::rows) == expected);
    tape.begin();
    const double plain =
        double(loss_named(convention.name)(tape.constant(y), tape.constant(x)).item());
    CHECK(value(equal, WeightedBy::weights) == doctest::Approx(plain).epsilon(precision));
    CHECK(value(equal, WeightedBy::rows) == doctest::Approx(0.7 * plain).epsilon(precision));
  }
  tape.begin();
  const Var losses = squared_errors(tape.constant(y), tape.constant(x));
  CHECK(losses.shape() == Shape{B, 1});
  CHECK_THROWS_AS(weighted_mean(losses, tape.constant(y)), std::invalid_argument);
  CHECK_THROWS_AS(weighted_mean(losses, tape.constant(filled({B, 1}, 0))), std::invalid_argument);
}

TEST_CASE("losses: cross-entropy at the ends") {
  Tape tape;
  Parameter z{"z", empty({1, 4})};
  z.value(0, 0) = 1000, z.value(0, 1) = -1000, z.value(0, 2) = 1000, z.value(0, 3) = 0;
  Array x = empty({1, 4});
  x(0, 0) = 1, x(0, 1) = 0, x(0, 2) = 0, x(0, 3) = 1;
  const Var loss = cross_entropy_with_logits(tape.leaf(z), tape.constant(x));
  CHECK(double(loss.item()) == doctest::Approx(1000 + std::log(2)).epsilon(precision));
  tape.backward(loss);
  CHECK(z.grad(0, 0) == 0);
  CHECK(z.grad(0, 2) == 1);
  CHECK(z.grad(0, 3) == doctest::Approx(-0.5));
  // probabilities of exactly 0 and 1 cost nothing where they are right, and stay finite elsewhere
  tape.begin();
  Array p = empty({1, 2}), right = empty({1, 2});
  p(0, 0) = right(0, 0) = 0, p(0, 1) = right(0, 1) = 1;
  CHECK(double(cross_entropy(tape.constant(p), tape.constant(right)).item()) < 1e-5);
  const Array wrong = filled({1, 2}, Real(0.5));
  CHECK(std::isfinite(double(cross_entropy(tape.constant(p), tape.constant(wrong)).item())));
}

TEST_CASE("losses: a model's error may be any of them") {
  Autoencoder model = shallow_autoencoder(D, 2, {.biases = true});
  model.error = cross_entropy_with_logits;
  const Array x = uniform({B, D}, 2);
  Tape tape;
  CHECK(double(model.loss(tape, x).item()) == doctest::Approx(D * std::log(2.0)));  // logits 0
}
