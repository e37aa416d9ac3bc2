#include "op_checks.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/core/transcendental.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {
namespace {

// Number literals in expressions are Real, so that a float array stays float.
constexpr Real one = 1;

struct Add {
  static constexpr auto name = "add";
  auto operator()(auto& x, auto& y) const { return x + y; }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return g; }
};

struct Sub {
  static constexpr auto name = "sub";
  auto operator()(auto& x, auto& y) const { return x - y; }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return -g; }
};

struct Mul {
  static constexpr auto name = "mul";
  auto operator()(auto& x, auto& y) const { return x * y; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return g * y; }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return g * x; }
};

struct Div {
  static constexpr auto name = "div";
  auto operator()(auto& x, auto& y) const { return x / y; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return g / y; }
  auto vjp(wrt<1>, auto& g, auto&, auto& y, auto& z) const { return -(g * (z / y)); }
};

struct Affine {
  static constexpr auto name = "affine";
  Real a, b;
  auto operator()(auto& x) const { return x * Real(a) + Real(b); }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g * Real(a); }
};

// y = f(x), vectorised.
struct Mapped {
  void (*f)(const Real* x, Real* y, std::size_t n);
  const View& x;
  Shape shape() const { return shape_of(x); }
  void into(Array& out, bool) const { f(x.data(), out.data(), x.size()); }
};

struct Tanh {
  static constexpr auto name = "tanh";
  auto operator()(auto& x) const { return Mapped{tanh_of, x}; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const { return g * (one - y * y); }
};

struct Sigmoid {
  static constexpr auto name = "sigmoid";
  auto operator()(auto& x) const { return Mapped{sigmoid_of, x}; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const { return g * (y * (one - y)); }
};

struct Erf {
  static constexpr auto name = "erf";
  auto operator()(auto& x) const { return Mapped{erf_of, x}; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return g * (exp(-(x * x)) * Real(2 * std::numbers::inv_sqrtpi));
  }
};

struct Exp {
  static constexpr auto name = "exp";
  auto operator()(auto& x) const { return Mapped{exp_of, x}; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const { return g * y; }
};

struct Log {
  static constexpr auto name = "log";
  auto operator()(auto& x) const { return log(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g / x; }
};

struct Sqrt {
  static constexpr auto name = "sqrt";
  auto operator()(auto& x) const { return sqrt(x); }
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const { return g / (y * Real(2)); }
};

struct Square {
  static constexpr auto name = "square";
  auto operator()(auto& x) const { return x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (x * Real(2)); }
};

// The functions below have two branches. Each keeps NaN, so that a diverging run is seen, and its
// rule is written with gate, which chooses between the branches without a gradient of its own.

struct Gate {
  static constexpr auto name = "gate";
  auto operator()(auto& g, auto& x) const { return gate(g, x); }
  auto vjp(wrt<0>, auto& h, auto&, auto& x, auto&) const { return gate(h, x); }
};

struct Rectify {
  Real operator()(Real x) const { return x < 0 ? Real(0) : x; }
};

struct Relu {
  static constexpr auto name = "relu";
  auto operator()(auto& x) const { return xt::make_lambda_xfunction(Rectify{}, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x); }
};

struct Abs {
  static constexpr auto name = "abs";
  auto operator()(auto& x) const { return abs(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x) - gate(g, -x); }
};

// log(1 + exp(x)): the exponential never grows, and where it is small its logarithm is exact
struct SoftPositive {
  Real operator()(Real x) const { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); }
};

struct Softplus {
  static constexpr auto name = "softplus";
  auto operator()(auto& x) const { return xt::make_lambda_xfunction(SoftPositive{}, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * sigmoid(x); }
};

struct Elu {
  static constexpr auto name = "elu";
  Real alpha;
  Real operator()(Real x) const { return x > 0 ? x : alpha * std::expm1(x); }
  auto operator()(const View& x) const { return xt::make_lambda_xfunction(*this, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const {
    return gate(g, x) + (g - gate(g, x)) * (y + Real(alpha));
  }
};

struct LeakyRelu {
  static constexpr auto name = "leaky_relu";
  Real slope;
  Real operator()(Real x) const { return x > 0 ? x : slope * x; }
  auto operator()(const View& x) const { return xt::make_lambda_xfunction(*this, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return gate(g, x) + (g - gate(g, x)) * Real(slope);
  }
};

struct HardThreshold {
  static constexpr auto name = "hard_threshold";
  Real threshold;
  Real operator()(Real x) const { return std::abs(x) < threshold ? Real(0) : x; }
  auto operator()(const View& x) const { return xt::make_lambda_xfunction(*this, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g - gate(g, Real(threshold) - abs(x)); }
};

struct Clamp {
  static constexpr auto name = "clamp";
  Real low, high;
  Real operator()(Real x) const { return x < low ? low : x > high ? high : x; }
  auto operator()(const View& x) const { return xt::make_lambda_xfunction(*this, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return g - gate(g, Real(low) - x) - gate(g, x - Real(high));
  }
};

}  // namespace

Var add(Var x, Var y) {
  require_equal_shapes("add", x, y);
  return apply(Add{}, x, y);
}
Var sub(Var x, Var y) {
  require_equal_shapes("sub", x, y);
  return apply(Sub{}, x, y);
}
Var mul(Var x, Var y) {
  require_equal_shapes("mul", x, y);
  return apply(Mul{}, x, y);
}
Var div(Var x, Var y) {
  require_equal_shapes("div", x, y);
  return apply(Div{}, x, y);
}
Var affine(Var x, double a, double b) { return apply(Affine{Real(a), Real(b)}, x); }
Var scale(Var x, double a) { return affine(x, a, 0); }
Var tanh(Var x) { return apply(Tanh{}, x); }
Var sigmoid(Var x) { return apply(Sigmoid{}, x); }
Var erf(Var x) { return apply(Erf{}, x); }
Var exp(Var x) { return apply(Exp{}, x); }
Var log(Var x) { return apply(Log{}, x); }
Var sqrt(Var x) { return apply(Sqrt{}, x); }
Var square(Var x) { return apply(Square{}, x); }
Var gate(Var g, Var x) {
  require_equal_shapes("gate", g, x);
  return apply(Gate{}, g, x);
}
Var relu(Var x) { return apply(Relu{}, x); }
Var abs(Var x) { return apply(Abs{}, x); }
Var softplus(Var x) { return apply(Softplus{}, x); }
Var elu(Var x, double alpha) { return apply(Elu{Real(alpha)}, x); }
Var leaky_relu(Var x, double slope) { return apply(LeakyRelu{Real(slope)}, x); }
Var hard_threshold(Var x, double threshold) {
  if (!(threshold >= 0))
    throw_unfit("hard_threshold", x, "needs a threshold >= 0, found " + std::to_string(threshold));
  return apply(HardThreshold{Real(threshold)}, x);
}
Var clamp(Var x, double low, double high) {
  if (!(low <= high))
    throw_unfit("clamp", x,
                "needs low <= high, found " + std::to_string(low) + " and " + std::to_string(high));
  return apply(Clamp{Real(low), Real(high)}, x);
}
Var stop_gradient(Var x) { return tape_of(x).constant(x.value()); }

}  // namespace hourglass
