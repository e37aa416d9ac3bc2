#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/core/number.hpp>

#include <algorithm>
#include <cassert>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

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

namespace HOURGLASS_API hourglass {

// The number type of training. Theory and spectra are always computed in double.
using Real = Number;

// Every array is a row-major matrix: rows are samples, columns are features; a scalar is 1x1 and a
// bias 1xK.
using Array = xt::xtensor<Real, 2>;
using Array64 = xt::xtensor<double, 2>;

// Of a matrix; str() is "2x3".
struct Shape {
  std::size_t rows = 0, columns = 0;
  bool operator==(const Shape&) const = default;
  // How many numbers.
  std::size_t size() const { return rows * columns; }
  // "2x3"
  std::string str() const { return std::to_string(rows) + "x" + std::to_string(columns); }
};

// The shape of anything with a rank-2 .shape(): arrays, views, expressions.
Shape shape_of(const auto& x) {
  if constexpr (std::same_as<std::remove_cvref_t<decltype(x.shape())>, Shape>)
    return x.shape();
  else
    return {static_cast<std::size_t>(x.shape()[0]), static_cast<std::size_t>(x.shape()[1])};
}

// A matrix that somebody else owns and that must outlive it: a batch of rows, a node's value. It
// can be read and copied (the view, not the numbers), but not be written through.
class View {
 public:
  View() = default;
  // Of numbers that must outlive it.
  View(const Real* data, Shape shape) : data_(data), shape_(shape) {}

  // Row after row: size() numbers from data() on, those of row i from row(i) on.
  Shape shape() const { return shape_; }
  std::size_t size() const { return shape_.size(); }
  const Real* data() const { return data_; }
  const Real* begin() const { return data_; }
  const Real* end() const { return data_ + size(); }
  const Real* row(std::size_t i) const { return data_ + i * shape_.columns; }
  Real operator[](std::size_t i) const { return data_[i]; }  // in row-major order
  // In row i, column j.
  Real operator()(std::size_t i, std::size_t j) const {
    assert(i < shape_.rows && j < shape_.columns);
    return row(i)[j];
  }
  operator Array() const {  // the numbers, copied
    Array x = Array::from_shape({shape_.rows, shape_.columns});
    std::copy(begin(), end(), x.data());
    return x;
  }

 private:
  const Real* data_ = nullptr;
  Shape shape_;
};

// A view of rows x columns numbers that start at `data`, or of a whole array.
inline View borrow(const Real* data, Shape shape) { return {data, shape}; }
inline View borrow(const Array& x) { return {x.data(), shape_of(x)}; }
View borrow(const Array&&) = delete;  // it would outlive the array

// An uninitialised matrix; Array({r, c}) would be safe too, but reads like a list of values.
inline Array empty(Shape s) { return Array::from_shape({s.rows, s.columns}); }
inline Array64 empty64(Shape s) { return Array64::from_shape({s.rows, s.columns}); }
// The same number everywhere; scalar: as a 1x1.
inline Array filled(Shape s, Real value) {
  Array x = empty(s);
  x.fill(value);
  return x;
}
inline Array scalar(Real value) { return filled({1, 1}, value); }

// Whether its numbers were moved away; xtensor leaves such an array its shape.
inline bool moved_from(const Array& x) {
  return x.storage().data() == nullptr && shape_of(x).size() > 0;
}

// Makes `x` that shape; allocates only if the shape differs or its numbers were moved away.
// Contents are then undefined; without memory for them `x` is left empty.
inline void resize(Array& x, Shape s) {
  if (shape_of(x) == s && x.storage().data() != nullptr) return;
  try {
    x.resize({s.rows, s.columns}, true);
  } catch (...) {
    x = Array{};  // xtensor leaves it the new shape
    throw;
  }
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
