// The distributions, at fixed seeds: every bound is a number of standard errors.

#include <hourglass/random/stream.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr double allowed = 5;  // standard errors: 6e-7 for one normal deviate
constexpr Shape large = {1000, 1000}, medium = {500, 997};

enum class Kind { uniform, normal };

Array drawn(Kind kind, Shape shape, Stream s = {.seed = 2024, .id = 3}, std::uint64_t step = 17,
            std::size_t first_row = 0) {
  Array out = empty(shape);
  kind == Kind::uniform ? s.uniforms(step, first_row, out) : s.normals(step, first_row, out);
  return out;
}

// With mean 0 and variance 1.
std::vector<double> standardised(Kind kind, const Array& x) {
  std::vector<double> z(x.begin(), x.end());
  if (kind == Kind::uniform)
    for (double& v : z) v = (v - 0.5) * std::sqrt(12.0);
  return z;
}

double mean_of(const std::vector<double>& x, auto&& f) {
  long double sum = 0;
  for (const double v : x) sum += f(v);
  return static_cast<double>(sum / x.size());
}

// How many standard errors the mean of x^order is off.
double moment_deviation(const std::vector<double>& x, int order, double expected,
                        double expected_of_square) {
  const double found = mean_of(x, [&](double v) { return std::pow(v, order); });
  const double variance = expected_of_square - expected * expected;
  return (found - expected) / std::sqrt(variance / x.size());
}

// sqrt(N) times the greatest distance between the empirical and the true distribution function.
double kolmogorov_smirnov(std::vector<double> x, auto&& distribution) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = distribution(x[i]);
    distance = std::max({distance, f - i / n, (i + 1) / n - f});
  }
  return std::sqrt(n) * distance;
}

double uniform_distribution(double x) { return std::clamp(x, 0.0, 1.0); }
double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// Correlations of standardised numbers and of their squares, in standard errors; the larger.
double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double square_variance = mean_of(x, [](double v) { return v * v * v * v; }) - 1;
  long double sum = 0, squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += x[i] * y[i];
    squares += (x[i] * x[i] - 1) * (y[i] * y[i] - 1);
  }
  const double scale = std::sqrt(static_cast<double>(x.size()));
  return std::max(std::fabs(static_cast<double>(sum)) / scale,
                  std::fabs(static_cast<double>(squares)) / (scale * square_variance));
}

// Pairs of numbers `lag` columns apart.
double column_correlation(const Array& matrix, Kind kind, std::size_t lag) {
  const std::vector<double> z = standardised(kind, matrix);
  const Shape shape = shape_of(matrix);
  std::vector<double> x, y;
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j + lag < shape.columns; ++j) {
      x.push_back(z[i * shape.columns + j]);
      y.push_back(z[i * shape.columns + j + lag]);
    }
  return correlation(x, y);
}

}  // namespace

TEST_CASE("distribution: normals have the moments 0, 1, 0, 3") {
  const std::vector<double> x = standardised(Kind::normal, drawn(Kind::normal, large));
  const double moments[] = {1, 0, 1, 0, 3, 0, 15, 0, 105};
  for (int order = 1; order <= 4; ++order) {
    CAPTURE(order);
    CHECK(std::fabs(moment_deviation(x, order, moments[order], moments[2 * order])) < allowed);
  }
}

TEST_CASE("distribution: uniforms have the moments 1/2, 1/3, 1/4, 1/5 and lie inside (0, 1)") {
  const Array u = drawn(Kind::uniform, large);
  const std::vector<double> x(u.begin(), u.end());
  for (int order = 1; order <= 4; ++order) {
    CAPTURE(order);
    CHECK(std::fabs(moment_deviation(x, order, 1.0 / (order + 1), 1.0 / (2 * order + 1))) <
          allowed);
  }
  CHECK(*std::min_element(x.begin(), x.end()) > 0);
  CHECK(*std::max_element(x.begin(), x.end()) < 1);
}

TEST_CASE("distribution: Kolmogorov-Smirnov, for wide and for narrow matrices") {
  // exceeded with probability 2 exp(-2 1.95^2) = 0.001
  constexpr double critical = 1.95;
  for (const Shape shape : {medium, Shape{200000, 1}, Shape{60000, 3}, Shape{1, 300000}}) {
    CAPTURE(shape.str());
    const Array u = drawn(Kind::uniform, shape), n = drawn(Kind::normal, shape);
    CHECK(kolmogorov_smirnov({u.begin(), u.end()}, uniform_distribution) < critical);
    CHECK(kolmogorov_smirnov({n.begin(), n.end()}, normal_distribution) < critical);
  }
}

TEST_CASE("distribution: as many normals far out as there should be") {
  const std::vector<double> x = standardised(Kind::normal, drawn(Kind::normal, large));
  for (const double limit : {2.0, 3.0, 4.0, 4.5}) {
    const double p = 2 * normal_distribution(-limit);
    const double found = mean_of(x, [&](double v) { return std::fabs(v) > limit; });
    CAPTURE(limit);
    CHECK(std::fabs(found - p) < allowed * std::sqrt(p * (1 - p) / x.size()));
  }
}

TEST_CASE("distribution: no correlation along columns, rows, steps, ids and seeds") {
  const Stream base{.seed = 2024, .id = 3};
  for (const Kind kind : {Kind::uniform, Kind::normal}) {
    const Array matrix = drawn(kind, medium, base);
    const std::vector<double> x = standardised(kind, matrix);
    const auto against = [&](Stream s, std::uint64_t step, std::size_t first_row) {
      return correlation(x, standardised(kind, drawn(kind, medium, s, step, first_row)));
    };
    for (std::size_t lag = 1; lag <= 8; ++lag) {
      CAPTURE(lag);
      CHECK(column_correlation(matrix, kind, lag) < allowed);
      CHECK(against(base, 17, lag) < allowed);
      CHECK(against(base, 17 + lag, 0) < allowed);
    }
    CHECK(against(base, 17 + (std::uint64_t{1} << 32), 0) < allowed);
    CHECK(against({base.seed, base.id + 1}, 17, 0) < allowed);
    CHECK(against({base.seed + 1, base.id}, 17, 0) < allowed);
    CHECK(against({base.seed + (std::uint64_t{1} << 32), base.id}, 17, 0) < allowed);
  }
}

TEST_CASE("distribution: the tests see small faults") {
  const Array n = drawn(Kind::normal, medium), u = drawn(Kind::uniform, medium);
  const std::vector<double> x = standardised(Kind::normal, n);
  const std::vector<double> y =
      standardised(Kind::normal, drawn(Kind::normal, medium, {.seed = 1, .id = 1}));
  std::vector<double> mixed = y, scaled = x, shifted(u.begin(), u.end());
  for (std::size_t i = 0; i < x.size(); ++i) {
    mixed[i] += 0.02 * x[i];                  // correlated by 0.02
    scaled[i] *= 1.01;                        // a standard deviation of 1.01
    shifted[i] = std::pow(shifted[i], 1.02);  // not quite uniform
  }
  CHECK(correlation(x, y) < allowed);
  CHECK(correlation(x, mixed) > allowed);
  CHECK(moment_deviation(scaled, 2, 1, 3) > allowed);
  CHECK(kolmogorov_smirnov(scaled, normal_distribution) > 1.95);
  CHECK(kolmogorov_smirnov(shifted, uniform_distribution) > 1.95);
}
