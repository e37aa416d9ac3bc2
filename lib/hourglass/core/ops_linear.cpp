#include "op_checks.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

namespace hourglass {
namespace {

struct MatMul {
  static constexpr auto name = "matmul";
  bool ta, tb;
  void check(Var a, Var b) const { require_inner_sizes(name, a, ta, b, tb); }
  auto operator()(auto& a, auto& b) const { return matmul(a, b, ta, tb); }
  auto vjp(wrt<0>, auto& g, auto&, auto& b, auto&) const {
    return ta ? matmul(b, g, tb, true) : matmul(g, b, false, !tb);
  }
  auto vjp(wrt<1>, auto& g, auto& a, auto&, auto&) const {
    return tb ? matmul(g, a, true, ta) : matmul(a, g, !ta, false);
  }
};

struct AddRow {
  static constexpr auto name = "add_row";
  void check(Var x, Var row) const { require_row(name, x, row); }
  auto operator()(auto& x, auto& row) const { return x + rows_like(x, row); }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto&) const { return g; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return col_sums(g); }
};

struct ColSums {
  static constexpr auto name = "col_sums";
  auto operator()(auto& x) const { return col_sums(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return rows_like(x, g); }
};

struct RowsLike {
  static constexpr auto name = "rows_like";
  void check(Var x, Var row) const { require_row(name, x, row); }
  auto operator()(auto& x, auto& row) const { return rows_like(x, row); }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return col_sums(g); }
};

struct SumAll {
  static constexpr auto name = "sum_all";
  auto operator()(auto& x) const { return sum_all(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return spread_like(x, g); }
};

struct SpreadLike {
  static constexpr auto name = "spread_like";
  void check(Var x, Var s) const { require_scalar(name, x, s); }
  auto operator()(auto& x, auto& s) const { return spread_like(x, s); }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return sum_all(g); }
};

struct Dot {
  static constexpr auto name = "dot";
  void check(Var x, Var y) const { require_equal_shapes(name, x, y); }
  auto operator()(auto& x, auto& y) const { return dot(x, y); }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return scale_by(y, g); }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return scale_by(x, g); }
};

struct ScaleBy {
  static constexpr auto name = "scale_by";
  void check(Var x, Var s) const { require_scalar(name, x, s); }
  auto operator()(auto& x, auto& s) const { return scale_by(x, s); }
  auto vjp(wrt<0>, auto& g, auto&, auto& s, auto&) const { return scale_by(g, s); }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return dot(g, x); }
};

struct HalfSquaredNorm {
  static constexpr auto name = "half_squared_norm";
  auto operator()(auto& x) const { return Scalar{dot(x, x).value / 2}; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return scale_by(x, g); }
};

struct HalfSquaredError {
  static constexpr auto name = "half_squared_error";
  Real half;  // 1/(2B)
  void check(Var y, Var x) const { require_samples(name, y, x); }
  auto operator()(auto& y, auto& x) const { return Scalar{squared_distance(y, x).value * half}; }
  auto vjp(wrt<0>, auto& g, auto& y, auto& x, auto&) const {
    return scale_by((y - x) * (2 * half), g);
  }
  auto vjp(wrt<1>, auto& g, auto& y, auto& x, auto&) const {
    return scale_by((x - y) * (2 * half), g);
  }
};

struct Trace {
  static constexpr auto name = "trace";
  void check(Var x) const { require_square(name, x); }
  auto operator()(auto& x) const { return trace(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return diagonal_like(x, g); }
};

struct DiagonalLike {
  static constexpr auto name = "diagonal_like";
  void check(Var x, Var s) const {
    require_scalar(name, x, s);
    require_square(name, x);
  }
  auto operator()(auto& x, auto& s) const { return diagonal_like(x, s); }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return trace(g); }
};

// 1/n, of the mean of n numbers
double share(const char* op, Var x, std::size_t n) {
  if (n == 0) throw_unfit(op, x, "has no entries to average");
  return 1 / static_cast<double>(n);
}

}  // namespace

Var matmul(Var a, Var b, bool transpose_a, bool transpose_b) {
  return apply(MatMul{transpose_a, transpose_b}, a, b);
}
Var add_row(Var x, Var b) { return apply(AddRow{}, x, b); }
Var col_sums(Var x) { return apply(ColSums{}, x); }
Var rows_like(Var x, Var row) { return apply(RowsLike{}, x, row); }
Var sum_all(Var x) { return apply(SumAll{}, x); }
Var dot(Var x, Var y) { return apply(Dot{}, x, y); }
Var half_squared_norm(Var x) { return apply(HalfSquaredNorm{}, x); }
Var half_squared_error(Var y, Var x) {
  return apply(HalfSquaredError{Real(0.5) / static_cast<Real>(x.shape().rows)}, y, x);
}
Var scale_by(Var x, Var s) { return apply(ScaleBy{}, x, s); }
Var spread_like(Var x, Var s) { return apply(SpreadLike{}, x, s); }
Var col_means(Var x) { return scale(col_sums(x), share("col_means", x, x.shape().rows)); }
Var mean_all(Var x) { return scale(sum_all(x), share("mean_all", x, x.shape().size())); }
Var mul_row(Var x, Var row) {
  require_row("mul_row", x, row);
  return mul(x, rows_like(x, row));
}
Var trace(Var x) { return apply(Trace{}, x); }
Var diagonal_like(Var x, Var s) { return apply(DiagonalLike{}, x, s); }

}  // namespace hourglass
