#pragma once

#include <hourglass/core/deferred.hpp>

#include <algorithm>
#include <utility>

// The array side of the ops on rows and columns: see deferred.hpp.
namespace hourglass {

// Bx1: f(numbers of row b, how many) for each row of x
template <class F>
struct EachRow {
  const View& x;
  F f;
  Shape shape() const { return {shape_of(x).rows, 1}; }
  void into(Array& out, bool add) const {
    const auto [rows, columns] = shape_of(x);
    for (std::size_t b = 0; b < rows; ++b)
      out.data()[b] = f(x.data() + b * columns, columns) + (add ? out.data()[b] : 0);
  }
};
template <class F>
EachRow<F> each_row(const View& x, F f) {
  return {x, std::move(f)};
}
inline auto row_sums(const View& x) { return each_row(x, kernels::sum); }
// of equal shapes
inline auto row_dots(const View& x, const View& y) {
  return each_row(x, [&x, &y](const Real* row, std::size_t n) {
    return kernels::dot(row, y.data() + (row - x.data()), n);
  });
}

// The Bx1 `column` as every column, as many as x has; an expression, so that it can be part of one.
inline auto columns_like(const View& x, const View& column) {
  return xt::broadcast(column, std::array<std::size_t, 2>{shape_of(x).rows, shape_of(x).columns});
}

// Each row of x times its entry of the Bx1 `column`, which may be an expression.
template <class C>
struct ScaledRows {
  const View& x;
  C column;
  Shape shape() const { return shape_of(x); }
  void into(Array& out, bool add) const {
    const auto [rows, columns] = shape_of(x);
    for (std::size_t b = 0; b < rows; ++b) {
      const Real factor = column(b, 0);
      const Real* from = x.data() + b * columns;
      Real* to = out.data() + b * columns;
      if (add) kernels::axpy(factor, from, to, columns);
      for (std::size_t j = 0; j < columns && !add; ++j) to[j] = factor * from[j];
    }
  }
};
template <Elementwise C>
ScaledRows<C> mul_column(const View& x, C&& column) {
  return {x, std::forward<C>(column)};
}

struct Transposed {
  const View& x;
  Shape shape() const { return {shape_of(x).columns, shape_of(x).rows}; }
  void into(Array& out, bool add) const { kernels::transpose(x, out, add); }
};
inline Transposed transpose(const View& x) { return {x}; }

// Columns first, ..., first + count - 1 of x.
struct Slice {
  const View& x;
  std::size_t first, count;
  Shape shape() const { return {shape_of(x).rows, count}; }
  void into(Array& out, bool add) const { kernels::copy_columns(x, first, out, 0, count, add); }
};
inline Slice slice_columns(const View& x, std::size_t first, std::size_t count) {
  return {x, first, count};
}

// x in columns first, first + 1, ... of `total`, the others zero.
struct Padded {
  const View& x;
  std::size_t first, total;
  Shape shape() const { return {shape_of(x).rows, total}; }
  void into(Array& out, bool add) const {
    if (!add) out.fill(0);
    kernels::copy_columns(x, 0, out, first, shape_of(x).columns, add);
  }
};
inline Padded pad_columns(const View& x, std::size_t first, std::size_t total) {
  return {x, first, total};
}

// The columns of a, then those of b.
struct Joined {
  const View &a, &b;
  Shape shape() const { return {shape_of(a).rows, shape_of(a).columns + shape_of(b).columns}; }
  void into(Array& out, bool add) const {
    kernels::copy_columns(a, 0, out, 0, shape_of(a).columns, add);
    kernels::copy_columns(b, 0, out, shape_of(a).columns, shape_of(b).columns, add);
  }
};
inline Joined concat_columns(const View& a, const View& b) { return {a, b}; }

// The sum of the diagonal; the 1x1 `s` on a diagonal as large as that of x, otherwise zero.
inline Scalar trace(const View& x) {
  Real total = 0;
  for (std::size_t i = 0; i < shape_of(x).rows; ++i) total += x(i, i);
  return {total};
}
struct Diagonal {
  Real value;
  Shape target;
  Shape shape() const { return target; }
  void into(Array& out, bool add) const {
    if (!add) out.fill(0);
    for (std::size_t i = 0; i < target.rows; ++i) out(i, i) += value;
  }
};
inline Diagonal diagonal_like(const View& x, const View& s) { return {s.data()[0], shape_of(x)}; }

}  // namespace hourglass
