#include <hourglass/core/curvature.hpp>

#include <cmath>

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

TEST_CASE("curvature: sharpness at the minimum of a linear autoencoder is twice lambda_1") {
  // docs/theory/linear.md section 7: balanced minimum, D = 3, H = 2, spectrum 3, 2, 1
  Parameter w1{"W1", filled({2, 3}, 0)}, w2{"W2", filled({3, 2}, 0)};
  for (std::size_t i = 0; i < 2; ++i) w1.value(i, i) = w2.value(i, i) = 1;
  std::vector<Parameter*> all{&w1, &w2};
  Array x = filled({3, 3}, 0);
  for (std::size_t i = 0; i < 3; ++i)
    x(i, i) = static_cast<Real>(std::sqrt(3.0 * (3.0 - double(i))));
  const auto loss = [&](Tape& t) {
    const Var data = t.constant(x);
    const Var code = matmul(data, t.leaf(w1), false, true);
    return half_squared_error(matmul(code, t.leaf(w2), false, true), data);
  };
  CHECK(largest_hessian_eigenvalue(loss, all).value == doctest::Approx(6).epsilon(1e-5));
}
