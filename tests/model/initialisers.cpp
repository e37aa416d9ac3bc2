#include <hourglass/core/error.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// Of encoder.W, 30 x 50; a variance is known to its own sampling error.
struct Spread {
  double variance = 0, largest = 0, fourth = 0;
  explicit Spread(const Array& w) {
    for (const Real entry : w) {
      const double square = double(entry) * double(entry);
      variance += square / double(w.size()), fourth += square * square / double(w.size());
      largest = std::max(largest, std::abs(double(entry)));
    }
  }
  void check(double expected) const {
    const double error = std::sqrt((fourth - variance * variance) / 1500);
    CHECK(std::abs(variance - expected) < 5 * error);
  }
};

Spread spread_of(const std::string& name, const Autoencoder& model) {
  for (Parameter* p : model.parameters()) p->value.fill(9);
  init::named(name, model.parameters(), {.seed = 3});
  for (const Parameter* p : model.parameters())
    if (p->bias) CHECK(p->value == filled(shape_of(p->value), 0));
  return Spread(model.parameter("encoder.W").value);
}

}  // namespace

TEST_CASE("initialisers: variances and bounds by name") {
  const Autoencoder model = shallow_autoencoder(50, 30, {.biases = true});
  for (const char* kind : {"uniform", "normal"}) {
    CAPTURE(kind);
    const Spread glorot = spread_of(std::string("glorot_") + kind, model);
    const Spread he = spread_of(std::string("he_") + kind, model);
    glorot.check(2.0 / 80);
    he.check(2.0 / 50);
    const bool bounded = kind == std::string("uniform");
    CHECK((glorot.largest <= std::sqrt(6.0 / 80) * (1 + 1e-6)) == bounded);
    CHECK((he.largest <= std::sqrt(6.0 / 50) * (1 + 1e-6)) == bounded);
  }
  spread_of("gaussian:0.3", model).check(0.09);
  init::he_normal(model.parameters(), {.seed = 1});
  CHECK(model.parameter("encoder.W").value.data()[0] !=
        model.parameter("decoder.W").value.data()[0]);
}

TEST_CASE("initialisers: orthogonal weights are, in rows or in columns") {
  const Autoencoder model = shallow_autoencoder(7, 4);
  init::named("orthogonal", model.parameters(), {.seed = 3});
  const Array &wide = model.parameter("encoder.W").value,
              &tall = model.parameter("decoder.W").value;
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = 0; b < 4; ++b) {
      double of_rows = 0, of_columns = 0;
      for (std::size_t d = 0; d < 7; ++d) {
        of_rows += double(wide(a, d)) * double(wide(b, d));
        of_columns += double(tall(d, a)) * double(tall(d, b));
      }
      const double tolerance = sizeof(Real) == 4 ? 1e-6 : 1e-14;
      CHECK(std::abs(of_rows - (a == b)) < tolerance);
      CHECK(std::abs(of_columns - (a == b)) < tolerance);
    }
}

TEST_CASE("initialisers: what is not one is refused by name") {
  const Autoencoder model = linear_autoencoder(3, 2);
  for (const char* wrong : {"", "xavier", "gaussian", "gaussian:-1", "gaussian:1:2", "he_normal:1"})
    CHECK_THROWS_AS(init::named(wrong, model.parameters(), {}), InputError);
}
