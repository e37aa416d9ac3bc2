#include <hourglass/core/error.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>

namespace hourglass::theory {

// The order i, k, j runs along the rows of b and of the result, which the compiler vectorises.
Array64 product(const Array64& a, const Array64& b) {
  const Shape sa = shape_of(a), sb = shape_of(b);
  if (sa.columns != sb.rows)
    throw DomainError("product: " + sa.str() + " and " + sb.str() + " do not match");
  const double size = static_cast<double>(sa.rows) * static_cast<double>(sb.columns);
  spend(500 + size * (10 + static_cast<double>(sa.columns)), "entries of a product", size);
  Array64 result = empty64({sa.rows, sb.columns});
  result.fill(0);
  for (std::size_t i = 0; i < sa.rows; ++i) {
    double* row = result.data() + i * sb.columns;
    for (std::size_t k = 0; k < sa.columns; ++k) {
      const double factor = a(i, k);
      const double* other = b.data() + k * sb.columns;
      for (std::size_t j = 0; j < sb.columns; ++j) row[j] += factor * other[j];
    }
  }
  return result;
}

Array64 transposed(const Array64& a) {
  const Shape shape = shape_of(a);
  Array64 result = empty64({shape.columns, shape.rows});
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < shape.columns; ++j) result(j, i) = a(i, j);
  return result;
}

double inner(const Array64& a, const Array64& b) {
  require_shape("inner: second matrix", b, shape_of(a));
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a.data()[k] * b.data()[k];
  return sum;
}

double trace(const Array64& a) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.shape()[0], a.shape()[1]); ++i) sum += a(i, i);
  return sum;
}

Array64 diagonal(const std::vector<double>& values) {
  const double size = static_cast<double>(values.size());
  spend(100 * size * size, "rows of a matrix", size);
  Array64 result = empty64({values.size(), values.size()});
  result.fill(0);
  for (std::size_t i = 0; i < values.size(); ++i) result(i, i) = values[i];
  return result;
}

Array64 scale_columns(Array64 a, const std::vector<double>& values) {
  const Shape shape = shape_of(a);
  if (values.size() != shape.columns)
    throw DomainError("scale_columns: " + std::to_string(values.size()) + " values for " +
                      shape.str());
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < shape.columns; ++j) a(i, j) *= values[j];
  return a;
}

void add(Array64& x, double factor, const Array64& y) {
  require_shape("add: second matrix", y, shape_of(x));
  for (std::size_t k = 0; k < x.size(); ++k) x.data()[k] += factor * y.data()[k];
}

}  // namespace hourglass::theory
