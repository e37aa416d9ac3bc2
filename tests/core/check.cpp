#include <hourglass/core/check.hpp>
#include <hourglass/core/op.hpp>

#include <cmath>

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
