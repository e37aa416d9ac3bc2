// Every op that bends its argument, in value and both orders of derivative, where formulas that are
// right in the middle lose their digits: at 0, at the smallest and largest numbers, in saturation,
// at equal and at infinite arguments. Against long double.

#include <hourglass/core/curvature.hpp>
#include <hourglass/core/ops.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace hourglass {
namespace {

using Exact = long double;
using Limits = std::numeric_limits<Real>;

// The slopes of tanh and sigmoid lose up to ten bits before the exponential takes over, erf's
// exponential up to ten more than its argument has.
constexpr Exact digits[] = {16, 1500, 6000};  // what each order may lose, in epsilons

// Within so many epsilons, relative to the scale; what is too large is infinite, what is too small
// may be 0.
bool right(Real found, Exact exact, Exact scale, Exact epsilons) {
  if (std::isnan(exact)) return std::isnan(found);
  const Exact difference = std::isinf(exact) ? 0 : std::fabs(found - exact);
  const Exact error = epsilons * Limits::epsilon() * std::max(std::fabs(exact), scale);
  if (std::fabs(exact) > Limits::max())
    return std::isinf(found) && std::signbit(found) == std::signbit(exact);
  return difference <= std::max(error, Exact(Limits::min()));
}

struct Derivatives {
  Real value, first, second;
};

Derivatives at(const std::function<Var(Var)>& f, Real x) {
  Parameter p{"x", scalar(x)};
  Parameter* all = &p;
  Tape tape;
  tape.begin();
  const Var y = f(tape.leaf(p));
  tape.backward(y);
  const Real first = p.grad(0, 0);
  return {y.item(), first, hvp(tape, y, {&all, 1}, {scalar(1)})[0](0, 0)};
}

struct Row {
  std::string name;
  std::function<Var(Var)> op;
  Exact (*value)(Exact), (*first)(Exact), (*second)(Exact);
  bool positive = false;  // the domain
};

Exact logistic(Exact x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
Exact squared_secant(Exact x) { return std::pow(1 / std::cosh(x), 2); }
Exact gauss(Exact x) {
  return std::isinf(x * x) ? 0 : std::exp(-x * x) * 2 * std::numbers::inv_sqrtpi_v<Exact>;
}
Exact zero(Exact) { return 0; }
Exact one(Exact) { return 1; }
Exact same(Exact x) { return x; }
Exact step(Exact x) { return x > 0; }

const std::vector<Row> rows = {
    {"tanh", [](Var x) { return tanh(x); }, std::tanh, squared_secant,
     [](Exact x) { return -2 * std::tanh(x) * squared_secant(x); }},
    {"sigmoid", [](Var x) { return sigmoid(x); }, logistic,
     [](Exact x) { return squared_secant(x / 2) / 4; },
     [](Exact x) { return -std::tanh(x / 2) * squared_secant(x / 2) / 4; }},
    {"softplus", [](Var x) { return softplus(x); },
     [](Exact x) { return std::max(x, Exact(0)) + std::log1p(std::exp(-std::fabs(x))); }, logistic,
     [](Exact x) { return squared_secant(x / 2) / 4; }},
    {"erf", [](Var x) { return erf(x); }, std::erf, gauss,
     [](Exact x) { return gauss(x) == 0 ? 0 : -2 * x * gauss(x); }},
    {"elu", [](Var x) { return elu(x, 1.5); },
     [](Exact x) { return x > 0 ? x : Exact(1.5) * std::expm1(x); },
     [](Exact x) { return x > 0 ? 1 : Exact(1.5) * std::exp(x); },
     [](Exact x) { return x > 0 ? 0 : Exact(1.5) * std::exp(x); }},
    {"exp", [](Var x) { return exp(x); }, std::exp, std::exp, std::exp},
    {"log", [](Var x) { return log(x); }, std::log, [](Exact x) { return 1 / x; },
     [](Exact x) { return -1 / x / x; }, true},
    {"sqrt", [](Var x) { return sqrt(x); }, std::sqrt,
     [](Exact x) { return 1 / (2 * std::sqrt(x)); },
     [](Exact x) { return -1 / (4 * x * std::sqrt(x)); }, true},
    {"square", [](Var x) { return square(x); }, [](Exact x) { return x * x; },
     [](Exact x) { return 2 * x; }, [](Exact) { return Exact(2); }},
    {"abs", [](Var x) { return abs(x); }, std::fabs,
     [](Exact x) { return x == 0 ? 0 : std::copysign(Exact(1), x); }, zero},
    {"relu", [](Var x) { return relu(x); }, [](Exact x) { return std::max(x, Exact(0)); }, step,
     zero},
    {"leaky_relu", [](Var x) { return leaky_relu(x, 0.25); },
     [](Exact x) { return x > 0 ? x : x / 4; }, [](Exact x) { return x > 0 ? 1 : Exact(0.25); },
     zero},
    {"hard_threshold", [](Var x) { return hard_threshold(x, 0.75); },
     [](Exact x) { return std::fabs(x) < Exact(0.75) ? 0 : x; },
     [](Exact x) { return Exact(std::fabs(x) >= Exact(0.75)); }, zero},
    {"clamp", [](Var x) { return clamp(x, -2, 4); },
     [](Exact x) { return std::min(std::max(x, Exact(-2)), Exact(4)); },
     [](Exact x) { return Exact(x >= -2 && x <= 4); }, zero},
    {"affine", [](Var x) { return affine(x, 0.5, -1); }, [](Exact x) { return x / 2 - 1; },
     [](Exact) { return Exact(0.5); }, zero},
    {"gate", [](Var x) { return gate(x, x); }, [](Exact x) { return x > 0 ? x : 0; }, step, zero},
    {"sum_all", [](Var x) { return sum_all(x); }, same, one, zero},
    {"log_sum_exp of one", [](Var x) { return log_sum_exp(x); }, same, one, zero},
};

std::vector<Real> arguments(bool positive) {
  std::vector<Real> sizes{0, Limits::denorm_min(), Limits::min(), Real(1e-10), Real(0.03)};
  for (const double x : {0.5, 1.0, 2.5, 3.5, 5.0, 7.5, 9.0, 12.0, 17.0, 20.0, 30.0, 40.0, 80.0})
    sizes.push_back(Real(x));
  for (const Real x : {Real(700), Real(1e10), std::sqrt(Limits::max()) * 2, Limits::max() / 2,
                       Limits::max(), Limits::infinity()})
    sizes.push_back(x);
  std::vector<Real> result;
  for (const Real size : sizes) {
    result.push_back(size);
    if (!positive && size > 0) result.push_back(-size);
  }
  return result;
}

Array row_of(const std::vector<Real>& numbers) {
  Array x = empty({1, numbers.size()});
  std::copy(numbers.begin(), numbers.end(), x.data());
  return x;
}

// f of a row, its gradient, and its Hessian times the first unit vector.
struct RowDerivatives {
  Real value;
  Array gradient, column;
};
RowDerivatives on_row(const std::function<Var(Var)>& f, const std::vector<Real>& numbers) {
  Parameter p{"x", row_of(numbers)};
  Parameter* all = &p;
  Array along = filled(shape_of(p.value), 0);
  along(0, 0) = 1;
  Tape tape;
  tape.begin();
  const Var y = f(tape.leaf(p));
  tape.backward(y);
  const Array gradient = p.grad;
  return {y.item(), gradient, hvp(tape, y, {&all, 1}, {along})[0]};
}

}  // namespace

TEST_CASE("far: every function has its value and both derivatives wherever they are numbers") {
  for (const Row& row : rows)
    for (const Real x : arguments(row.positive)) {
      CAPTURE(row.name);
      CAPTURE(x);
      const Derivatives found = at(row.op, x);
      const Exact first = row.first(x), second = row.second(x);
      CAPTURE(found.value);
      CAPTURE(found.first);
      CAPTURE(found.second);
      CHECK(right(found.value, row.value(x), 0, digits[0]));
      CHECK(right(found.first, first, 0, digits[1]));
      // where it passes through 0 it is known on the scale of the first
      CHECK(right(found.second, second, std::isinf(first) ? 0 : std::fabs(first), digits[2]));
    }
}

TEST_CASE("far: a quotient and its derivatives, as far as they are numbers") {
  const std::vector<Real> sizes{0,          Limits::min(), Real(1e-10),       1,
                                Real(3e10), Limits::max(), Limits::infinity()};
  for (const Real x : sizes)
    for (const Real y : sizes) {
      const Exact quotient = Exact(x) / y;
      if (std::isnan(quotient)) continue;
      CAPTURE(x);
      CAPTURE(y);
      Parameter a{"a", scalar(x)}, b{"b", scalar(y)};
      Tape tape;
      tape.begin();
      const Var z = div(tape.leaf(a), tape.leaf(b));
      tape.backward(z);
      CHECK(right(z.item(), quotient, 0, digits[0]));
      CHECK(right(a.grad(0, 0), 1 / Exact(y), 0, digits[0]));
      if (!std::isnan(quotient / y)) CHECK(right(b.grad(0, 0), -quotient / y, 0, digits[0]));
    }
}

TEST_CASE("far: log_sum_exp shares its derivative among equal entries, of any size") {
  const auto f = [](Var x) { return log_sum_exp(x); };
  for (const Real size : arguments(false)) {
    CAPTURE(size);
    const RowDerivatives two = on_row(f, {size, size});
    CHECK(right(two.value, size + std::log(Exact(2)), 0, digits[0]));
    const RowDerivatives four = on_row(f, {size, size, size, size});
    for (std::size_t j = 0; j < 2; ++j) {
      CHECK(two.gradient(0, j) == Real(0.5));
      CHECK(four.gradient(0, j) == Real(0.25));
      CHECK(two.column(0, j) == (j == 0 ? Real(0.25) : Real(-0.25)));
    }
  }
}

TEST_CASE("far: log_sum_exp of entries apart from each other is softmax, as in long double") {
  const auto f = [](Var x) { return log_sum_exp(x); };
  for (const Exact at : {0.0L, 100.0L, -1000.0L, 65536.0L, -65536.0L})
    for (const Exact apart : {0.5L, 4.0L, 20.0L, 60.0L, 2000.0L}) {
      CAPTURE(double(at));
      CAPTURE(double(apart));
      const RowDerivatives found = on_row(f, {Real(at), Real(at + apart)});
      const Exact share = logistic(-apart);
      CHECK(right(found.value, at + apart + std::log1p(std::exp(-apart)), 0, digits[0]));
      CHECK(right(found.gradient(0, 0), share, 0, digits[1]));
      CHECK(right(found.gradient(0, 1), 1 - share, 0, digits[1]));
      CHECK(right(found.column(0, 0), share * logistic(apart), 0, digits[1]));
      CHECK(right(found.column(0, 1), -share * logistic(apart), 0, digits[1]));
    }
  const Real far = Limits::infinity();
  CHECK(on_row(f, {far, 1}).gradient == row_of({1, 0}));
  CHECK(on_row(f, {far, 1, far}).gradient == row_of({Real(0.5), 0, Real(0.5)}));
  CHECK(on_row(f, {-far, 1}).gradient == row_of({0, 1}));
  CHECK(std::isnan(on_row(f, {1, Limits::quiet_NaN()}).gradient(0, 0)));
}

TEST_CASE("far: norms and what is divided by them are right for tiny and for huge rows") {
  for (const Real size : {Limits::min() * 4, std::sqrt(Limits::min()) / 64, Real(1e-6), Real(1),
                          std::sqrt(Limits::max()) * 64, Limits::max() / 8}) {
    CAPTURE(size);
    const Exact norm = 5 * Exact(size);
    const std::vector<Real> numbers{3 * size, 4 * size};
    const auto part = [](Var x) { return slice_columns(normalise_rows(x), 0, 1); };
    const RowDerivatives inverse = on_row([](Var x) { return inverse_row_norms(x); }, numbers);
    CHECK(right(inverse.value, 1 / norm, 0, digits[0]));
    CHECK(right(inverse.gradient(0, 1), -0.8L / norm / norm, 0, digits[1]));
    const RowDerivatives unit = on_row(part, numbers);
    CHECK(right(unit.value, 0.6L, 0, digits[0]));
    CHECK(right(unit.gradient(0, 0), 0.64L / norm, 0, digits[1]));
    CHECK(right(unit.gradient(0, 1), -0.48L / norm, 0, digits[1]));
    if (1 / norm / norm > Limits::max()) continue;  // then infinities meet on the way
    CHECK(right(unit.column(0, 1), (3 * 0.6L * 0.6L - 1) * 0.8L / norm / norm, 1 / norm / norm,
                digits[2]));
  }
}

}  // namespace hourglass
