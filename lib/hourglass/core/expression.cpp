#include <hourglass/core/deferred.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/expression.hpp>

namespace hourglass {

void detail::require_shape(Shape found, Shape expected) {
  if (found != expected)
    throw ArgumentError("expected a matrix " + expected.str() + ", found " + found.str());
}

void detail::throw_not_kept(const Array& out, Shape expected) {
  throw UsageError(moved_from(out) ? "a result moved away the array that it fills"
                                   : "a result changed the shape of the array that it fills from " +
                                         expected.str() + " to " + shape_of(out).str());
}

void detail::require_columns(Shape shape, std::size_t first, std::size_t count) {
  if (first > shape.columns || count > shape.columns - first)  // without overflow
    throw ArgumentError("expected " + std::to_string(count) + " columns from column " +
                        std::to_string(first) + " on, found a matrix " + shape.str());
}

}  // namespace hourglass
