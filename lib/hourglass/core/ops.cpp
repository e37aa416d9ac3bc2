#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/core/transcendental.hpp>

#include <numbers>
#include <stdexcept>

namespace hourglass {
namespace {

// Number literals in expressions are Real, so that a float array stays float.
constexpr Real one = 1;

[[noreturn]] void throw_mismatch(const char* op, Var x, Var y, const std::string& why) {
  throw std::invalid_argument(std::string(op) + ": " + tape_of(x).describe(x) + " and " +
                              tape_of(y).describe(y) + " do not match: " + why);
}

void require_equal_shapes(const char* op, Var x, Var y) {
  if (x.shape() != y.shape()) throw_mismatch(op, x, y, "shapes must be equal");
}

void require_row(const char* op, Var x, Var row) {
  if (row.shape() != Shape{1, x.shape().columns})
    throw_mismatch(op, x, row, "expected a row 1x" + std::to_string(x.shape().columns));
}

void require_scalar(const char* op, Var s, Var x) {
  if (s.shape() != Shape{1, 1}) throw_mismatch(op, s, x, "the first must be 1x1");
}

struct MatMul {
  static constexpr auto name = "matmul";
  bool ta, tb;
  auto operator()(auto& a, auto& b) const { return matmul(a, b, ta, tb); }
  auto vjp(wrt<0>, auto& g, auto&, auto& b, auto&) const {
    return ta ? matmul(b, g, tb, true) : matmul(g, b, false, !tb);
  }
  auto vjp(wrt<1>, auto& g, auto& a, auto&, auto&) const {
    return tb ? matmul(g, a, true, ta) : matmul(a, g, !ta, false);
  }
};

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

struct Affine {
  static constexpr auto name = "affine";
  Real a, b;
  auto operator()(auto& x) const { return x * Real(a) + Real(b); }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g * Real(a); }
};

struct AddRow {
  static constexpr auto name = "add_row";
  struct Sum {
    const View &x, &row;
    Shape shape() const { return shape_of(x); }
    void into(Array& out, bool) const { kernels::add_rows(x, row, out); }
  };
  auto operator()(auto& x, auto& row) const { return Sum{x, row}; }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return col_sums(g); }
};

struct ColSums {
  static constexpr auto name = "col_sums";
  auto operator()(auto& x) const { return col_sums(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return rows_like(g, x); }
};

struct RowsLike {
  static constexpr auto name = "rows_like";
  auto operator()(auto& row, auto& x) const { return rows_like(row, x); }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return col_sums(g); }
};

struct SumAll {
  static constexpr auto name = "sum_all";
  auto operator()(auto& x) const { return sum_all(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return spread_like(g, x); }
};

struct SpreadLike {
  static constexpr auto name = "spread_like";
  auto operator()(auto& s, auto& x) const { return spread_like(s, x); }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return sum_all(g); }
};

struct Dot {
  static constexpr auto name = "dot";
  auto operator()(auto& x, auto& y) const { return dot(x, y); }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return scale_by(g, y); }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return scale_by(g, x); }
};

struct ScaleBy {
  static constexpr auto name = "scale_by";
  auto operator()(auto& s, auto& x) const { return scale_by(s, x); }
  auto vjp(wrt<0>, auto& g, auto&, auto& x, auto&) const { return dot(g, x); }
  auto vjp(wrt<1>, auto& g, auto& s, auto&, auto&) const { return scale_by(s, g); }
};

struct HalfSquaredNorm {
  static constexpr auto name = "half_squared_norm";
  auto operator()(auto& x) const { return Scalar{dot(x, x).value / 2}; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return scale_by(g, x); }
};

struct HalfSquaredError {
  static constexpr auto name = "half_squared_error";
  Real per_row;  // 1/B
  auto operator()(auto& y, auto& x) const {
    return Scalar{kernels::squared_distance(y.data(), x.data(), x.size()) * per_row / 2};
  }
  auto vjp(wrt<0>, auto& g, auto& y, auto& x, auto&) const {
    return scale_by(g, (y - x) * Real(per_row));
  }
  auto vjp(wrt<1>, auto& g, auto& y, auto& x, auto&) const {
    return scale_by(g, (x - y) * Real(per_row));
  }
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

struct Square {
  static constexpr auto name = "square";
  auto operator()(auto& x) const { return x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (x * Real(2)); }
};

struct Gate {
  static constexpr auto name = "gate";
  auto operator()(auto& g, auto& x) const { return gate(g, x); }
  auto vjp(wrt<0>, auto& h, auto&, auto& x, auto&) const { return gate(h, x); }
};

// NaN stays NaN, so that a diverging run is seen.
struct Rectify {
  Real operator()(Real x) const { return x < 0 ? Real(0) : x; }
};

struct Relu {
  static constexpr auto name = "relu";
  auto operator()(auto& x) const { return xt::make_lambda_xfunction(Rectify{}, x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return gate(g, x); }
};

}  // namespace

Var matmul(Var a, Var b, bool transpose_a, bool transpose_b) {
  const std::size_t left = transpose_a ? a.shape().rows : a.shape().columns;
  const std::size_t right = transpose_b ? b.shape().columns : b.shape().rows;
  if (left != right)
    throw_mismatch("matmul", a, b,
                   "inner sizes " + std::to_string(left) + " and " + std::to_string(right));
  return apply(MatMul{transpose_a, transpose_b}, a, b);
}
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
Var affine(Var x, double a, double b) { return apply(Affine{Real(a), Real(b)}, x); }
Var scale(Var x, double a) { return affine(x, a, 0); }
Var add_row(Var x, Var b) {
  require_row("add_row", x, b);
  return apply(AddRow{}, x, b);
}
Var col_sums(Var x) { return apply(ColSums{}, x); }
Var rows_like(Var row, Var x) {
  require_row("rows_like", x, row);
  return apply(RowsLike{}, row, x);
}
Var sum_all(Var x) { return apply(SumAll{}, x); }
Var dot(Var x, Var y) {
  require_equal_shapes("dot", x, y);
  return apply(Dot{}, x, y);
}
Var half_squared_norm(Var x) { return apply(HalfSquaredNorm{}, x); }
Var half_squared_error(Var y, Var x) {
  require_equal_shapes("half_squared_error", y, x);
  if (x.shape().rows == 0) throw_mismatch("half_squared_error", y, x, "there are no rows");
  return apply(HalfSquaredError{one / static_cast<Real>(x.shape().rows)}, y, x);
}
Var scale_by(Var s, Var x) {
  require_scalar("scale_by", s, x);
  return apply(ScaleBy{}, s, x);
}
Var spread_like(Var s, Var x) {
  require_scalar("spread_like", s, x);
  return apply(SpreadLike{}, s, x);
}
Var tanh(Var x) { return apply(Tanh{}, x); }
Var sigmoid(Var x) { return apply(Sigmoid{}, x); }
Var erf(Var x) { return apply(Erf{}, x); }
Var exp(Var x) { return apply(Exp{}, x); }
Var square(Var x) { return apply(Square{}, x); }
Var relu(Var x) { return apply(Relu{}, x); }
Var gate(Var g, Var x) {
  require_equal_shapes("gate", g, x);
  return apply(Gate{}, g, x);
}
Var stop_gradient(Var x) { return tape_of(x).constant(x.value()); }

}  // namespace hourglass
