#include "op_checks.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

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

// exp(x_j) over its sum along the row. From the distance to the largest entry: that to the
// logarithm of the sum is lost to rounding where entries are large. Infinities that are equal
// share.
struct SoftmaxRow {
  const Real* x;
  Real top, total;
  static Real shifted(Real value, Real top) { return value == top ? 1 : std::exp(value - top); }
  Real operator[](std::size_t j) const { return shifted(x[j], top) / total; }
};
struct SoftmaxRows {
  View x;
  Shape shape() const { return x.shape(); }
  SoftmaxRow row(std::size_t b) const {
    const std::size_t n = x.shape().columns;
    SoftmaxRow result{x.row(b), n > 0 ? *std::max_element(x.row(b), x.row(b) + n) : 0, 0};
    for (std::size_t j = 0; j < n; ++j)
      result.total += SoftmaxRow::shifted(result.x[j], result.top);
    return result;
  }
};

struct Softmax {
  static constexpr auto name = "softmax";
  auto operator()(auto& x) const { return SoftmaxRows{x}; }
  auto vjp(wrt<0>, auto& g, auto&, auto& y) const {
    return y * (g - columns_like(g, row_dots(g, y)));
  }
};
auto softmax(const View& x) { return SoftmaxRows{x}; }
Var softmax(Var x) { return apply(Softmax{}, x); }

struct LogSumExp {
  static constexpr auto name = "log_sum_exp";
  auto operator()(auto& x) const { return each_row(x, log_sum_exp_of); }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return softmax(x) * columns_like(x, g); }
};

// 1/||row||; where the squares overflow or underflow, of the row divided by its largest entry
Real inverse_norm_of(const Real* x, std::size_t n) {
  const Real squares = kernels::dot(x, x, n);
  if (squares > std::numeric_limits<Real>::min() * 0x1p30 && !std::isinf(squares))
    return 1 / std::sqrt(squares);
  Real top = 0, total = 0;
  for (std::size_t j = 0; j < n; ++j) top = std::abs(x[j]) > top ? std::abs(x[j]) : top;
  if (top == 0 || std::isinf(top)) return top == 0 ? squares : 1 / squares;  // 0, or NaN
  for (std::size_t j = 0; j < n; ++j) total += (x[j] / top) * (x[j] / top);
  return 1 / std::sqrt(total) / top;
}

struct InverseRowNorms {
  static constexpr auto name = "inverse_row_norms";
  auto operator()(auto& x) const { return each_row(x, inverse_norm_of); }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const {
    return mul_column(mul_column(x, y), -(g * y * y));  // in this order nothing overflows
  }
};

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
Var inverse_row_norms(Var x) { return apply(InverseRowNorms{}, x); }
Var normalise_rows(Var x) { return mul_column(x, inverse_row_norms(x)); }
Var normalise_columns(Var x) { return transpose(normalise_rows(transpose(x))); }

}  // namespace hourglass
