#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/core/kernels.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>

// The elementwise arithmetic that ops are written with, on arrays. An expression computes its
// numbers as they are read and owns what it is made of (views, numbers and other expressions, all
// by value), so it can be named, returned and kept as long as the arrays that its views look at.
namespace HOURGLASS_API hourglass {

// A matrix whose numbers can be read in rows: number j of row b is row(b)[j].
template <class E>
concept Elementwise = requires(const E& e, std::size_t i) {
  { e.shape() } -> std::same_as<Shape>;
  { e.row(i)[i] } -> std::convertible_to<Real>;
};

// One whose numbers (or a row of numbers) can be read one after the other, which is faster.
template <class E>
concept Flat = requires(const E& e, std::size_t i) {
  { e[i] } -> std::convertible_to<Real>;
};

namespace detail {

// A number as an operand of any shape.
struct Everywhere {
  Real value;
  Real operator[](std::size_t) const { return value; }
  Everywhere row(std::size_t) const { return *this; }
};

template <Elementwise E>
E operand(const E& e) {
  return e;
}
inline Everywhere operand(Real value) { return {value}; }

// f of one or two operands, entry by entry; a row of it is made of their rows.
template <class F, class A, class B = void>
struct Map {
  A a;
  B b;
  [[no_unique_address]] F f;

  Shape shape() const {
    if constexpr (Elementwise<A>)
      return a.shape();
    else
      return b.shape();
  }
  Real operator[](std::size_t i) const requires(Flat<A>&& Flat<B>) { return f(a[i], b[i]); }
  auto row(std::size_t i) const {
    return Map<F, decltype(a.row(i)), decltype(b.row(i))>{a.row(i), b.row(i), f};
  }
};
template <class F, class A>
struct Map<F, A, void> {
  A a;
  [[no_unique_address]] F f;

  Shape shape() const { return a.shape(); }
  Real operator[](std::size_t i) const requires Flat<A> { return f(a[i]); }
  auto row(std::size_t i) const { return Map<F, decltype(a.row(i))>{a.row(i), f}; }
};

// Throw ArgumentError.
void require_shape(Shape found, Shape expected);
void require_columns(Shape shape, std::size_t first, std::size_t count);

}  // namespace detail

// An expression or a number; of two, one is an expression.
template <class E>
concept Operand = Elementwise<E> || std::is_arithmetic_v<E>;
template <class A, class B>
concept Operands = Operand<A> && Operand<B> &&(Elementwise<A> || Elementwise<B>);

// f(number of x), or f(number of a, number of b), entry by entry. Throws ArgumentError if shapes
// differ.
template <class F, Elementwise A>
auto map(F f, const A& x) {
  return detail::Map<F, A>{x, f};
}
template <class F, class A, class B>
requires Operands<A, B>
auto map(F f, const A& a, const B& b) {
  using detail::operand;
  if constexpr (Elementwise<A> && Elementwise<B>) detail::require_shape(b.shape(), a.shape());
  return detail::Map<F, decltype(operand(a)), decltype(operand(b))>{operand(a), operand(b), f};
}

// Entry by entry, of equal shapes or with a number: * is no matrix product. Throw ArgumentError if
// shapes differ.
template <class A, class B>
requires Operands<A, B>
auto operator+(const A& a, const B& b) { return map(std::plus<Real>{}, a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator-(const A& a, const B& b) { return map(std::minus<Real>{}, a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator*(const A& a, const B& b) { return map(std::multiplies<Real>{}, a, b); }
template <class A, class B>
requires Operands<A, B>
auto operator/(const A& a, const B& b) { return map(std::divides<Real>{}, a, b); }
template <Elementwise E>
auto operator-(const E& x) {
  return map(std::negate<Real>{}, x);
}

// Of each entry.
auto exp(const Elementwise auto& x) {
  return map([](Real v) { return std::exp(v); }, x);
}
auto log(const Elementwise auto& x) {
  return map([](Real v) { return std::log(v); }, x);
}
auto sqrt(const Elementwise auto& x) {
  return map([](Real v) { return std::sqrt(v); }, x);
}
auto abs(const Elementwise auto& x) {
  return map([](Real v) { return std::abs(v); }, x);
}
auto tanh(const Elementwise auto& x) {
  return map([](Real v) { return std::tanh(v); }, x);
}
auto erf(const Elementwise auto& x) {
  return map([](Real v) { return std::erf(v); }, x);
}
auto square(const Elementwise auto& x) {
  return map([](Real v) { return v * v; }, x);
}
auto sigmoid(const Elementwise auto& x) {
  return map([](Real v) { return 1 / (1 + std::exp(-v)); }, x);
}
// g where x > 0, otherwise 0 (also at x = 0 and where x is NaN).
auto gate(const Elementwise auto& g, const Elementwise auto& x) {
  return map([](Real gradient, Real v) { return v > 0 ? gradient : Real(0); }, g, x);
}

namespace detail {

// The number (a 1x1, or the one of each row of a Bx1) repeated along the row.
struct Spread {
  Real value;
  Shape of;
  Shape shape() const { return of; }
  Real operator[](std::size_t) const { return value; }
  Everywhere row(std::size_t) const { return {value}; }
};
template <Elementwise C>
struct RepeatedColumn {
  C column;
  Shape of;
  Shape shape() const { return of; }
  Everywhere row(std::size_t b) const { return {column.row(b)[0]}; }
};
struct RepeatedRow {
  View x;
  Shape of;
  Shape shape() const { return of; }
  const Real* row(std::size_t) const { return x.data(); }
};
struct Slice {
  View x;
  std::size_t first, count;
  Shape shape() const { return {x.shape().rows, count}; }
  const Real* row(std::size_t b) const { return x.row(b) + first; }
};

}  // namespace detail

// The 1x1 `s` everywhere in the shape of x, the 1xK `row` as often as x has rows, the Bx1 `column`
// as often as x has columns. These and the functions below throw ArgumentError for other shapes.
auto spread_like(const Elementwise auto& x, const View& s) {
  detail::require_shape(s.shape(), {1, 1});
  return detail::Spread{s[0], x.shape()};
}
auto rows_like(const Elementwise auto& x, const View& row) {
  detail::require_shape(row.shape(), {1, x.shape().columns});
  return detail::RepeatedRow{row, x.shape()};
}
template <Elementwise C>
auto columns_like(const Elementwise auto& x, const C& column) {
  detail::require_shape(column.shape(), {x.shape().rows, 1});
  return detail::RepeatedColumn<C>{column, x.shape()};
}
// Each row of x times its entry of the Bx1 `column`.
auto mul_column(const Elementwise auto& x, const Elementwise auto& column) {
  return x * columns_like(x, column);
}
// x times the 1x1 `s`.
auto scale_by(const Elementwise auto& x, const View& s) {
  detail::require_shape(s.shape(), {1, 1});
  return x * s[0];
}
// Columns first, ..., first + count - 1 of x.
inline auto slice_columns(const View& x, std::size_t first, std::size_t count) {
  detail::require_columns(x.shape(), first, count);
  return detail::Slice{x, first, count};
}

namespace detail {

// to = numbers, or to += numbers
template <class Numbers>
void write_row(const Numbers numbers, Real* to, std::size_t count, bool add) {
  if (add)
    for (std::size_t i = 0; i < count; ++i) to[i] += numbers[i];
  else
    for (std::size_t i = 0; i < count; ++i) to[i] = numbers[i];
}
inline void write_row(const Real* numbers, Real* to, std::size_t count, bool add) {
  if (add)
    kernels::axpy(1, numbers, to, count);
  else
    std::copy_n(numbers, count, to);
}

}  // namespace detail

// out = e, or out += e; out has the shape of e.
template <Elementwise E>
void write(const E& e, Array& out, bool add) {
  const auto [rows, columns] = e.shape();
  if constexpr (std::same_as<E, View>)
    detail::write_row(e.data(), out.data(), e.size(), add);
  else if constexpr (Flat<E>)
    detail::write_row(e, out.data(), rows * columns, add);
  else
    for (std::size_t b = 0; b < rows; ++b)
      detail::write_row(e.row(b), out.data() + b * columns, columns, add);
}

}  // namespace hourglass
