#include <hourglass/core/ops.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

// What differences cannot check: kinks, boundaries, infinities and NaN, and numbers at which a
// naive formula overflows.

namespace hourglass {  // so that sqrt is the op, not that of <cmath>
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = std::numeric_limits<Real>::max();

struct Point {
  double value = 0, derivative = 0;
};

// f and its derivative at x, a 1x1.
Point at(double x, const std::function<Var(Var)>& f) {
  Parameter p{"x", scalar(static_cast<Real>(x))};
  Tape tape;
  tape.begin();
  const Var y = f(tape.leaf(p));
  tape.backward(y);
  return {double(y.item()), double(p.grad(0, 0))};
}

Array row(std::initializer_list<double> numbers) {
  Array x = empty({1, numbers.size()});
  std::size_t j = 0;
  for (const double number : numbers) x(0, j++) = static_cast<Real>(number);
  return x;
}

}  // namespace

TEST_CASE("kinks: the derivative at each kink is the declared one") {
  CHECK(at(0, abs).derivative == 0);
  CHECK(at(0, relu).derivative == 0);
  CHECK(at(0, [](Var x) { return leaky_relu(x, 0.125); }).derivative == 0.125);
  CHECK(at(0, [](Var x) { return elu(x, 0.5); }).derivative == 0.5);
  CHECK(at(0, [](Var x) { return elu(x); }).derivative == 1);
  CHECK(at(0, sqrt).derivative == infinity);
  CHECK(at(0, log).value == -infinity);
  CHECK(at(0, log).derivative == infinity);
}

TEST_CASE("kinks: a hard threshold keeps its boundary, in value and in derivative") {
  const auto f = [](Var x) { return hard_threshold(x, 0.5); };
  const double below = std::nextafter(Real(0.5), Real(0)),
               above = std::nextafter(Real(0.5), Real(1));
  for (const double sign : {-1.0, 1.0}) {
    for (const double x : {0.5, above, 3.0}) {
      CHECK(at(sign * x, f).value == sign * x);
      CHECK(at(sign * x, f).derivative == 1);
    }
    for (const double x : {below, 0.1, 0.0}) {
      CHECK(at(sign * x, f).value == 0);
      CHECK(at(sign * x, f).derivative == 0);
    }
  }
}

TEST_CASE("kinks: clamp passes gradients on its closed interval only") {
  const auto f = [](Var x) { return clamp(x, -0.5, 2); };
  for (const double x : {-0.5, 0.0, 2.0}) {
    CHECK(at(x, f).value == x);
    CHECK(at(x, f).derivative == 1);
  }
  CHECK(at(-0.75, f).value == -0.5);
  CHECK(at(-0.75, f).derivative == 0);
  CHECK(at(infinity, f).value == 2);
  CHECK(at(infinity, f).derivative == 0);
}

TEST_CASE("kinks: softplus neither overflows nor loses small values") {
  CHECK(at(0, softplus).value == doctest::Approx(std::log(2.0)));
  for (const double x : {100.0, largest}) {
    CHECK(at(x, softplus).value == static_cast<double>(static_cast<Real>(x)));
    CHECK(at(x, softplus).derivative == 1);
  }
  CHECK(at(-50, softplus).value == doctest::Approx(std::exp(-50.0)).epsilon(1e-5));
  CHECK(at(-50, softplus).derivative == doctest::Approx(std::exp(-50.0)).epsilon(1e-5));
  CHECK(at(-largest, softplus).value == 0);
  CHECK(at(-largest, softplus).derivative == 0);
}

TEST_CASE("kinks: NaN passes through every function") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& f : std::vector<std::function<Var(Var)>>{
           tanh, sigmoid, erf, exp, square, log, sqrt, abs, relu, softplus, log_sum_exp,
           inverse_row_norms, normalise_rows, [](Var x) { return leaky_relu(x); },
           [](Var x) { return elu(x); }, [](Var x) { return hard_threshold(x, 1); },
           [](Var x) { return clamp(x, 0, 1); }})
    CHECK(std::isnan(at(nan, f).value));
}

TEST_CASE("kinks: log_sum_exp is free of overflow and keeps infinities") {
  Tape tape;
  tape.begin();
  const double top = largest / 2;
  const auto value = [&](std::initializer_list<double> x) {
    return double(log_sum_exp(tape.constant(row(x))).item());
  };
  CHECK(value({1000, 1000}) == doctest::Approx(1000 + std::log(2.0)));
  CHECK(value({-1000, -1000, -1000}) == doctest::Approx(-1000 + std::log(3.0)));
  CHECK(value({top, 0}) == top);
  CHECK(value({-infinity, 2}) == 2);
  CHECK(value({-infinity, -infinity}) == -infinity);
  CHECK(value({infinity, 1}) == infinity);
  CHECK(std::isnan(value({1, NAN})));
  CHECK(std::isnan(value({NAN, 1})));
  CHECK(std::isnan(value({-infinity, NAN})));
  CHECK(std::isnan(value({infinity, NAN})));

  Parameter p{"x", row({800, 800, -800})};
  tape.backward(log_sum_exp(tape.leaf(p)));
  CHECK(p.grad(0, 0) == doctest::Approx(0.5));
  CHECK(p.grad(0, 2) == 0);
}

TEST_CASE("kinks: a zero row or column stays zero when normalised and passes no gradient") {
  Parameter p{"x", filled({2, 2}, 0)};
  p.value(0, 0) = 3, p.value(0, 1) = 4;
  Tape tape;
  tape.begin();
  const Var rows = normalise_rows(tape.leaf(p));
  CHECK(rows.value()(0, 0) == doctest::Approx(0.6));
  CHECK(rows.value()(0, 1) == doctest::Approx(0.8));
  CHECK(rows.value()(1, 0) == 0);
  const Var columns = normalise_columns(transpose(tape.leaf(p)));
  CHECK(columns.value()(1, 0) == doctest::Approx(0.8));
  CHECK(columns.value()(1, 1) == 0);
  tape.backward(sum_all(rows) + sum_all(columns));
  CHECK(p.grad(1, 0) == 0);
  CHECK(p.grad(1, 1) == 0);
  CHECK(p.grad(0, 0) == doctest::Approx(2 * (0.2 - 0.6 * 0.28)));
}

}  // namespace hourglass
