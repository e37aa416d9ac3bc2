#include <hourglass/core/check.hpp>
#include <hourglass/core/ops.hpp>

#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array random(Shape shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  Array x = empty(shape);
  for (Real& entry : x) entry = static_cast<Real>(normal(engine));
  return x;
}

Real at(const View& x, std::size_t i, std::size_t j) { return x(i, j); }

}  // namespace

TEST_CASE("ops: values") {
  Tape tape;
  tape.begin();
  const Array a = random({3, 4}, 1), b = random({4, 2}, 2), row = random({1, 4}, 3);
  const Var va = tape.constant(a), vb = tape.constant(b), vr = tape.constant(row);
  const Var product = matmul(va, vb);
  double entry = 0, total = 0, squares = 0;
  for (std::size_t k = 0; k < 4; ++k) entry += double(a(2, k)) * double(b(k, 1));
  for (const Real x : a) total += x, squares += double(x) * double(x);
  CHECK(at(product.value(), 2, 1) == doctest::Approx(entry));
  CHECK(sum_all(va).item() == doctest::Approx(total));
  CHECK(half_squared_norm(va).item() == doctest::Approx(squares / 2));
  CHECK(dot(va, va).item() == doctest::Approx(squares));
  CHECK(half_squared_error(va, scale(va, 0)).item() == doctest::Approx(squares / 6));
  CHECK(at(add_row(va, vr).value(), 1, 2) == doctest::Approx(a(1, 2) + row(0, 2)));
  CHECK(at(col_sums(va).value(), 0, 3) == doctest::Approx(a(0, 3) + a(1, 3) + a(2, 3)));
  CHECK(at(rows_like(vr, va).value(), 2, 1) == row(0, 1));
  CHECK(at(tanh(va).value(), 0, 1) == doctest::Approx(std::tanh(a(0, 1))));
  CHECK(at(erf(va).value(), 0, 1) == doctest::Approx(std::erf(a(0, 1))));
  CHECK(at(sigmoid(va).value(), 0, 1) == doctest::Approx(1 / (1 + std::exp(-a(0, 1)))));
  CHECK(at(relu(va).value(), 1, 1) == (a(1, 1) > 0 ? a(1, 1) : Real(0)));
  CHECK(at((1.0 - va).value(), 1, 1) == doctest::Approx(1 - a(1, 1)));
}

TEST_CASE("ops: relu passes NaN on") {
  Tape tape;
  tape.begin();
  CHECK(std::isnan(relu(tape.constant(Real(NAN))).item()));
}

TEST_CASE("ops: relu is flat at zero") {
  Parameter w{"w", scalar(0)};
  Tape tape;
  tape.begin();
  tape.backward(relu(tape.leaf(w)));
  CHECK(w.grad(0, 0) == 0);
}

TEST_CASE("ops: products of tanh layers, to second order, through shared weights") {
  Parameter w1{"encoder.W", random({3, 5}, 1)}, w2{"decoder.W", random({5, 3}, 2)},
      b{"b", random({1, 3}, 3)};
  const std::vector<Parameter*> all{&w1, &w2, &b};
  const Array x = random({4, 5}, 4);
  const auto loss = [&](Tape& t) {
    const Var data = t.constant(x);
    const Var code = tanh(add_row(matmul(data, t.leaf(w1), false, true), t.leaf(b)));
    const Var tied = matmul(code, t.leaf(w1));
    const Var y = matmul(code, t.leaf(w2), false, true) + 0.3 * tied;
    return half_squared_error(y, data) + scale(half_squared_norm(t.leaf(w2)), 0.1);
  };
  const GradientCheck check = check_gradients(loss, all, {.order = 2});
  CHECK_MESSAGE(check, check.worst);
}
