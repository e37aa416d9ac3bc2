#include "weight_flow.hpp"
#include <hourglass/theory/gaussian_pairs.hpp>

#include <cmath>
#include <numbers>
#include <vector>

#include <boost/math/special_functions/owens_t.hpp>
#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using weight_flow::Draw;

namespace {

using std::numbers::pi;

double cumulative(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

// By Owen's T function, of which bivariate_normal knows nothing; h k != 0 and 0 < angle < pi.
double by_owen(double h, double k, double angle) {
  const double r = std::cos(angle), p = std::sin(angle);
  const double T = boost::math::owens_t(h, (k - r * h) / (h * p)) +
                   boost::math::owens_t(k, (h - r * k) / (k * p));
  return (cumulative(h) + cumulative(k)) / 2 - T - (h * k < 0 ? 0.5 : 0);
}

struct Case {
  Array64 Q = empty64({2, 2});
  std::vector<double> b;
};
Case random_case(Draw& draw, double largest_correlation) {
  Case one;
  const double s = draw.log_uniform(0.1, 3), t = draw.log_uniform(0.1, 3);
  one.Q(0, 0) = s * s, one.Q(1, 1) = t * t;
  one.Q(0, 1) = one.Q(1, 0) = s * t * draw.uniform(-largest_correlation, largest_correlation);
  one.b = {draw.uniform(-1.5, 1.5), draw.uniform(-1.5, 1.5)};
  return one;
}

// d f/dx by central differences, Richardson-extrapolated.
template <class F>
double slope(F f, double h = 4e-3) {
  const auto central = [&](double step) { return (f(step) - f(-step)) / (2 * step); };
  return (4 * central(h / 2) - central(h)) / 3;
}

}  // namespace

TEST_CASE("bivariate normal: agrees with Owen's T, at any correlation") {
  Draw draw{};
  for (int n = 0; n < 2000; ++n) {
    const double h = draw.sign() * draw.log_uniform(1e-3, 6);
    const double k = draw.sign() * draw.log_uniform(1e-3, 6);
    const double angle = n % 2 ? draw.uniform(0.001, pi - 0.001) : draw.log_uniform(1e-4, 1);
    CAPTURE(h);
    CAPTURE(k);
    CAPTURE(angle);
    CHECK(std::abs(bivariate_normal(h, k, angle) - by_owen(h, k, angle)) < 2e-15);
    CHECK(std::abs(bivariate_normal(h, h * (1 + 1e-6), angle) - by_owen(h, h * (1 + 1e-6), angle)) <
          5e-13);
  }
}

TEST_CASE("bivariate normal: its limits and symmetries") {
  CHECK(bivariate_normal(0.3, -0.2, 0) == doctest::Approx(cumulative(-0.2)).epsilon(1e-15));
  CHECK(bivariate_normal(0.3, 0.5, pi) ==
        doctest::Approx(cumulative(0.3) + cumulative(0.5) - 1).epsilon(1e-14));
  CHECK(std::abs(bivariate_normal(0.3, -0.5, pi)) < 1e-16);
  CHECK(bivariate_normal(0.3, 40, 1) == doctest::Approx(cumulative(0.3)).epsilon(1e-15));
  for (const double angle : {1e-9, 0.1, 1.0, 2.0, 3.1})  // Sheppard 1899
    CHECK(bivariate_normal(0, 0, angle) == doctest::Approx((pi - angle) / (2 * pi)).epsilon(1e-14));
  CHECK(bivariate_normal(1.2, -0.4, 0.7) == bivariate_normal(-0.4, 1.2, 0.7));
  CHECK_THROWS_AS(bivariate_normal(0, 0, -0.1), std::domain_error);
  CHECK_THROWS_AS(bivariate_normal(0, 0, NAN), std::domain_error);
}

// <f(z + b)> differentiated by b is <f'>; by a covariance, Price's theorem. Each average is thus
// checked as the derivative of another one.
TEST_CASE("pair averages: each is the derivative of the one before it") {
  Draw draw{};
  for (const Unit unit : {Unit::linear, Unit::erf, Unit::relu})
    for (int n = 0; n < 100; ++n) {
      const Case one = random_case(draw, 0.95);
      const PairAverages x = pair_averages(unit, one.Q, one.b);
      const auto moved = [&](int k, double by) {
        std::vector<double> b = one.b;
        b[static_cast<std::size_t>(k)] += by * std::sqrt(one.Q(k, k));
        return pair_averages(unit, one.Q, b);
      };
      const double s = std::sqrt(one.Q(0, 0)), tolerance = 1e-7 / (s * s * s);
      CHECK(std::abs(slope([&](double h) { return moved(0, h).m[0]; }) - s * x.G[0]) < tolerance);
      CHECK(std::abs(slope([&](double h) { return moved(0, h).G[0]; }) - s * x.g2[0]) < tolerance);
      CHECK(std::abs(slope([&](double h) { return moved(0, h).g2[0]; }) - s * x.g3[0]) < tolerance);
      CHECK(std::abs(slope([&](double h) { return moved(0, h).S(0, 1); }) - s * x.H(0, 1)) <
            tolerance);
      CHECK(std::abs(slope([&](double h) { return moved(0, h).H(0, 1); }) - s * x.B(0, 1)) <
            tolerance);
      CHECK(std::abs(slope([&](double h) { return moved(0, h).S(0, 0); }) - s * 2 * x.H(0, 0)) <
            tolerance);
      const double scale = 0.05 * s * std::sqrt(one.Q(1, 1));
      const auto correlated = [&](double by) {
        Array64 Q = one.Q;
        Q(0, 1) = Q(1, 0) = Q(0, 1) + by * scale;
        return pair_averages(unit, Q, one.b).S(0, 1);
      };
      CHECK(std::abs(slope(correlated) - scale * x.C(0, 1)) < 1e-7);
    }
}

TEST_CASE("pair averages: without means they are those with means of zero") {
  Draw draw{};
  for (const Unit unit : {Unit::linear, Unit::erf, Unit::relu})
    for (int n = 0; n < 100; ++n) {
      const Array64 Q = random_case(draw, 0.9999).Q;
      const PairAverages x = pair_averages(unit, Q), y = pair_averages(unit, Q, {0.0, 0.0});
      for (std::size_t k = 0; k < 2; ++k) {
        CHECK(x.m[k] == doctest::Approx(y.m[k]).epsilon(1e-14));
        CHECK(x.G[k] == doctest::Approx(y.G[k]).epsilon(1e-14));
        CHECK(x.g2[k] == doctest::Approx(y.g2[k]).epsilon(1e-14));
        CHECK(x.g3[k] == doctest::Approx(y.g3[k]).epsilon(1e-14));
        for (std::size_t a = 0; a < 2; ++a) {
          CHECK(std::abs(x.S(k, a) - y.S(k, a)) < 1e-14 * (1 + x.S(k, k)));
          CHECK(std::abs(x.C(k, a) - y.C(k, a)) < 1e-14);
          CHECK(std::abs(x.B(k, a) - y.B(k, a)) < 1e-13 * (1 + std::abs(x.B(k, a))));
        }
      }
    }
}

TEST_CASE("pair averages: parallel and antiparallel ReLU fields, with means") {
  Array64 Q = empty64({2, 2});
  Q(0, 0) = 0.49, Q(1, 1) = 1.96, Q(0, 1) = Q(1, 0) = 0.98;  // field 1 = 2 field 0
  const PairAverages same = pair_averages(Unit::relu, Q, {0.3, 0.6});
  CHECK(same.S(0, 1) == doctest::Approx(2 * same.S(0, 0)).epsilon(1e-13));
  CHECK(same.C(0, 1) == doctest::Approx(same.C(0, 0)).epsilon(1e-13));
  CHECK(same.H(0, 1) == doctest::Approx(same.m[1]).epsilon(1e-13));
  CHECK(std::abs(same.B(0, 1)) < 1e-14);
  Q(0, 1) = Q(1, 0) = -0.98;  // field 1 = -2 field 0: never on together, the sum of means is 0
  const PairAverages opposite = pair_averages(Unit::relu, Q, {0.3, -0.6});
  CHECK(std::abs(opposite.S(0, 1)) < 1e-14);
  CHECK(std::abs(opposite.C(0, 1)) < 1e-14);
  const PairAverages overlap = pair_averages(Unit::relu, Q, {0.7, 0.0});  // both on: -1 < z < 0
  CHECK(overlap.C(0, 1) == doctest::Approx(cumulative(1) - 0.5).epsilon(1e-13));
  CHECK(overlap.B(0, 1) ==
        doctest::Approx(std::exp(-0.5) / std::sqrt(2 * pi) / 0.7 * 1.4).epsilon(1e-13));
}

TEST_CASE("pair averages: outside their domain") {
  Array64 Q = empty64({2, 2});
  Q(0, 0) = 0, Q(1, 1) = 1, Q(0, 1) = Q(1, 0) = 0;
  CHECK_THROWS_WITH_AS(pair_averages(Unit::relu, Q),
                       "Q_kk = 0: the field of a ReLU unit has a variance > 0", std::domain_error);
  CHECK(pair_averages(Unit::erf, Q).S(0, 0) == 0);
  Q(0, 0) = 1, Q(0, 1) = Q(1, 0) = 1.1;
  CHECK_THROWS_AS(pair_averages(Unit::erf, Q), std::domain_error);
  Q(0, 1) = 0.5, Q(1, 0) = 0.25;
  CHECK_THROWS_WITH_AS(pair_averages(Unit::erf, Q), "Q = 0.25: a covariance is symmetric",
                       std::domain_error);
  Q(0, 1) = Q(1, 0) = NAN;
  CHECK_THROWS_AS(pair_averages(Unit::erf, Q), std::domain_error);
  Q(0, 0) = -1, Q(0, 1) = Q(1, 0) = 0;
  CHECK_THROWS_AS(pair_averages(Unit::linear, Q), std::domain_error);
  Q(0, 0) = 1;
  CHECK_THROWS_AS(pair_averages(Unit::linear, Q, {1.0}), std::domain_error);
  CHECK_THROWS_AS(published_integrals(Unit::erf, Q), std::domain_error);
}
