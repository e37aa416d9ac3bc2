#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/model/noise.hpp>

#include <cmath>
#include <map>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

const Stream stream{.seed = 11, .id = 3};

Array64 factor_for(std::size_t features) {
  Array64 factor = empty64({features, 2});
  for (std::size_t i = 0; i < factor.size(); ++i) factor.data()[i] = std::sin(double(i) + 1);
  return factor;
}

std::map<std::string, Noise> all_noises(std::size_t features) {
  std::vector<double> variances(features);
  for (std::size_t j = 0; j < features; ++j) variances[j] = 0.1 * double(j);
  return {{"gaussian", GaussianNoise{0.3, stream}},
          {"features", FeatureGaussianNoise(variances, stream)},
          {"correlated", CorrelatedGaussianNoise(factor_for(features), stream)},
          {"masking", MaskingNoise{0.3, false, stream}},
          {"dropout", MaskingNoise{0.3, true, stream}},
          {"salt and pepper", SaltAndPepper{0.3, -1, 2, stream}},
          {"multiplicative", MultiplicativeNoise{0.3, stream}},
          {"nested dropout", NestedDropout{0.9, stream}}};
}

Array drawn(const Noise& noise, const Array& x, Position position) {
  Tape tape;
  tape.begin();
  return noise(tape.constant(x), position).value();
}

Array drawn_rows(const Noise& noise, const Array& x, Position position, std::size_t first,
                 std::size_t count) {
  const Shape part{count, shape_of(x).columns};
  Tape tape;
  tape.begin();
  const View rows = borrow(x.data() + first * part.columns, part);
  return noise(tape.constant(rows), {position.step, position.row + first}).value();
}

// Sums over many rows that are all (1, 2, -3, 0.5).
struct Column {
  double mean, variance, zeros;
};
constexpr std::size_t samples = 20000;
constexpr double clean[] = {1, 2, -3, 0.5};

std::vector<Column> statistics(const Array& y) {
  std::vector<Column> columns;
  for (std::size_t j = 0; j < 4; ++j) {
    double sum = 0, squares = 0, zeros = 0;
    for (std::size_t n = 0; n < samples; ++n) {
      const double d = double(y(n, j)) - clean[j];
      sum += d, squares += d * d, zeros += y(n, j) == 0;
    }
    const double mean = sum / samples;
    columns.push_back({clean[j] + mean, squares / samples - mean * mean, zeros / samples});
  }
  return columns;
}

Array repeated() {
  Array x = empty({samples, 4});
  for (std::size_t n = 0; n < samples; ++n)
    for (std::size_t j = 0; j < 4; ++j) x(n, j) = Real(clean[j]);
  return x;
}

std::vector<Column> statistics(const Noise& noise) {
  return statistics(drawn(noise, repeated(), {.step = 2, .row = 5}));
}

// A mean and a variance over `samples` normals, five standard errors wide.
void check_normal(const Column& found, double mean, double variance) {
  CHECK(std::abs(found.mean - mean) <= 5 * std::sqrt(variance / samples));
  CHECK(std::abs(found.variance - variance) <= 5 * variance * std::sqrt(2.0 / samples));
}

void check_frequency(double found, double probability) {
  CHECK(std::abs(found - probability) <= 5 * std::sqrt(probability * (1 - probability) / samples));
}

}  // namespace

TEST_CASE("noise: the same bits for any batch split and number of threads, others elsewhere") {
  Array x = empty({500, 80});  // so many that fills run on several threads
  Stream{.seed = 1}.normals(0, 0, x);
  for (const auto& entry : all_noises(80)) {
    const std::string& name = entry.first;
    const Noise& noise = entry.second;
    CAPTURE(name);
    set_threads(1);
    const Array whole = drawn(noise, x, {5, 100});
    set_threads(3);
    CHECK(drawn(noise, x, {5, 100}) == whole);
    set_threads(1);
    CHECK_FALSE(drawn(noise, x, {6, 100}) == whole);
    CHECK_FALSE(drawn(noise, x, {5, 101}) == whole);
    const Array part = drawn_rows(noise, x, {5, 100}, 130, 67);
    // BLAS may round the product with a factor differently in another batch
    const double rounding = name == "correlated" ? (sizeof(Real) == 4 ? 1e-5 : 1e-13) : 0;
    double worst = 0;
    for (std::size_t n = 0; n < 67; ++n)
      for (std::size_t j = 0; j < 80; ++j)
        worst = std::max(worst, std::abs(double(part(n, j)) - double(whole(130 + n, j))));
    CHECK(worst <= rounding);
  }
}

TEST_CASE("noise: Gaussian and multiplicative noise have the moments they are made for") {
  const std::vector<double> variances{0.5, 0, 2, 1};
  const auto equal = statistics(GaussianNoise{0.25, stream});
  const auto features = statistics(FeatureGaussianNoise(variances, stream));
  const auto scaled = statistics(MultiplicativeNoise{0.3, stream});
  for (std::size_t j = 0; j < 4; ++j) {
    CAPTURE(j);
    check_normal(equal[j], clean[j], 0.25);
    check_normal(features[j], clean[j], variances[j]);
    check_normal(scaled[j], clean[j], 0.3 * clean[j] * clean[j]);
  }
}

TEST_CASE("noise: correlated noise has the covariance of its factor") {
  const Array64 factor = factor_for(4);
  const Array y = drawn(CorrelatedGaussianNoise(factor, stream), repeated(), {});
  const auto covariance = [&](std::size_t i, std::size_t j) {
    return factor(i, 0) * factor(j, 0) + factor(i, 1) * factor(j, 1);
  };
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t n = 0; n < samples; ++n)
        sum += (double(y(n, i)) - clean[i]) * (double(y(n, j)) - clean[j]);
      const double c = covariance(i, j);
      const double error = std::sqrt((covariance(i, i) * covariance(j, j) + c * c) / samples);
      CHECK(std::abs(sum / samples - c) <= 5 * error);
    }
}

TEST_CASE("noise: masking zeroes entries independently, and keeps the mean if rescaled") {
  const Array x = repeated();
  for (const bool rescaled : {false, true}) {
    const Array y = drawn(MaskingNoise{0.3, rescaled, stream}, x, {});
    const double kept = rescaled ? 1 / 0.7 : 1;
    double both = 0;
    for (std::size_t n = 0; n < samples; ++n) {
      both += y(n, 0) == 0 && y(n, 1) == 0;
      for (std::size_t j = 0; j < 4; ++j)
        if (y(n, j) != 0) REQUIRE(double(y(n, j)) == doctest::Approx(kept * clean[j]));
    }
    check_frequency(both / samples, 0.09);
    for (const Column& column : statistics(y)) check_frequency(column.zeros, 0.3);
  }
}

TEST_CASE("noise: salt and pepper") {
  const Array y = drawn(SaltAndPepper{0.4, -7, 9, stream}, repeated(), {});
  for (std::size_t j = 0; j < 4; ++j) {
    double low = 0, high = 0, kept = 0;
    for (std::size_t n = 0; n < samples; ++n)
      low += y(n, j) == -7, high += y(n, j) == 9, kept += y(n, j) == Real(clean[j]);
    check_frequency(low / samples, 0.2);
    check_frequency(high / samples, 0.2);
    CHECK(low + high + kept == samples);
  }
}

TEST_CASE("noise: nested dropout keeps the first units, their number geometric") {
  const Array y = drawn(NestedDropout{0.6, stream}, repeated(), {});
  for (std::size_t n = 0; n < samples; ++n)
    for (std::size_t j = 1; j < 4; ++j) REQUIRE((y(n, j) == 0 || y(n, j - 1) != 0));
  const auto columns = statistics(y);
  CHECK(columns[0].zeros == 0);
  for (std::size_t j = 1; j < 4; ++j)
    check_frequency(columns[j].zeros, 1 - std::pow(0.6, double(j)));
}

TEST_CASE("noise: as a command line spells it") {
  const Array x = filled({3, 4}, Real(0.7));
  const auto same = [&](const std::string& text, const Noise& noise) {
    return drawn(noise_named(text, stream), x, {1, 2}) == drawn(noise, x, {1, 2});
  };
  CHECK_FALSE(bool(noise_named("none", stream)));
  CHECK(same("gaussian:0.5", GaussianNoise{0.5, stream}));
  CHECK(same("masking:0.3", MaskingNoise{0.3, false, stream}));
  CHECK(same("masking:0.3:rescaled", MaskingNoise{0.3, true, stream}));
  CHECK(same("salt_pepper:0.4", SaltAndPepper{0.4, 0, 1, stream}));
  CHECK(same("salt_pepper:0.4:-1:2", SaltAndPepper{0.4, -1, 2, stream}));
  CHECK(same("multiplicative:0.2", MultiplicativeNoise{0.2, stream}));
  CHECK(same("nested_dropout:0.9", NestedDropout{0.9, stream}));
  for (const char* wrong :
       {"", "gauss:0.5", "gaussian", "gaussian:", "gaussian:x", "gaussian:0.5x", "gaussian:nan",
        "gaussian:-1", "gaussian:1:2", "none:1", "masking:1", "masking:0.3:scaled", "salt_pepper:2",
        "salt_pepper:0.1:5", "multiplicative:-1", "nested_dropout:1", "nested_dropout:0"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(noise_named(wrong, stream), InputError);
  }
  CHECK_THROWS_WITH_AS(noise_named("masking:2", stream),
                       "noise 'masking:2': found '2' for the probability, expected a number >= 0 "
                       "and < 1",
                       InputError);
  CHECK_THROWS_WITH_AS(noise_named("gaussian:wide", stream),
                       "noise 'gaussian:wide': found 'wide' for the variance, expected a number "
                       ">= 0",
                       InputError);
}

TEST_CASE("noise: settings out of range, and widths that do not match") {
  const Array x = filled({2, 3}, 1);
  CHECK_THROWS_AS(drawn(GaussianNoise{NAN}, x, {}), std::invalid_argument);
  CHECK_THROWS_AS(drawn(SaltAndPepper{0.1, 0, INFINITY}, x, {}), std::invalid_argument);
  CHECK_THROWS_AS(FeatureGaussianNoise({1, -1}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(drawn(FeatureGaussianNoise({1, 1}), x, {}),
                       "gaussian noise of features: 2 variances for constant (2x3)",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS(drawn(CorrelatedGaussianNoise(factor_for(4)), x, {}),
                       "correlated gaussian noise: a factor 4x2 for constant (2x3)",
                       std::invalid_argument);
}
