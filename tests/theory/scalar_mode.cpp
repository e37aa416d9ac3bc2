#include "weight_flow.hpp"
#include <hourglass/theory/linear.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass::theory;

namespace {

double imbalance(const ScalarMode& m) { return (m.w2 - m.w1) * (m.w2 + m.w1); }

// The closed form promises about 1e-14 of |u| + |c|; the larger of start and present is the scale.
void check_against_flow(const ScalarMode& m, double t, double tolerance) {
  const auto w = weight_flow::integrate(m, t);
  const Weights found = m.weights(t);
  const double u = static_cast<double>(w[0] * w[1]);
  const double scale = std::abs(u) + std::abs(imbalance(m)) * std::exp(-2 * m.alpha * m.gamma * t);
  CAPTURE(m.lambda);
  CAPTURE(m.sigma2);
  CAPTURE(m.gamma);
  CAPTURE(m.w1);
  CAPTURE(m.w2);
  CAPTURE(t);
  CHECK(std::abs(m.strength(t) - u) <= tolerance * scale);
  CHECK(std::abs(found.w1 - static_cast<double>(w[0])) <= tolerance * std::sqrt(scale));
  CHECK(std::abs(found.w2 - static_cast<double>(w[1])) <= tolerance * std::sqrt(scale));
}

ScalarMode drawn(weight_flow::Draw& draw, double gamma) {
  return {.lambda = draw.log_uniform(0.05, 5),
          .sigma2 = draw.uniform(0, 5),
          .gamma = gamma,
          .alpha = 0.01,
          .w1 = draw.sign() * draw.log_uniform(1e-3, 2),
          .w2 = draw.sign() * draw.log_uniform(1e-3, 2)};
}

}  // namespace

TEST_CASE("scalar mode: the exact solution follows the weights, whatever their signs") {
  weight_flow::Draw draw{std::mt19937_64(1)};
  for (int k = 0; k < 60; ++k) {
    const ScalarMode m = drawn(draw, 0);
    for (const double t : {0.0, 3.0, 40.0, 300.0, 1500.0}) check_against_flow(m, t, 1e-12);
  }
}

TEST_CASE("scalar mode: less curvature than drive, as masking without rescaling has") {
  const ScalarMode m{.lambda = 2, .sigma2 = -0.7, .alpha = 0.01, .w1 = -0.2, .w2 = 0.5};
  for (const double t : {10.0, 100.0, 400.0}) check_against_flow(m, t, 1e-12);
  CHECK(m.strength(1e12) == doctest::Approx(2 / 1.3).epsilon(1e-14));
}

TEST_CASE("scalar mode: nearly balanced and nearly anti-balanced weights keep their digits") {
  for (const double offset : {1e-3, 1e-8, 1e-13})
    for (const double side : {1.0, -1.0}) {
      const ScalarMode m{
          .lambda = 1, .sigma2 = 0.3, .alpha = 0.01, .w1 = 0.4, .w2 = side * (0.4 + offset)};
      for (const double t : {50.0, 500.0, 2000.0}) check_against_flow(m, t, 1e-12);
    }
}

TEST_CASE("scalar mode: the special cases of the handbook") {
  const double l = 1.3, s2 = 0.4, xi = l + s2, alpha = 0.02, t = 37;
  SUBCASE("balanced is the logistic") {
    const double u0 = 0.09, decay = std::exp(-2 * alpha * l * t);
    const ScalarMode m{.lambda = l, .sigma2 = s2, .alpha = alpha, .w1 = 0.3, .w2 = 0.3};
    CHECK(m.strength(t) == doctest::Approx(l * u0 / (xi * u0 + (l - xi * u0) * decay)));
  }
  SUBCASE("anti-balanced runs into the saddle") {
    const ScalarMode m{.lambda = l, .sigma2 = s2, .alpha = alpha, .w1 = 0.3, .w2 = -0.3};
    CHECK(std::isnan(m.crossing_time()));
    CHECK(m.strength(t) < 0);
    // the rate at the end is 2 alpha lambda
    CHECK(std::log(m.strength(300) / m.strength(301)) == doctest::Approx(2 * alpha * l));
  }
  SUBCASE("one weight zero leaves with slope alpha lambda |c|") {
    const ScalarMode m{.lambda = l, .sigma2 = s2, .alpha = alpha, .w1 = 0, .w2 = 0.7};
    CHECK(m.strength(0) == 0);
    CHECK(m.strength(1e-6) / 1e-6 == doctest::Approx(alpha * l * 0.49).epsilon(1e-6));
  }
  SUBCASE("both zero stays") {
    const ScalarMode m{.lambda = l, .sigma2 = s2, .alpha = alpha, .w1 = 0, .w2 = 0};
    CHECK(m.strength(1e12) == 0);
    CHECK(m.weights(1e12).w2 == 0);
  }
  SUBCASE("lambda = 0: u = |c| T/(1 - T^2)") {
    const ScalarMode m{.lambda = 0, .sigma2 = s2, .alpha = alpha, .w1 = 0.3, .w2 = 0.8};
    const double c = 0.55, s0 = 0.73, u0 = 0.24;
    const double T = 2 * u0 * std::exp(-alpha * s2 * c * t) / (s0 + c);
    CHECK(m.strength(t) == doctest::Approx(c * T / (1 - T * T)).epsilon(1e-13));
    CHECK(m.strength(1e12) == doctest::Approx(0));
  }
  SUBCASE("lambda = 0 and balanced is algebraic, for both signs") {
    for (const double side : {1.0, -1.0}) {
      const ScalarMode m{.lambda = 0, .sigma2 = s2, .alpha = alpha, .w1 = 0.5, .w2 = side * 0.5};
      const double expected = side * 0.25 / (1 + 2 * alpha * s2 * 0.25 * 1e9);
      CHECK(m.strength(1e9) == doctest::Approx(expected).epsilon(1e-13));
    }
  }
  SUBCASE("lambda = sigma = 0 never moves") {
    const ScalarMode m{.lambda = 0, .sigma2 = 0, .alpha = alpha, .w1 = 0.3, .w2 = 0.8};
    CHECK(m.strength(1e12) == doctest::Approx(0.24).epsilon(1e-15));
  }
}

TEST_CASE("scalar mode: holds for any time, where exp(+alpha g t) would overflow") {
  for (const double w1 : {0.3, -0.3, 3.0, 1e-6}) {
    const ScalarMode m{.lambda = 1, .sigma2 = 0.5, .alpha = 0.01, .w1 = w1, .w2 = 1.1};
    for (const double t : {1e4, 1e5, 1e8, 1e12})
      CHECK(m.strength(t) == doctest::Approx(2.0 / 3).epsilon(1e-14));
    CHECK(m.weights(1e12).w2 > 0);
  }
}

TEST_CASE("scalar mode: times are where the strength passes") {
  weight_flow::Draw draw{std::mt19937_64(2)};
  int crossings = 0;
  for (int k = 0; k < 200; ++k) {
    const ScalarMode m = drawn(draw, 0);
    const double limit = m.lambda / (m.lambda + m.sigma2), start = m.w1 * m.w2;
    const double level = start + draw.uniform(0.05, 0.9) * (limit - start);
    const double t = m.time_to(level);
    CHECK(t > 0);
    CHECK(std::abs(m.strength(t) - level) <= 1e-11 * (std::abs(start) + limit));
    if (start > 0) continue;
    ++crossings;
    CHECK(std::abs(m.strength(m.crossing_time())) <= 1e-12 * std::abs(imbalance(m)));
    CHECK(m.time_to(0) == doctest::Approx(m.crossing_time()).epsilon(1e-10));
  }
  CHECK(crossings > 50);
}

TEST_CASE("scalar mode: crossing takes (1/(2 alpha lambda)) ln(1/|c|) more as c goes to 0") {
  const auto crossing = [](double offset) {
    const ScalarMode m{.lambda = 1, .sigma2 = 0.5, .alpha = 0.01, .w1 = -0.5, .w2 = 0.5 + offset};
    return m.crossing_time();
  };
  // offsets that 0.5 + offset represents exactly; each is 2^-10 of the last
  const double step = std::log(1024.0) / (2 * 0.01);
  CHECK(crossing(0x1p-40) - crossing(0x1p-30) == doctest::Approx(step).epsilon(1e-7));
  CHECK(crossing(0x1p-50) - crossing(0x1p-40) == doctest::Approx(step).epsilon(1e-9));
}

TEST_CASE("unbalanced decay follows the weights") {
  weight_flow::Draw draw{std::mt19937_64(3)};
  for (int k = 0; k < 30; ++k) {
    const ScalarMode m = drawn(draw, draw.log_uniform(0.02, 3));
    for (const double t : {3.0, 40.0, 300.0, 1000.0}) check_against_flow(m, t, 1e-11);
    CHECK(m.imbalance(50) == doctest::Approx(imbalance(m) * std::exp(-m.gamma)).epsilon(1e-14));
  }
}

TEST_CASE("unbalanced decay ends in the balanced fixed point, or dies") {
  ScalarMode m{.lambda = 1, .sigma2 = 0.5, .gamma = 0.2, .alpha = 0.01, .w1 = -0.3, .w2 = 1.1};
  CHECK(m.strength(1e12) == doctest::Approx(0.8 / 1.5).epsilon(1e-13));
  m.gamma = 1.4;
  CHECK(m.strength(1e12) == 0);
  m.gamma = 1;  // lambda = gamma: algebraic, u ~ 1/(2 alpha xi t)
  CHECK(m.strength(1e12) * (2 * 0.01 * 1.5 * 1e12) == doctest::Approx(1).epsilon(1e-8));
}

TEST_CASE("unbalanced decay: a mode that dies before it balances ends at zero, not at NaN") {
  const ScalarMode m{
      .lambda = 0.1, .sigma2 = 0.5, .gamma = 20, .alpha = 0.1, .w1 = -1e-9, .w2 = -1e-4};
  for (const double t : {10.0, 100.0, 1e4, 1e12}) {
    CHECK(std::isfinite(m.strength(t)));
    CHECK(std::isfinite(m.weights(t).w1));
  }
  CHECK(m.strength(1e12) == 0);
}

TEST_CASE("unbalanced decay without drive has a closed form") {
  for (const double w1 : {0.3, -0.9, 1.1 - 1e-9})
    for (const double t : {10.0, 200.0, 1000.0})
      check_against_flow(
          {.lambda = 0, .sigma2 = 0.8, .gamma = 0.1, .alpha = 0.01, .w1 = w1, .w2 = 1.1}, t, 1e-12);
  const ScalarMode m{.lambda = 0, .sigma2 = 0.8, .gamma = 0.1, .alpha = 0.01, .w1 = 1, .w2 = 2};
  CHECK(m.strength(1e12) == 0);
}

TEST_CASE("scalar mode: outside its domain it names the argument, its value and the reason") {
  const ScalarMode m{.lambda = 1, .sigma2 = 0.5, .gamma = 0, .alpha = 0.01, .w1 = 0.3, .w2 = 1.1};
  const auto with = [&](auto change) {
    ScalarMode changed = m;
    change(changed);
    return changed;
  };
  CHECK_THROWS_WITH_AS(with([](auto& x) { x.lambda = -1; }).strength(1),
                       "lambda = -1: the drive of a mode is >= 0", std::domain_error);
  CHECK_THROWS_WITH_AS(with([](auto& x) { x.sigma2 = -2; }).strength(1),
                       "sigma2 = -2: the curvature lambda + sigma2 is >= 0", std::domain_error);
  CHECK_THROWS_AS(with([](auto& x) { x.sigma2 = -1; }).strength(1), std::domain_error);
  CHECK_THROWS_WITH_AS(with([](auto& x) { x.gamma = -0.1; }).strength(1),
                       "gamma = -0.1: a weight decay is >= 0", std::domain_error);
  CHECK_THROWS_WITH_AS(with([](auto& x) { x.alpha = 0; }).strength(1),
                       "alpha = 0: a learning rate is > 0", std::domain_error);
  CHECK_THROWS_WITH_AS(with([](auto& x) { x.w1 = NAN; }).strength(1),
                       "w1 = nan: expected a finite number", std::domain_error);
  CHECK_THROWS_WITH_AS(m.strength(-1), "t = -1: a time is >= 0 steps", std::domain_error);
  CHECK_THROWS_AS(m.strength(INFINITY), std::domain_error);
  CHECK_THROWS_AS(m.time_to(0.1), std::domain_error);  // behind the start
  CHECK_THROWS_AS(m.time_to(0.7), std::domain_error);  // beyond the limit
  CHECK_THROWS_AS(with([](auto& x) { x.gamma = 0.1; }).time_to(0.5), std::domain_error);
  CHECK_THROWS_AS(with([](auto& x) { x.gamma = 0.1; }).crossing_time(), std::domain_error);
  CHECK_THROWS_AS(with([](auto& x) { x.gamma = 1e-9; }).strength(1e12), std::domain_error);
}
