#include <hourglass/core/error.hpp>
#include <hourglass/theory/domain.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace hourglass::theory {

std::string shortest(double x) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, x).ptr;
  return {text, end};
}

void require(bool holds, const char* argument, double value, const char* reason) {
  if (holds && std::isfinite(value)) return;
  const char* why = std::isfinite(value) ? reason : "expected a finite number";
  throw DomainError(std::string(argument) + " = " + shortest(value) + ": " + why);
}

void require_finite(const char* argument, double value) { require(true, argument, value, ""); }

void require_finite(const char* argument, const Array64& matrix) {
  for (const double x : matrix) require_finite(argument, x);
}

void require_shape(const char* argument, const Array64& matrix, Shape expected) {
  if (shape_of(matrix) == expected) return;
  throw DomainError(std::string(argument) + " = " + shape_of(matrix).str() + ": expected " +
                    expected.str());
}

void require_symmetric(const char* argument, const Array64& matrix) {
  const Shape shape = shape_of(matrix);
  require_shape(argument, matrix, {shape.rows, shape.rows});
  double largest = 0;
  for (const double x : matrix) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < i; ++j)
      require(std::abs(matrix(i, j) - matrix(j, i)) <= 1e-10 * largest, argument, matrix(i, j),
              "a covariance is symmetric");
}

}  // namespace hourglass::theory
