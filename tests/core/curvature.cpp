#include <hourglass/core/curvature.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// 1/2 (1 - w1 w2)^2: the Hessian at (a, b) is [[b^2, 2ab - 1], [2ab - 1, a^2]].
struct Valley {
  Parameter a{"a", scalar(Real(0.7))}, b{"b", scalar(Real(0.4))};
  std::vector<Parameter*> all{&a, &b};
  Var loss(Tape& t) { return half_squared_norm(1.0 - mul(t.leaf(a), t.leaf(b))); }
};

}  // namespace

TEST_CASE("curvature: hvp of a function whose Hessian is known") {
  Valley valley;
  Tape tape;
  tape.begin();
  const std::vector<Array> v{scalar(2), scalar(-1)};
  const auto hv = hvp(tape, valley.loss(tape), valley.all, v);
  const double a = 0.7, b = 0.4, cross = 2 * a * b - 1;
  CHECK(hv[0](0, 0) == doctest::Approx(2 * b * b - cross).epsilon(1e-6));
  CHECK(hv[1](0, 0) == doctest::Approx(2 * cross - a * a).epsilon(1e-6));
  tape.begin();
  CHECK_THROWS_AS(hvp(tape, valley.loss(tape), valley.all, {scalar(1)}), std::invalid_argument);
}

TEST_CASE("curvature: Lanczos finds the largest eigenvalue and bounds its error") {
  Valley valley;
  const auto top = largest_hessian_eigenvalue([&](Tape& t) { return valley.loss(t); }, valley.all);
  const double a = 0.7, b = 0.4, cross = 2 * a * b - 1, mean = (a * a + b * b) / 2;
  const double exact = mean + std::hypot((a * a - b * b) / 2, cross);
  CHECK(top.value == doctest::Approx(exact).epsilon(1e-6));
  CHECK(top.residual < 1e-5);
}

TEST_CASE("curvature: the smallest eigenvalue, negative here, and the whole Hessian") {
  Valley valley;
  const auto loss = [&](Tape& t) { return valley.loss(t); };
  const auto bottom = smallest_hessian_eigenvalue(loss, valley.all);
  const double a = 0.7, b = 0.4, cross = 2 * a * b - 1, mean = (a * a + b * b) / 2;
  const double exact = mean - std::hypot((a * a - b * b) / 2, cross);
  CHECK(exact < 0);
  CHECK(bottom.value == doctest::Approx(exact).epsilon(1e-5));
  CHECK(bottom.residual < 1e-5);
  const Array64 h = hessian(loss, valley.all);
  CHECK(shape_of(h) == Shape{2, 2});
  CHECK(h(0, 0) == doctest::Approx(b * b).epsilon(1e-6));
  CHECK(h(1, 1) == doctest::Approx(a * a).epsilon(1e-6));
  CHECK(h(0, 1) == doctest::Approx(cross).epsilon(1e-6));
  CHECK(h(1, 0) == h(0, 1));
}

TEST_CASE("curvature: what an hvp leaves in grad is not taken for a gradient") {
  Valley valley;
  Tape tape;
  tape.begin();
  hvp(tape, valley.loss(tape), valley.all, {scalar(1), scalar(1)});
  CHECK_FALSE(valley.a.has_grad);
  CHECK_FALSE(valley.b.has_grad);
}

TEST_CASE("curvature: a Hessian too large to hold is refused") {
  Parameter w{"w", filled({1, hessian_limit + 1}, 1)};
  Parameter* all = &w;
  CHECK_THROWS_AS(hessian([&](Tape& t) { return half_squared_norm(t.leaf(w)); }, {&all, 1}),
                  std::invalid_argument);
}

TEST_CASE("curvature: the spectrum of linear networks at their balanced minimum is the theory's") {
  // docs/theory/linear.md section 7: in the eigenbasis, unit i carries mode i with strength a^2
  const std::vector<double> lambdas{3, 2, 1, 0.5};
  struct Setting {
    double sigma2, gamma;
    std::size_t units;
  };
  for (const Setting s : {Setting{0, 0, 2}, {0.7, 0, 2}, {0, 0.6, 2}, {0.4, 0.6, 3}}) {
    CAPTURE(s.sigma2);
    CAPTURE(s.gamma);
    Array64 c = empty64({4, 4});
    c.fill(0);
    Parameter w1{"W1", filled({s.units, 4}, 0)}, w2{"W2", filled({4, s.units}, 0)};
    for (std::size_t i = 0; i < 4; ++i) c(i, i) = lambdas[i];
    for (std::size_t i = 0; i < s.units; ++i)
      w1.value(i, i) = w2.value(i, i) = static_cast<Real>(
          std::sqrt(std::max(0.0, (lambdas[i] - s.gamma) / (lambdas[i] + s.sigma2))));
    std::vector<Parameter*> all{&w1, &w2};
    const ExpectedLoss expected(c, s.sigma2);
    const auto loss = [&](Tape& t) {
      const Var decay = half_squared_norm(t.leaf(w1)) + half_squared_norm(t.leaf(w2));
      return expected(t, w1, w2) + s.gamma * decay;
    };
    const double precision = sizeof(Real) == sizeof(double) ? 1e-10 : 2e-5;
    const auto predicted = theory::network_hessian_eigenvalues(lambdas, s.sigma2, s.gamma, s.units);
    std::vector<double> found = eigh(hessian(loss, all)).values;  // largest first
    std::reverse(found.begin(), found.end());
    REQUIRE(found.size() == predicted.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      CHECK(std::abs(found[i] - predicted[i]) < precision * predicted.back());
    // the end values by Lanczos, within their own bounds
    const auto top = largest_hessian_eigenvalue(loss, all);
    const auto bottom = smallest_hessian_eigenvalue(loss, all);
    CHECK(std::abs(top.value - predicted.back()) < precision * predicted.back() + top.residual);
    CHECK(std::abs(bottom.value - predicted.front()) <
          precision * predicted.back() + bottom.residual);
    CHECK(bottom.residual < 1e-4);
  }
}

TEST_CASE("curvature: the residual of an eigenvalue bounds its error, that of rounding included") {
  // 1/2 ||A w||^2 has the Hessian A^T A: known from A as it is in the precision of the build
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 engine(seed);
    std::normal_distribution<double> normal;
    Array a = empty({40, 1 + seed});
    for (Real& x : a) x = static_cast<Real>(normal(engine));
    Parameter w{"w", filled({1 + seed, 1}, 1)};
    Parameter* all = &w;
    const auto loss = [&](Tape& t) { return half_squared_norm(matmul(t.constant(a), t.leaf(w))); };
    const Array64 exact = to_double(a);
    const std::vector<double> values = eigh(kernels::product(exact, exact, true)).values;
    const auto top = largest_hessian_eigenvalue(loss, {&all, 1});
    const auto bottom = smallest_hessian_eigenvalue(loss, {&all, 1});
    CHECK(std::abs(top.value - values.front()) <= top.residual);
    CHECK(std::abs(bottom.value - values.back()) <= bottom.residual);
    const double precision = std::numeric_limits<Real>::epsilon();
    CHECK(top.residual < std::max(1e-7, 100 * precision) * values.front());
  }
}

TEST_CASE("curvature: leaves no gradient behind, of listed parameters or others") {
  Valley valley;
  std::vector<Parameter*> some{&valley.a};
  Tape tape;
  tape.begin();
  hvp(tape, valley.loss(tape), some, {scalar(1)});
  CHECK(!valley.a.has_grad);
  CHECK(!valley.b.has_grad);
  hessian([&](Tape& t) { return valley.loss(t); }, some);
  CHECK(!valley.b.has_grad);
}
