#include "weight_flow.hpp"
#include <hourglass/theory/linear.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass::theory;

namespace {

struct Problem {
  double lambda, sigma2, gamma;
  double loss(double w1, double w2) const {
    const double u = w1 * w2;
    return lambda / 2 * (1 - u) * (1 - u) + sigma2 / 2 * u * u + gamma / 2 * (w1 * w1 + w2 * w2);
  }
};

// Eigenvalues of the Hessian by central differences, and the 2x2 closed form on its entries.
std::array<double, 2> numerical_eigenvalues(const Problem& p, double w1, double w2) {
  const double h = 1e-4, f = p.loss(w1, w2);
  const double a = (p.loss(w1 + h, w2) - 2 * f + p.loss(w1 - h, w2)) / (h * h);
  const double b = (p.loss(w1, w2 + h) - 2 * f + p.loss(w1, w2 - h)) / (h * h);
  const double m = (p.loss(w1 + h, w2 + h) - p.loss(w1 + h, w2 - h) - p.loss(w1 - h, w2 + h) +
                    p.loss(w1 - h, w2 - h)) /
                   (4 * h * h);
  const double root = std::hypot((a - b) / 2, m);
  return {(a + b) / 2 - root, (a + b) / 2 + root};
}

}  // namespace

TEST_CASE("descent map: gradient steps on the loss, written out") {
  const ScalarMode m{
      .lambda = 1.2, .sigma2 = 0.4, .gamma = 0.1, .alpha = 0.2, .w1 = -0.4, .w2 = 0.9};
  double w1 = m.w1, w2 = m.w2;
  for (int step = 0; step < 60; ++step) {
    const double q = m.lambda * (1 - w1 * w2) - m.sigma2 * w1 * w2;
    const double d1 = -q * w2 + m.gamma * w1, d2 = -q * w1 + m.gamma * w2;
    w1 -= m.alpha * d1;
    w2 -= m.alpha * d2;
  }
  const auto path = descend(m, {0, 60, 60});
  CHECK(path[0].weights.w1 == doctest::Approx(m.w1).epsilon(1e-15));
  CHECK(path[1].weights.w1 == doctest::Approx(w1).epsilon(1e-13));
  CHECK(path[1].weights.w2 == doctest::Approx(w2).epsilon(1e-13));
  CHECK(path[2].imbalance == doctest::Approx((w2 - w1) * (w2 + w1)).epsilon(1e-12));
  CHECK_THROWS_AS(descend(m, {5, 4}), std::domain_error);
}

TEST_CASE("descent map: converges to the flow at first order in alpha") {
  ScalarMode m{.lambda = 1, .sigma2 = 0.5, .gamma = 0.1, .alpha = 1, .w1 = 0.2, .w2 = 0.6};
  double last = 0;
  for (const std::size_t steps : {100u, 200u, 400u, 800u}) {
    m.alpha = 2.0 / static_cast<double>(steps);
    const auto end = descend(m, {steps}).front().weights;
    const double error = std::abs(end.w1 * end.w2 - m.strength(static_cast<double>(steps)));
    if (last > 0) CHECK(last / error == doctest::Approx(2).epsilon(0.05));
    last = error;
  }
}

TEST_CASE("descent map: the edge of stability is alpha beta = 1, and 1/gamma off balance") {
  // NaN once it has run away
  const auto distance = [](double alpha, double gamma, double offset) {
    const BalancedMode b{.lambda = 1, .sigma2 = 0.5, .gamma = gamma, .alpha = alpha, .u0 = 0.1};
    const double a = std::sqrt(b.fixed_point());
    const ScalarMode m{1, 0.5, gamma, alpha, a + 1e-6 + offset, a + 1e-6};
    const auto end = descend(m, {4000}).front().weights;
    return std::hypot(end.w1 - a, end.w2 - a);
  };
  CHECK(distance(0.99 / 0.8, 0.2, 1e-7) < 1e-9);
  CHECK_FALSE(distance(1.01 / 0.8, 0.2, 1e-7) < 1e-3);
  // gamma > lambda/2: balanced weights stay up to 1/beta, others leave at 1/gamma
  CHECK(distance(0.99 / 0.7, 0.7, 1e-7) < 1e-9);
  CHECK_FALSE(distance(1.01 / 0.7, 0.7, 1e-7) < 1e-3);
  CHECK(distance(1.01 / 0.7, 0.7, 0) < 1e-9);
}

TEST_CASE("scalar Hessian: against finite differences and at the points of the handbook") {
  weight_flow::Draw draw{std::mt19937_64(5)};
  for (int k = 0; k < 50; ++k) {
    const Problem p{draw.uniform(0, 3), draw.uniform(0, 3), draw.uniform(0, 2)};
    const double w1 = draw.uniform(-1.5, 1.5), w2 = draw.uniform(-1.5, 1.5);
    const auto found = hessian_eigenvalues(p.lambda, p.sigma2, p.gamma, {w1, w2});
    const auto expected = numerical_eigenvalues(p, w1, w2);
    for (int i = 0; i < 2; ++i) CHECK(std::abs(found[i] - expected[i]) < 1e-5);
    const double a = draw.uniform(-1.5, 1.5);
    CHECK(balanced_sharpness(p.lambda, p.sigma2, p.gamma, a) ==
          doctest::Approx(hessian_eigenvalues(p.lambda, p.sigma2, p.gamma, {a, a})[1]));
  }
  CHECK(hessian_eigenvalues(2, 1, 0.5, {0, 0})[0] == doctest::Approx(-1.5));
  CHECK(hessian_eigenvalues(2, 1, 0.5, {0, 0})[1] == doctest::Approx(2.5));
  // any minimum without decay: 0 and sqrt(xi^2 c^2 + 4 lambda^2)
  const double u = 2.0 / 3, w2 = 1.7, w1 = u / w2, c = w2 * w2 - w1 * w1;
  CHECK(std::abs(hessian_eigenvalues(2, 1, 0, {w1, w2})[0]) < 1e-14);
  CHECK(hessian_eigenvalues(2, 1, 0, {w1, w2})[1] == doctest::Approx(std::hypot(3 * c, 4)));
}

TEST_CASE("scalar sharpness: at the fixed point 2(lambda - gamma), or 2 gamma where larger") {
  CHECK(balanced_sharpness(1, 0.5, 0.2, std::sqrt(0.8 / 1.5)) == doctest::Approx(1.6));
  CHECK(balanced_sharpness(1, 0.5, 0.7, std::sqrt(0.3 / 1.5)) == doctest::Approx(1.4));
  CHECK(balanced_sharpness(1, 0.5, 0, 1) == doctest::Approx(2 + 1.5));
  CHECK(balanced_sharpness(1, 0, 0.3, 1) == doctest::Approx(2 + 0.3));
  CHECK_THROWS_AS(balanced_sharpness(-1, 0, 0, 1), std::domain_error);
  CHECK_THROWS_AS(hessian_eigenvalues(1, 0, 0, {NAN, 1}), std::domain_error);
}

TEST_CASE("optimal rates are the inverse curvatures at w1 = w2 = 1") {
  const auto rates = optimal_rates(1.4, 0.6);
  const double gamma = 1.4 * 0.6 / 2;
  CHECK(1 / rates.alpha_dae == doctest::Approx(balanced_sharpness(1.4, 0.6, 0, 1)));
  CHECK(1 / rates.alpha_wdae == doctest::Approx(balanced_sharpness(1.4, 0, gamma, 1)));
  CHECK(rates.ratio == doctest::Approx(1.4 / 2));
  CHECK(rates.edge_dae == doctest::Approx(1 / 1.4));
  CHECK(rates.edge_wdae == doctest::Approx(1 / (1.4 - gamma)));
}
