#include "op_checks.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/core/transcendental.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {
namespace {

struct Add {
  static constexpr auto name = "add";
  void check(Var x, Var y) const { require_equal_shapes(name, x, y); }
  auto operator()(auto& x, auto& y) const { return x + y; }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return g; }
};

struct Sub {
  static constexpr auto name = "sub";
  void check(Var x, Var y) const { require_equal_shapes(name, x, y); }
  auto operator()(auto& x, auto& y) const { return x - y; }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return -g; }
};

struct Mul {
  static constexpr auto name = "mul";
  void check(Var x, Var y) const { require_equal_shapes(name, x, y); }
  auto operator()(auto& x, auto& y) const { return x * y; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return g * y; }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return g * x; }
};

struct Div {
  static constexpr auto name = "div";
  void check(Var x, Var y) const { require_equal_shapes(name, x, y); }
  auto operator()(auto& x, auto& y) const { return x / y; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return g / y; }
  auto vjp(wrt<1>, auto& g, auto&, auto& y, auto& z) const { return -(g * (z / y)); }
};

struct Affine {
  static constexpr auto name = "affine";
  Real a, b;
  auto operator()(auto& x) const { return x * a + b; }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g * a; }
};

// y = f(x), vectorised.
struct Mapped {
  void (*f)(const Real* x, Real* y, std::size_t n);
  View x;
  Shape shape() const { return x.shape(); }
  void into(Array& out) const { f(x.data(), out.data(), x.size()); }
};

// The slopes of tanh and sigmoid, from argument and value. Near saturation 1 - y has lost its
// digits, and all of them where y is 1; there the exponential tells.
constexpr Real saturated = 0x1p-10;

Real tanh_slope_at(Real x, Real y) {
  const Real slope = 1 - y * y;
  if (slope > saturated || std::isnan(x)) return slope;
  const Real e = std::exp(-2 * std::abs(x));
  return 4 * e / ((1 + e) * (1 + e));
}
Real sigmoid_slope_at(Real x, Real y) {
  if (1 - y > saturated || std::isnan(x)) return y * (1 - y);
  const Real e = std::exp(-x);
  return e / ((1 + e) * (1 + e));
}

struct TanhSlope {
  static constexpr auto name = "tanh_slope";
  auto operator()(auto& x, auto& y) const {
    return map([](Real v, Real t) { return tanh_slope_at(v, t); }, x, y);
  }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto& slope) const { return g * (slope * y * -2); }
};
auto tanh_slope(const View& x, const View& y) { return TanhSlope{}(x, y); }
Var tanh_slope(Var x, Var y) { return apply(TanhSlope{}, x, y); }

struct SigmoidSlope {
  static constexpr auto name = "sigmoid_slope";
  auto operator()(auto& x, auto& y) const {
    return map([](Real v, Real s) { return sigmoid_slope_at(v, s); }, x, y);
  }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto& slope) const {
    return g * (slope * (1 - 2.0 * y));
  }
};
auto sigmoid_slope(const View& x, const View& y) { return SigmoidSlope{}(x, y); }
Var sigmoid_slope(Var x, Var y) { return apply(SigmoidSlope{}, x, y); }

struct Tanh {
  static constexpr auto name = "tanh";
  auto operator()(auto& x) const { return Mapped{tanh_of, x}; }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const { return g * tanh_slope(x, y); }
};

struct Sigmoid {
  static constexpr auto name = "sigmoid";
  auto operator()(auto& x) const { return Mapped{sigmoid_of, x}; }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const { return g * sigmoid_slope(x, y); }
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
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const { return g / (y * 2); }
};

struct Square {
  static constexpr auto name = "square";
  auto operator()(auto& x) const { return x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (x * 2); }
};

// The functions below have two branches. Each keeps NaN, so that a diverging run is seen, and its
// rule is written with gate, which chooses between the branches without a gradient of its own.

struct Gate {
  static constexpr auto name = "gate";
  void check(Var g, Var x) const { require_equal_shapes(name, g, x); }
  auto operator()(auto& g, auto& x) const { return gate(g, x); }
  auto vjp(wrt<0>, auto& h, auto&, auto& x, auto&) const { return gate(h, x); }
};

struct Relu {
  static constexpr auto name = "relu";
  auto operator()(auto& x) const {
    return map([](Real v) { return v < 0 ? Real(0) : v; }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x); }
};

struct Abs {
  static constexpr auto name = "abs";
  auto operator()(auto& x) const { return abs(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x) - gate(g, -x); }
};

// log(1 + exp(x)): the exponential never grows, and where it is small its logarithm is exact
struct Softplus {
  static constexpr auto name = "softplus";
  auto operator()(auto& x) const {
    return map([](Real v) { return (v > 0 ? v : 0) + std::log1p(std::exp(-std::abs(v))); }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * sigmoid(x); }
};

// alpha exp(x), not y + alpha, which is 0 far out
struct EluSlope {
  static constexpr auto name = "elu_slope";
  Real alpha;
  auto operator()(auto& x) const {
    return map([a = alpha](Real v) { return v > 0 ? Real(1) : a * std::exp(v); }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto& slope) const { return g * slope - gate(g * slope, x); }
};
auto elu_slope(const View& x, Real alpha) { return EluSlope{alpha}(x); }
Var elu_slope(Var x, Real alpha) { return apply(EluSlope{alpha}, x); }

struct Elu {
  static constexpr auto name = "elu";
  Real alpha;
  auto operator()(auto& x) const {
    return map([a = alpha](Real v) { return v > 0 ? v : a * std::expm1(v); }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * elu_slope(x, alpha); }
};

struct LeakyRelu {
  static constexpr auto name = "leaky_relu";
  Real slope;
  auto operator()(auto& x) const {
    return map([a = slope](Real v) { return v > 0 ? v : a * v; }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x) + (g - gate(g, x)) * slope; }
};

struct HardThreshold {
  static constexpr auto name = "hard_threshold";
  Real threshold;
  void check(Var x) const {
    if (!(threshold >= 0))
      throw_unfit(name, x, "needs a threshold >= 0, found " + number(threshold));
  }
  auto operator()(auto& x) const {
    return map([t = threshold](Real v) { return std::abs(v) < t ? Real(0) : v; }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g - gate(g, threshold - abs(x)); }
};

struct Clamp {
  static constexpr auto name = "clamp";
  Real low, high;
  void check(Var x) const { require_ordered(name, x, low, high); }
  auto operator()(auto& x) const {
    return map([l = low, h = high](Real v) { return v < l ? l : v > h ? h : v; }, x);
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    return g - gate(g, low - x) - gate(g, x - high);
  }
};
auto clamp(const View& x, Real low, Real high) { return Clamp{low, high}(x); }

struct Erf {
  static constexpr auto name = "erf";
  auto operator()(auto& x) const { return Mapped{erf_of, x}; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    auto z = clamp(x, Real(-30), Real(30));  // further out it is 0, and infinity times it NaN
    return g * (exp(-(z * z)) * (2 * std::numbers::inv_sqrtpi));
  }
};

}  // namespace

Var add(Var x, Var y) { return apply(Add{}, x, y); }
Var sub(Var x, Var y) { return apply(Sub{}, x, y); }
Var mul(Var x, Var y) { return apply(Mul{}, x, y); }
Var div(Var x, Var y) { return apply(Div{}, x, y); }
Var affine(Var x, double a, double b) { return apply(Affine{Real(a), Real(b)}, x); }
Var scale(Var x, double a) { return affine(x, a, 0); }
Var tanh(Var x) { return apply(Tanh{}, x); }
Var sigmoid(Var x) { return apply(Sigmoid{}, x); }
Var erf(Var x) { return apply(Erf{}, x); }
Var exp(Var x) { return apply(Exp{}, x); }
Var log(Var x) { return apply(Log{}, x); }
Var sqrt(Var x) { return apply(Sqrt{}, x); }
Var square(Var x) { return apply(Square{}, x); }
Var gate(Var g, Var x) { return apply(Gate{}, g, x); }
Var relu(Var x) { return apply(Relu{}, x); }
Var abs(Var x) { return apply(Abs{}, x); }
Var softplus(Var x) { return apply(Softplus{}, x); }
Var elu(Var x, double alpha) { return apply(Elu{Real(alpha)}, x); }
Var leaky_relu(Var x, double slope) { return apply(LeakyRelu{Real(slope)}, x); }
Var hard_threshold(Var x, double threshold) { return apply(HardThreshold{Real(threshold)}, x); }
Var clamp(Var x, double low, double high) { return apply(Clamp{Real(low), Real(high)}, x); }
Var stop_gradient(Var x) { return tape_of(x).constant(x.value()); }

}  // namespace hourglass
