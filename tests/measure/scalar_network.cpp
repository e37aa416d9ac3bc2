#include <hourglass/core/array.hpp>
#include <hourglass/measure/scalar_network.hpp>
#include <hourglass/theory/linear_descent.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

const theory::ScalarMode unbalanced{
    .lambda = 1.5, .sigma2 = 0.7, .gamma = 0.3, .alpha = 0.05, .w1 = -0.4, .w2 = 1.25};

// Rounding of a step, some ten operations, may add up.
double rounding(std::size_t steps) {
  return 10 * double(steps) * double(std::numeric_limits<Real>::epsilon());
}

}  // namespace

TEST_CASE("scalar network: training on the tape is the exact recursion of descent") {
  const auto path = train_scalar(unbalanced, 200);
  REQUIRE(path.size() == 201);
  const auto exact = theory::descend(unbalanced, {0, 1, 2, 50, 200});
  std::size_t k = 0;
  for (const std::size_t step : {0, 1, 2, 50, 200}) {
    CHECK(path[step].w1 == doctest::Approx(exact[k].weights.w1).epsilon(rounding(200)));
    CHECK(path[step].w2 == doctest::Approx(exact[k].weights.w2).epsilon(rounding(200)));
    ++k;
  }
}

TEST_CASE("scalar network: the largest stable rate, also of a minimum near 0") {
  for (const double sigma2 : {1.0, 1e4}) {
    const theory::ScalarMode mode{
        .lambda = 1, .sigma2 = sigma2, .alpha = 0.1, .w1 = 0.01, .w2 = 0.01};
    CHECK(measured_stable_rate(mode) == doctest::Approx(1).epsilon(2 * stable_rate_resolution));
  }
}

TEST_CASE("scalar network: sharpness by Hessian-vector products is the larger eigenvalue") {
  for (const theory::Weights at : {theory::Weights{1, 1}, {0.05, 0.05}, {0, 0}, {-0.3, 2}}) {
    const auto expected = theory::hessian_eigenvalues(1.5, 0.7, 0.3, at);
    CHECK(measured_sharpness(unbalanced, at) == doctest::Approx(expected[1]).epsilon(rounding(10)));
  }
  // where the two eigenvalues nearly meet: gamma = lambda/2 at the minimum
  const theory::ScalarMode degenerate{.lambda = 1, .gamma = 0.5, .alpha = 0.1, .w1 = 0, .w2 = 0};
  const double a = std::sqrt(0.5) + 1e-6;
  const auto expected = theory::hessian_eigenvalues(1, 0, 0.5, {a, a});
  CHECK(measured_sharpness(degenerate, {a, a}) ==
        doctest::Approx(expected[1]).epsilon(rounding(10)));
}
