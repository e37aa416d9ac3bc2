#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/core/number.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

// xtensor moved its headers in 0.26; this is the only place that knows.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#endif

namespace hourglass {

// The number type of training. Theory and spectra are always computed in double.
using Real = Number;

// Every array is a row-major matrix: rows are samples, columns are features; a scalar is 1x1 and a
// bias 1xK.
using Array = xt::xtensor<Real, 2>;
using Array64 = xt::xtensor<double, 2>;

// A matrix that somebody else owns: a batch of rows, a node's value. Read-only by convention:
// it is only ever handed out as `const View&`. Do not assign to a View: whether numbers are copied
// or it then points elsewhere is up to xtensor; make a new one with borrow().
using View = xt::xtensor_adaptor<xt::xbuffer_adaptor<Real*, xt::no_ownership>, 2>;

// Of a matrix; str() is "2x3".
struct Shape {
  std::size_t rows = 0, columns = 0;
  bool operator==(const Shape&) const = default;
  std::size_t size() const { return rows * columns; }
  std::string str() const { return std::to_string(rows) + "x" + std::to_string(columns); }
};

// The shape of anything with a rank-2 .shape(): arrays, views, expressions.
Shape shape_of(const auto& x) {
  return {static_cast<std::size_t>(x.shape()[0]), static_cast<std::size_t>(x.shape()[1])};
}

// A view of rows x columns numbers that start at `data`, which must outlive it.
inline View borrow(const Real* data, Shape shape) {
  Real* start = const_cast<Real*>(data);
  return View(xt::xbuffer_adaptor<Real*, xt::no_ownership>(start, shape.size()),
              std::array<std::size_t, 2>{shape.rows, shape.columns});
}
inline View borrow(const Array& x) { return borrow(x.data(), shape_of(x)); }

// An uninitialised matrix; Array({r, c}) would be safe too, but reads like a list of values.
inline Array empty(Shape s) { return Array::from_shape({s.rows, s.columns}); }
inline Array64 empty64(Shape s) { return Array64::from_shape({s.rows, s.columns}); }
inline Array filled(Shape s, Real value) {
  Array x = empty(s);
  x.fill(value);
  return x;
}
inline Array scalar(Real value) { return filled({1, 1}, value); }

// Makes `x` that shape; allocates only if the shape differs. Contents are then undefined.
inline void resize(Array& x, Shape s) {
  if (shape_of(x) != s) x.resize({s.rows, s.columns});
}

// Between the precision of training and that of theory and spectra.
inline Array to_real(const Array64& x) { return xt::cast<Real>(x); }
inline Array64 to_double(const Array& x) { return xt::cast<double>(x); }

// Throws ArgumentError if x has fewer.
inline Array64 first_columns(const Array64& x, std::size_t count) {
  if (count > shape_of(x).columns)
    throw ArgumentError("first_columns: " + std::to_string(count) + " of a matrix that is " +
                        shape_of(x).str());
  Array64 result = empty64({shape_of(x).rows, count});
  for (std::size_t i = 0; i < shape_of(x).rows; ++i)
    for (std::size_t j = 0; j < count; ++j) result(i, j) = x(i, j);
  return result;
}

}  // namespace hourglass
