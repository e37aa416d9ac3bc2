#include <hourglass/core/check.hpp>
#include <hourglass/core/ops.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
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
  CHECK(at(rows_like(va, vr).value(), 2, 1) == row(0, 1));
  CHECK(at(tanh(va).value(), 0, 1) == doctest::Approx(std::tanh(a(0, 1))));
  CHECK(at(erf(va).value(), 0, 1) == doctest::Approx(std::erf(a(0, 1))));
  CHECK(at(sigmoid(va).value(), 0, 1) == doctest::Approx(1 / (1 + std::exp(-a(0, 1)))));
  CHECK(at(relu(va).value(), 1, 1) == (a(1, 1) > 0 ? a(1, 1) : Real(0)));
  CHECK(at((1.0 - va).value(), 1, 1) == doctest::Approx(1 - a(1, 1)));
}

TEST_CASE("ops: values of the functions") {
  Tape tape;
  tape.begin();
  const Array x = random({3, 4}, 1), y = random({3, 4}, 2);
  const Var vx = tape.constant(x), vy = tape.constant(y), positive = square(vx);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      const double a = x(i, j), b = y(i, j);
      const auto is = [&](Var v, double expected) {
        CHECK(at(v.value(), i, j) == doctest::Approx(expected).epsilon(1e-5));
      };
      is(vx / vy, a / b);
      is(vx / 4, a / 4);
      is(log(positive), std::log(a * a));
      is(sqrt(positive), std::abs(a));
      is(abs(vx), std::abs(a));
      is(softplus(vx), std::log(1 + std::exp(a)));
      is(elu(vx, 0.7), a > 0 ? a : 0.7 * (std::exp(a) - 1));
      is(leaky_relu(vx, 0.1), a > 0 ? a : 0.1 * a);
      is(hard_threshold(vx, 0.8), std::abs(a) >= 0.8 ? a : 0);
      is(clamp(vx, -0.4, 0.6), std::min(std::max(a, -0.4), 0.6));
    }
}

TEST_CASE("ops: values of sums, means and products along rows and columns") {
  Tape tape;
  tape.begin();
  const Array x = random({3, 4}, 1), y = random({3, 4}, 2), column = random({3, 1}, 3),
              row = random({1, 4}, 4);
  const Var vx = tape.constant(x), vy = tape.constant(y), vc = tape.constant(column),
            vr = tape.constant(row);
  double sum = 0, product = 0, exponentials = 0, squares = 0, down = 0, all = 0;
  for (std::size_t j = 0; j < 4; ++j) {
    sum += double(x(1, j)), product += double(x(1, j)) * double(y(1, j));
    exponentials += std::exp(double(x(1, j))), squares += double(x(1, j)) * double(x(1, j));
  }
  for (std::size_t i = 0; i < 3; ++i) down += double(x(i, 2));
  for (const Real entry : x) all += double(entry);
  const auto is = [](Real found, double expected) {
    CHECK(found == doctest::Approx(expected).epsilon(1e-5));
  };
  is(at(row_sums(vx).value(), 1, 0), sum);
  is(at(row_means(vx).value(), 1, 0), sum / 4);
  is(at(col_means(vx).value(), 0, 2), down / 3);
  is(mean_all(vx).item(), all / 12);
  is(at(row_dots(vx, vy).value(), 1, 0), product);
  is(at(log_sum_exp(vx).value(), 1, 0), std::log(exponentials));
  is(at(inverse_row_norms(vx).value(), 1, 0), 1 / std::sqrt(squares));
  is(at(normalise_rows(vx).value(), 1, 3), x(1, 3) / std::sqrt(squares));
  is(at(mul_column(vx, vc).value(), 2, 1), double(x(2, 1)) * double(column(2, 0)));
  is(at(mul_row(vx, vr).value(), 0, 3), double(x(0, 3)) * double(row(0, 3)));
  CHECK(at(columns_like(vx, vc).value(), 2, 3) == column(2, 0));
}

TEST_CASE("ops: what only moves numbers") {
  Tape tape;
  tape.begin();
  const Array x = random({37, 21}, 1), y = random({37, 2}, 2);
  const Var vx = tape.constant(x), vy = tape.constant(y);
  const View &turned = transpose(vx).value(), &joined = concat_columns(vx, vy).value(),
             &part = slice_columns(vx, 5, 3).value(), &padded = pad_columns(vy, 3, 6).value();
  CHECK(shape_of(turned) == Shape{21, 37});
  CHECK(shape_of(joined) == Shape{37, 23});
  CHECK(shape_of(part) == Shape{37, 3});
  CHECK(shape_of(padded) == Shape{37, 6});
  for (std::size_t i = 0; i < 37; ++i) {
    for (std::size_t j = 0; j < 21; ++j) {
      CHECK(turned(j, i) == x(i, j));
      CHECK(joined(i, j) == x(i, j));
    }
    for (std::size_t j = 0; j < 3; ++j) CHECK(part(i, j) == x(i, 5 + j));
    for (std::size_t j = 0; j < 6; ++j)
      CHECK(padded(i, j) == (j == 3 || j == 4 ? y(i, j - 3) : Real(0)));
    CHECK(joined(i, 22) == y(i, 1));
  }
  CHECK(slice_columns(vx, 21, 0).shape() == Shape{37, 0});

  const Var square = matmul(vy, vy, true);
  CHECK(trace(square).item() == doctest::Approx(2 * half_squared_norm(vy).item()));
  const View& diagonal = diagonal_like(square, tape.constant(Real(5))).value();
  CHECK(diagonal(0, 0) == 5);
  CHECK(diagonal(0, 1) == 0);
}

TEST_CASE("ops: arguments that do not fit are named with their shapes") {
  Tape tape;
  tape.begin();
  const Array numbers = random({3, 2}, 1), none = empty({0, 2});
  const Var x = tape.named(tape.constant(numbers), "code"), nothing = tape.constant(none);
  const Var turned = transpose(x);
  const auto message = [](const std::function<Var()>& f) -> std::string {
    try {
      f();
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  CHECK(message([&] { return x / turned; }) ==
        "div: code (3x2) and transpose (2x3) do not match: shapes must be equal");
  CHECK(message([&] { return row_dots(x, turned); }).find("row_dots: code (3x2)") == 0);
  CHECK(message([&] { return columns_like(x, x); }) ==
        "columns_like: code (3x2) and code (3x2) do not match: expected a column 3x1");
  CHECK(message([&] { return mul_column(x, turned); }).find("mul_column:") == 0);
  CHECK(message([&] { return mul_row(x, x); }).find("mul_row:") == 0);
  CHECK(message([&] { return trace(x); }) == "trace: code (3x2) is not square");
  CHECK(message([&] { return diagonal_like(x, tape.constant(Real(1))); }) ==
        "diagonal_like: code (3x2) is not square");
  CHECK(message([&] { return concat_columns(x, turned); }) ==
        "concat_columns: code (3x2) and transpose (2x3) do not match: numbers of rows must be "
        "equal");
  CHECK(message([&] { return slice_columns(x, 1, 2); }) ==
        "slice_columns: code (3x2) does not fit: 2 columns from column 1 on, of 2");
  CHECK(message([&] { return slice_columns(x, 1, std::size_t(-1)); }) != "");
  CHECK(message([&] { return pad_columns(x, 1, 2); }).find("pad_columns:") == 0);
  CHECK(message([&] { return clamp(x, 1, 0); }).find("clamp: code (3x2) needs low <= high") == 0);
  CHECK(message([&] { return hard_threshold(x, -1); }).find("hard_threshold:") == 0);
  CHECK(message([&] { return mean_all(nothing); }).find("mean_all:") == 0);
  CHECK(message([&] { return col_means(nothing); }).find("col_means:") == 0);
  CHECK(message([&] { return row_means(transpose(nothing)); }).find("row_means:") == 0);
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
