#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

// The array side of the functions that ops are written with. xtensor's own expressions serve for
// elementwise arithmetic (*, -, exp, ...); what multiplies, reduces or broadcasts is one of the
// deferred results below, which fill (or add to) a buffer themselves, without a temporary.
namespace hourglass {

// A result that fills a buffer itself instead of being an expression.
template <class E>
concept Deferred = requires(const E& e, Array& out) {
  { e.shape() } -> std::same_as<Shape>;
  e.into(out, true);
};

// An array-like thing that is elementwise: an array, a view or an xtensor expression.
template <class E>
concept Elementwise = xt::is_xexpression<std::remove_cvref_t<E>>::value;

// out = e, taking e's shape.
template <class E>
void evaluate(const E& e, Array& out) {
  if constexpr (Deferred<E>) {
    resize(out, e.shape());
    e.into(out, false);
  } else {
    resize(out, shape_of(e));
    xt::noalias(out) = e;
  }
}

// out += e, of the same shape.
template <class E>
void add_to(const E& e, Array& out) {
  if constexpr (Deferred<E>)
    e.into(out, true);
  else
    xt::noalias(out) += e;
}

// alpha op(a) op(b)
struct Product {
  const View &a, &b;
  bool transpose_a, transpose_b;
  Real alpha = 1;

  Shape shape() const { return {left().effective().rows, right().effective().columns}; }
  void into(Array& out, bool add) const {
    kernels::gemm<Real>(alpha, left(), right(), add ? 1 : 0, out.data());
  }
  kernels::Operand<Real> left() const { return {a.data(), shape_of(a), transpose_a}; }
  kernels::Operand<Real> right() const { return {b.data(), shape_of(b), transpose_b}; }
};
// Throws ArgumentError if the inner sizes differ.
inline Product matmul(const View& a, const View& b, bool transpose_a = false,
                      bool transpose_b = false) {
  const Product product{a, b, transpose_a, transpose_b};
  if (product.left().effective().columns != product.right().effective().rows)
    throw ArgumentError("matmul: " + shape_of(a).str() + " and " + shape_of(b).str() +
                        " do not match");
  return product;
}

// A 1x1, already computed.
struct Scalar {
  Real value;
  Shape shape() const { return {1, 1}; }
  void into(Array& out, bool add) const { out.data()[0] = value + (add ? out.data()[0] : 0); }
};
inline Scalar sum_all(const View& x) { return {kernels::sum(x.data(), x.size())}; }
inline Scalar dot(const View& x, const View& y) {
  return {kernels::dot(x.data(), y.data(), x.size())};
}
inline Scalar squared_distance(const View& x, const View& y) {
  return {kernels::squared_distance(x.data(), y.data(), x.size())};
}

// The 1x1 `s` everywhere in the shape of x.
struct Spread {
  Real value;
  Shape target;
  Shape shape() const { return target; }
  void into(Array& out, bool add) const {
    if (!add)
      out.fill(value);
    else
      xt::noalias(out) += Real(value);
  }
};
inline Spread spread_like(const View& x, const View& s) { return {s.data()[0], shape_of(x)}; }

// The 1x1 `s` times e.
template <Elementwise E>
auto scale_by(E&& e, const View& s) {
  return Real(s.data()[0]) * std::forward<E>(e);
}
inline Product scale_by(Product p, const View& s) {
  p.alpha *= s.data()[0];
  return p;
}

// 1xK: the sums of the columns of x.
struct ColumnSums {
  const View& x;
  Shape shape() const { return {1, shape_of(x).columns}; }
  void into(Array& out, bool add) const { kernels::column_sums(x, out, add); }
};
inline ColumnSums col_sums(const View& x) { return {x}; }

// The 1xK `row` as every row, as many as x has.
struct RepeatedRows {
  const View& row;
  std::size_t rows;
  Shape shape() const { return {rows, shape_of(row).columns}; }
  void into(Array& out, bool add) const { kernels::repeat_rows(row, out, add); }
};
inline RepeatedRows rows_like(const View& x, const View& row) { return {row, shape_of(x).rows}; }

// g where x > 0, otherwise 0 (also at x = 0 and where x is NaN).
struct KeepPositive {
  Real operator()(Real g, Real x) const { return x > 0 ? g : Real(0); }
};
template <Elementwise G, Elementwise X>
auto gate(G&& g, X&& x) {
  return xt::make_lambda_xfunction(KeepPositive{}, std::forward<G>(g), std::forward<X>(x));
}

template <Elementwise E>
auto sigmoid(E&& x) {
  return Real(1) / (Real(1) + xt::exp(-std::forward<E>(x)));
}

}  // namespace hourglass
