#pragma once

#include <hourglass/core/expression.hpp>
#include <hourglass/core/kernels.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

// The rest of what ops are written with, on arrays: what multiplies, reduces or moves numbers is no
// expression, but a result that fills (or adds to) a buffer itself, without a temporary. It owns
// its views, as expressions do.
namespace HOURGLASS_API hourglass {

// Fills a buffer with itself or adds itself to what is there.
template <class E>
concept Deferred = requires(const E& e, Array& out) {
  { e.shape() } -> std::same_as<Shape>;
  e.into(out, true);
};

// What can only fill a buffer: the value of an op, but no cotangent.
template <class E>
concept Filling = requires(const E& e, Array& out) {
  { e.shape() } -> std::same_as<Shape>;
  e.into(out);
};

// What can be the cotangent of an input, and what the value of an op.
template <class E>
concept Addable = Elementwise<E> || Deferred<E> || std::same_as<std::remove_cv_t<E>, Array>;
template <class E>
concept Computable = Addable<E> || Filling<E>;

namespace detail {

[[noreturn]] void throw_not_kept(const Array& out, Shape expected);

// Throws UsageError if a result has changed the shape of what it fills, or moved it away.
inline void require_kept(const Array& out, Shape expected) {
  if (shape_of(out) != expected || moved_from(out)) throw_not_kept(out, expected);
}

}  // namespace detail

// out += e, of the same shape.
template <Addable E>
void add_to(const E& e, Array& out) {
  if constexpr (Elementwise<E>)
    write(e, out, true);
  else if constexpr (Deferred<E>)
    e.into(out, true);
  else
    write(borrow(e), out, true);
}

// out = e, taking e's shape.
template <Computable E>
void evaluate(const E& e, Array& out) {
  const Shape shape = shape_of(e);
  resize(out, shape);
  if constexpr (Elementwise<E>)
    write(e, out, false);
  else if constexpr (Deferred<E>)
    e.into(out, false);
  else if constexpr (Filling<E>)
    e.into(out);
  else
    write(borrow(e), out, false);
  if constexpr (!Elementwise<E>) detail::require_kept(out, shape);
}

// alpha op(a) op(b)
struct Product {
  View a, b;
  bool transpose_a, transpose_b;
  Real alpha = 1;

  // As a Deferred has them, and the operands as gemm takes them.
  Shape shape() const { return {left().effective().rows, right().effective().columns}; }
  void into(Array& out, bool add) const {
    kernels::gemm<Real>(alpha, left(), right(), add ? 1 : 0, out.data());
  }
  kernels::Operand<Real> left() const { return {a.data(), a.shape(), transpose_a}; }
  kernels::Operand<Real> right() const { return {b.data(), b.shape(), transpose_b}; }
};
// Throws ArgumentError if the inner sizes differ.
inline Product matmul(const View& a, const View& b, bool transpose_a = false,
                      bool transpose_b = false) {
  const Product product{a, b, transpose_a, transpose_b};
  if (product.left().effective().columns != product.right().effective().rows)
    throw ArgumentError("matmul: " + a.shape().str() + " and " + b.shape().str() + " do not match");
  return product;
}
// p times the 1x1 `s`.
inline Product scale_by(Product p, const View& s) {
  detail::require_shape(s.shape(), {1, 1});
  p.alpha *= s[0];
  return p;
}

// A 1x1, already computed.
struct Scalar {
  Real value;
  // 1x1
  Shape shape() const { return {1, 1}; }
  // out = or += the number
  void into(Array& out, bool add) const { out.data()[0] = value + (add ? out.data()[0] : 0); }
};
// Of all entries.
inline Scalar sum_all(const View& x) { return {kernels::sum(x.data(), x.size())}; }
// of equal shapes
inline Scalar dot(const View& x, const View& y) {
  detail::require_shape(y.shape(), x.shape());
  return {kernels::dot(x.data(), y.data(), x.size())};
}
inline Scalar squared_distance(const View& x, const View& y) {
  detail::require_shape(y.shape(), x.shape());
  return {kernels::squared_distance(x.data(), y.data(), x.size())};
}
// The sum of the diagonal of a square x.
inline Scalar trace(const View& x) {
  detail::require_shape(x.shape(), {x.shape().rows, x.shape().rows});
  Real total = 0;
  for (std::size_t i = 0; i < x.shape().rows; ++i) total += x(i, i);
  return {total};
}

namespace detail {

struct ColumnSums {
  View x;
  Shape shape() const { return {1, x.shape().columns}; }
  void into(Array& out, bool add) const { kernels::column_sums(x, out, add); }
};

template <class F>
struct EachRow {
  View x;
  F f;
  Shape shape() const { return {x.shape().rows, 1}; }
  Everywhere row(std::size_t b) const { return {f(x.row(b), x.shape().columns)}; }
};

struct Transposed {
  View x;
  Shape shape() const { return {x.shape().columns, x.shape().rows}; }
  void into(Array& out, bool add) const { kernels::transpose(x, out, add); }
};

struct Padded {
  View x;
  std::size_t first, total;
  Shape shape() const { return {x.shape().rows, total}; }
  void into(Array& out, bool add) const {
    if (!add) out.fill(0);
    kernels::copy_columns(x, out, first, add);
  }
};

struct Joined {
  View a, b;
  Shape shape() const { return {a.shape().rows, a.shape().columns + b.shape().columns}; }
  void into(Array& out, bool add) const {
    kernels::copy_columns(a, out, 0, add);
    kernels::copy_columns(b, out, a.shape().columns, add);
  }
};

struct Diagonal {
  Real value;
  Shape of;
  Shape shape() const { return of; }
  void into(Array& out, bool add) const {
    if (!add) out.fill(0);
    for (std::size_t i = 0; i < of.rows; ++i) out(i, i) += value;
  }
};

}  // namespace detail

// 1xK: the sums of the columns of x.
inline auto col_sums(const View& x) { return detail::ColumnSums{x}; }

// Bx1: f(numbers of row b, how many) for each row of x, computed when that row is read
template <class F>
auto each_row(const View& x, F f) {
  return detail::EachRow<F>{x, std::move(f)};
}
// Bx1: over the columns of x
inline auto row_sums(const View& x) { return each_row(x, kernels::sum); }
// of equal shapes
inline auto row_dots(const View& x, const View& y) {
  detail::require_shape(y.shape(), x.shape());
  return each_row(x, [x, y](const Real* row, std::size_t n) {
    return kernels::dot(row, y.data() + (row - x.data()), n);
  });
}

// The rows of x as columns.
inline auto transpose(const View& x) { return detail::Transposed{x}; }
// x in columns first, first + 1, ... of `total`, the others zero.
inline auto pad_columns(const View& x, std::size_t first, std::size_t total) {
  detail::require_columns({x.shape().rows, total}, first, x.shape().columns);
  return detail::Padded{x, first, total};
}
// The columns of a, then those of b.
inline auto concat_columns(const View& a, const View& b) {
  detail::require_shape(b.shape(), {a.shape().rows, b.shape().columns});
  return detail::Joined{a, b};
}
// The 1x1 `s` on a diagonal as large as that of the square x, otherwise zero.
inline auto diagonal_like(const View& x, const View& s) {
  detail::require_shape(x.shape(), {x.shape().rows, x.shape().rows});
  detail::require_shape(s.shape(), {1, 1});
  return detail::Diagonal{s[0], x.shape()};
}

}  // namespace hourglass
