#include <hourglass/core/check.hpp>
#include <hourglass/core/op.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array ramp(Shape shape) {
  Array x = empty(shape);
  Real value = Real(0.3);
  for (Real& entry : x) entry = value += Real(0.17);
  return x;
}

// x^3 with a rule that is off by a factor.
struct Cube {
  static constexpr auto name = "cube";
  double factor;
  auto operator()(auto& x) const { return x * x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (x * x * Real(3 * factor)); }
};

// x^3 whose first-order rule is right, but recorded through an op with a wrong rule: 3x^2 is
// right, its derivative is not.
struct WrongSquare {
  static constexpr auto name = "wrong_square";
  auto operator()(auto& x) const { return x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (x * Real(2.002)); }
};
auto wrong_square(const View& x) { return x * x; }
Var wrong_square(Var x) { return apply(WrongSquare{}, x); }

struct NestedCube {
  static constexpr auto name = "nested_cube";
  auto operator()(auto& x) const { return x * x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (wrong_square(x) * Real(3)); }
};

struct ThroughOp {
  Parameter w{"w", ramp({2, 3})};
  Parameter* pointer = &w;
  template <class Op>
  GradientCheck check(Op op, CheckOptions options) {
    return check_gradients([&](Tape& t) { return sum_all(apply(op, t.leaf(w))); },
                           Parameters(&pointer, 1), options);
  }
};

}  // namespace

TEST_CASE("check: a right rule passes at both orders, entry by entry and in a direction") {
  ThroughOp through;
  const Array before = through.w.value;
  CHECK(through.check(Cube{1}, {.order = 2}));
  CHECK(through.check(Cube{1}, {.order = 2, .entries = false}));
  CHECK(through.w.value == before);
}

TEST_CASE("check: a rule wrong by a factor 1.001 is caught at order 1 and named") {
  ThroughOp through;
  const GradientCheck check = through.check(Cube{1.001}, {.order = 1});
  CHECK_FALSE(check);
  CHECK(check.error == doctest::Approx(1e-3).epsilon(0.3));
  CHECK(check.worst.find("gradient") == 0);
  CHECK_FALSE(through.check(Cube{1.001}, {.order = 1, .entries = false}));
}

TEST_CASE("check: a wrong nested rule passes order 1 and is caught at order 2") {
  ThroughOp through;
  CHECK(through.check(NestedCube{}, {.order = 1}));
  const GradientCheck check = through.check(NestedCube{}, {.order = 2});
  CHECK_FALSE(check);
  CHECK(check.worst.find("Hessian-vector product of w at (") == 0);
}

namespace {

// Of each kind an op whose rule is right but for a factor: `first` on arrays, `second` where it is
// recorded.
struct Factors {
  double first = 1, second = 1;
  double of(const View&) const { return first; }
  double of(const Var&) const { return second; }
};

struct Squaring {
  static constexpr auto name = "elementwise";
  Factors factors;
  auto operator()(auto& x) const { return x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (x * (2 * factors.of(g))); }
};
struct Branching {
  static constexpr auto name = "branching";
  Factors factors;
  auto operator()(auto& x) const { return gate(x, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x) * factors.of(g); }
};
struct Reduction {
  static constexpr auto name = "reduction";
  Factors factors;
  auto operator()(auto& x) const { return row_dots(x, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return mul_column(x, g) * (2 * factors.of(g)); }
};
struct Moving {  // by one column less than it should, where a factor is not 1
  static constexpr auto name = "moving";
  Factors factors;
  auto operator()(auto& x) const { return slice_columns(x, 1, 1); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return pad_columns(g, factors.of(g) == 1 ? 1 : 0, x.shape().columns);
  }
};
struct Broadcasting {
  static constexpr auto name = "broadcasting";
  Factors factors;
  auto operator()(auto& a, auto& b) const { return mul_column(a, b); }
  auto vjp(wrt<0>, auto& g, auto&, auto& b, auto&) const { return mul_column(g, b); }
  auto vjp(wrt<1>, auto& g, auto& a, auto&, auto&) const {
    const double factor = factors.of(g);
    return row_dots(g, a) * factor;
  }
};
struct Multiplying {
  static constexpr auto name = "multiplying";
  Factors factors;
  auto operator()(auto& a, auto& b) const { return matmul(a, b, true); }
  auto vjp(wrt<0>, auto& g, auto&, auto& b, auto&) const { return matmul(b, g, false, true); }
  auto vjp(wrt<1>, auto& g, auto& a, auto&, auto&) const {
    return scaled(matmul(a, g), factors.of(g));
  }
  static Product scaled(Product p, double factor) {
    p.alpha *= static_cast<Real>(factor);
    return p;
  }
  static Var scaled(Var x, double factor) { return scale(x, factor); }
};

}  // namespace

TEST_CASE("check: a wrong rule is caught in every kind of op, at the order where it is wrong") {
  Parameter w{"w", ramp({3, 2})}, column{"column", ramp({3, 1})};
  std::vector<Parameter*> all{&w, &column};
  const double wrong = sizeof(Real) == sizeof(float) ? 1.01 : 1.00001;
  const auto kind = [&](const std::string& name, auto apply_op) {
    CAPTURE(name);
    const auto check = [&](Factors factors, int order, bool entries = true) {
      return check_gradients(
          [&](Tape& t) {
            const Var y = apply_op(t.leaf(w), t.leaf(column), factors);
            return half_squared_norm(y + 0.5 * square(y));
          },
          all, {.order = order, .entries = entries});
    };
    for (const bool entries : {true, false}) {
      const GradientCheck right = check({}, 2, entries);
      CHECK_MESSAGE(right, right.worst);
      CHECK_FALSE(check({.first = wrong}, 1, entries));
    }
    const GradientCheck hidden = check({.second = wrong}, 1);
    CHECK_MESSAGE(hidden, hidden.worst);
    CHECK_FALSE(check({.second = wrong}, 2));
  };
  kind("elementwise", [](Var x, Var, Factors f) { return apply(Squaring{f}, x); });
  kind("branching", [](Var x, Var, Factors f) { return apply(Branching{f}, square(x)); });
  kind("reduction", [](Var x, Var, Factors f) { return apply(Reduction{f}, x); });
  kind("moving", [](Var x, Var, Factors f) { return apply(Moving{f}, x); });
  kind("broadcasting", [](Var x, Var c, Factors f) { return apply(Broadcasting{f}, x, c); });
  kind("product", [](Var x, Var c, Factors f) { return apply(Multiplying{f}, x, c); });
}

namespace {

Array normal(Shape shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> numbers;
  Array x = empty(shape);
  for (Real& entry : x) entry = static_cast<Real>(numbers(engine));
  return x;
}

Array row(std::initializer_list<double> numbers) {
  Array x = empty({1, numbers.size()});
  std::copy(numbers.begin(), numbers.end(), x.data());
  return x;
}

GradientCheck check_of(Parameter& w, const std::function<Var(Var)>& f,
                       const CheckOptions& options = {}) {
  Parameter* all = &w;
  return check_gradients([&](Tape& t) { return f(t.leaf(w)); }, {&all, 1}, options);
}

}  // namespace

TEST_CASE("check: right gradients pass where a single step would not do") {
  for (const int order : {1, 2}) {
    CAPTURE(order);
    const auto passes = [&](Array value, const std::function<Var(Var)>& f) {
      Parameter w{"w", std::move(value)};
      const GradientCheck check =
          check_of(w, [&](Var x) { return sum_all(f(x)); }, {.order = order});
      CHECK_MESSAGE(check, check.worst);
    };
    const auto logarithm = [](Var x) { return log(x); };
    passes(scalar(Real(1e6)), [](Var x) { return square(x); });
    passes(scalar(Real(1e5)), logarithm);
    passes(scalar(Real(0.01)), logarithm);
    // together: steps are at least part of a tenth of the mean, and single precision has fewer to
    // try
    passes(sizeof(Real) == sizeof(float) ? row({1e2, 0.1, 3}) : row({1e6, 1e-2, 3}), logarithm);
    passes(scalar(0), [](Var x) { return exp(x); });
    passes(normal({4, 4}, 1), [](Var x) { return tanh(8.0 * x); });
    passes(normal({3, 3}, 2), [](Var x) { return x + square(erf(matmul(x, x))); });
    passes(row({1, -2, 3e-4}), [](Var x) { return mul(relu(x), x); });  // beside a kink
  }
}

TEST_CASE("check: a network of tanh layers with weights of order 1 passes at both orders") {
  const std::vector<std::size_t> widths{64, 8, 16, 8, 64};
  std::vector<Parameter> weights;
  for (std::size_t k = 0; k + 1 < widths.size(); ++k)
    weights.push_back({"w" + std::to_string(k), normal({widths[k], widths[k + 1]}, unsigned(k))});
  std::vector<Parameter*> all;
  for (Parameter& p : weights) all.push_back(&p);
  const Array x = normal({4, 64}, 9);
  for (const double size : {0.2, 1.0}) {
    CAPTURE(size);
    const auto loss = [&](Tape& t) {
      Var y = t.constant(x);
      for (Parameter& p : weights) y = tanh(size * matmul(y, t.leaf(p)));
      return half_squared_error(y, t.constant(x));
    };
    const GradientCheck check = check_gradients(loss, all, {.order = 2});
    CHECK_MESSAGE(check, check.worst);
  }
}

TEST_CASE("check: a wrong gradient is not hidden by a large one beside it") {
  Parameter large{"large", scalar(1)}, small{"small", scalar(Real(0.7))};
  std::vector<Parameter*> all{&large, &small};
  const double size = sizeof(Real) == sizeof(float) ? 1e3 : 1e9;
  for (const bool entries : {true, false}) {
    const auto check = [&](double factor) {
      return check_gradients(
          [&](Tape& t) { return scale(t.leaf(large), size) + apply(Cube{factor}, t.leaf(small)); },
          all, {.entries = entries});
    };
    const GradientCheck right = check(1);
    CHECK_MESSAGE(right, right.worst);
    const GradientCheck half = check(0.5);
    CHECK_FALSE(half);
    CHECK(half.worst.find("of small") != std::string::npos);
  }
}

TEST_CASE("check: what is no function of the parameters alone, or jumps, does not pass") {
  Parameter w{"w", ramp({1, 2})};
  int calls = 0;
  CHECK_FALSE(check_of(w, [&](Var x) { return sum_all(x) + 1e-3 * (calls = 5 * calls % 7 + 1); }));
  CHECK_FALSE(check_of(w, [&](Var x) { return scale(sum_all(x), 1 + 1e-2 * (++calls % 3)); }));
  w.value(0, 1) = 0;
  CHECK_FALSE(check_of(w, [](Var x) { return sum_all(relu(x)); }));
  w.value(0, 1) = 1;
  CHECK_FALSE(check_of(w, [](Var x) { return sum_all(hard_threshold(x, 1)); }));
}

TEST_CASE("check: gradients that are zero, by cancellation too, pass, and wrong ones do not") {
  Parameter w{"w", ramp({2, 3})}, idle{"idle", ramp({2, 1})};
  std::vector<Parameter*> all{&w, &idle};
  const auto shifted = [&](Tape& t) {  // what is added to a row does not matter
    const Var x = t.leaf(w), y = x + columns_like(x, t.leaf(idle));
    return sum_all(square(log_sum_exp(y) - slice_columns(y, 0, 1)));
  };
  for (const int order : {1, 2}) {
    const GradientCheck check = check_gradients(shifted, all, {.order = order});
    CHECK_MESSAGE(check, check.worst);
  }
  CHECK_FALSE(check_of(idle, [](Var x) { return scale(sum_all(stop_gradient(x)), 1e-12); }));
  CHECK(check_of(idle, [](Var x) { return scale(sum_all(stop_gradient(x)), 0); }));
}

TEST_CASE("check: the message has tolerance and step") {
  Parameter w{"w", ramp({1, 2})};
  const auto wrong = [](Var x) { return sum_all(apply(Cube{1.5}, x)); };
  const std::string said = check_of(w, wrong, {.tolerance = 0.25}).worst;
  CHECK(said.find("gradient ") == 0);
  CHECK(said.find(" at relative step ") != std::string::npos);
  CHECK(said.find(", tolerance 0.25") != std::string::npos);
}

TEST_CASE("check: a straight-through estimator is checked against the loss that it smooths") {
  Parameter w{"w", row({0.3, -0.6, 1.2})};
  Parameter* all = &w;
  // `passed`: what is wrong with the gradient; `offset`: rounded - h at the start
  const auto loss = [&](Tape& t, double passed, const Array* offset) {
    const Var h = t.leaf(w), rounded = hard_threshold(h, 0.5);
    const Var code = offset ? h + t.constant(*offset) : h + stop_gradient(rounded - h);
    return sum_all(square(code - 1.0)) + scale(sum_all(h - stop_gradient(h)), passed);
  };
  Tape tape;
  tape.begin();
  const Var h = tape.leaf(w);
  const Array offset = (hard_threshold(h, 0.5) - h).value();
  const auto check = [&](double passed, bool smoothed, int order) {
    CheckOptions options{.order = order};
    if (smoothed) options.smoothed = [&](Tape& t) { return loss(t, 0, &offset); };
    return check_gradients([&](Tape& t) { return loss(t, passed, nullptr); }, {&all, 1}, options);
  };
  for (const int order : {1, 2}) {
    CHECK_FALSE(check(0, false, order));
    const GradientCheck right = check(0, true, order);
    CHECK_MESSAGE(right, right.worst);
    CHECK_FALSE(check(0.1, true, order));
  }
}

TEST_CASE("check: options that mean nothing are refused, with what was found and expected") {
  Parameter w{"w", ramp({1, 2})};
  const auto said = [&](const CheckOptions& options) -> std::string {
    try {
      check_of(w, half_squared_norm, options);
    } catch (const ArgumentError& e) {
      return e.what();
    }
    return "";
  };
  for (const int order : {0, 3, -1})
    CHECK(said({.order = order}) ==
          "check_gradients: order: found " + std::to_string(order) + ", expected 1 or 2");
  CHECK(said({.tolerance = -1}).find("check_gradients: tolerance: found -1") == 0);
  CHECK(said({.tolerance = NAN}).find("check_gradients: tolerance:") == 0);
  CHECK(said({.step = -1}).find("check_gradients: step:") == 0);
  CHECK_THROWS_AS(check_gradients([](Tape& t) { return t.constant(Real(1)); }, {}), ArgumentError);
}

TEST_CASE("check: a missing path and a NaN are caught") {
  ThroughOp through;
  const auto stopped = [&](Tape& t) {
    const Var x = t.leaf(through.w);
    return dot(x, stop_gradient(x));
  };
  CHECK_FALSE(check_gradients(stopped, Parameters(&through.pointer, 1)));
  through.w.value(0, 0) = NAN;
  const GradientCheck nan = through.check(Cube{1}, {});
  CHECK_FALSE(nan);
  CHECK(nan.worst.find("nan") != std::string::npos);
}

TEST_CASE("check: values are put back even where the loss throws") {
  ThroughOp through;
  const Array before = through.w.value;
  int calls = 0;
  const auto loss = [&](Tape& t) {
    if (++calls == 4) throw std::runtime_error("enough");
    return sum_all(t.leaf(through.w));
  };
  CHECK_THROWS_AS(check_gradients(loss, Parameters(&through.pointer, 1)), std::runtime_error);
  CHECK(through.w.value == before);
}
