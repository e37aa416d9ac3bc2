#include "op_checks.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

#include <algorithm>
#include <cmath>

// Ops that treat each row (sample) by itself.
namespace hourglass {
namespace {

struct RowSums {
  static constexpr auto name = "row_sums";
  auto operator()(auto& x) const { return row_sums(x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return columns_like(x, g); }
};

struct ColumnsLike {
  static constexpr auto name = "columns_like";
  void check(Var x, Var column) const { require_column(name, x, column); }
  auto operator()(auto& x, auto& column) const { return columns_like(x, column); }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto&) const { return row_sums(g); }
};

struct RowDots {
  static constexpr auto name = "row_dots";
  void check(Var x, Var y) const { require_equal_shapes(name, x, y); }
  auto operator()(auto& x, auto& y) const { return row_dots(x, y); }
  auto vjp(wrt<0>, auto& g, auto&, auto& y, auto&) const { return mul_column(y, g); }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return mul_column(x, g); }
};

struct MulColumn {
  static constexpr auto name = "mul_column";
  void check(Var x, Var column) const { require_column(name, x, column); }
  auto operator()(auto& x, auto& column) const { return mul_column(x, column); }
  auto vjp(wrt<0>, auto& g, auto&, auto& column, auto&) const { return mul_column(g, column); }
  auto vjp(wrt<1>, auto& g, auto& x, auto&, auto&) const { return row_dots(g, x); }
};

// With the largest entry taken out, no exponential overflows; a row of -inf, or with an inf, keeps
// its infinity.
Real log_sum_exp_of(const Real* x, std::size_t n) {
  const Real top = n > 0 ? *std::max_element(x, x + n) : -INFINITY;
  if (std::isinf(top))
    return std::any_of(x, x + n, [](Real value) { return std::isnan(value); }) ? NAN : top;
  Real total = 0;
  for (std::size_t j = 0; j < n; ++j) total += std::exp(x[j] - top);
  return top + std::log(total);
}

struct LogSumExp {
  static constexpr auto name = "log_sum_exp";
  auto operator()(auto& x) const { return each_row(x, log_sum_exp_of); }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const {
    return exp(x - columns_like(x, y)) * columns_like(x, g);
  }
};

// 1/sqrt(x), but 0 at 0, in value and derivative
struct InverseRoot {
  static constexpr auto name = "inverse_root";
  auto operator()(auto& x) const {
    return map([](Real v) { return v == 0 ? Real(0) : 1 / std::sqrt(v); }, x);
  }
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const { return g * (y * y * y * -0.5); }
};
Var inverse_root(Var x) { return apply(InverseRoot{}, x); }

}  // namespace

Var row_sums(Var x) { return apply(RowSums{}, x); }
Var row_means(Var x) {
  const std::size_t columns = x.shape().columns;
  if (columns == 0) throw_unfit("row_means", x, "has no columns to average");
  return scale(row_sums(x), 1 / static_cast<double>(columns));
}
Var columns_like(Var x, Var column) { return apply(ColumnsLike{}, x, column); }
Var row_dots(Var x, Var y) { return apply(RowDots{}, x, y); }
Var mul_column(Var x, Var column) { return apply(MulColumn{}, x, column); }
Var log_sum_exp(Var x) { return apply(LogSumExp{}, x); }
Var inverse_row_norms(Var x) { return inverse_root(row_dots(x, x)); }
Var normalise_rows(Var x) { return mul_column(x, inverse_row_norms(x)); }
Var normalise_columns(Var x) { return mul_row(x, inverse_root(col_sums(square(x)))); }

}  // namespace hourglass
