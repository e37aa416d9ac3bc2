#pragma once

// What the ops check before they compute. Not installed.

#include <hourglass/core/error.hpp>
#include <hourglass/core/tape.hpp>

#include <charconv>
#include <string>

namespace hourglass {

// Shortest, and the same in any locale.
inline std::string number(Real x) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

[[noreturn]] inline void throw_mismatch(const char* op, Var x, Var y, const std::string& why) {
  throw ArgumentError(std::string(op) + ": " + tape_of(x).describe(x) + " and " +
                      tape_of(y).describe(y) + " do not match: " + why);
}

[[noreturn]] inline void throw_unfit(const char* op, Var x, const std::string& why) {
  throw ArgumentError(std::string(op) + ": " + tape_of(x).describe(x) + " " + why);
}

inline void require_equal_shapes(const char* op, Var x, Var y) {
  if (x.shape() != y.shape()) throw_mismatch(op, x, y, "shapes must be equal");
}

inline void require_equal_rows(const char* op, Var x, Var y) {
  if (x.shape().rows != y.shape().rows) throw_mismatch(op, x, y, "numbers of rows must be equal");
}

// Equal shapes, and rows to take the mean of.
inline void require_samples(const char* op, Var y, Var x) {
  require_equal_shapes(op, y, x);
  if (x.shape().rows == 0) throw_mismatch(op, y, x, "there are no rows");
}

inline void require_inner_sizes(const char* op, Var a, bool ta, Var b, bool tb) {
  const std::size_t left = ta ? a.shape().rows : a.shape().columns;
  const std::size_t right = tb ? b.shape().columns : b.shape().rows;
  if (left != right)
    throw_mismatch(op, a, b,
                   "inner sizes " + std::to_string(left) + " and " + std::to_string(right));
}

inline void require_row(const char* op, Var x, Var row) {
  if (row.shape() != Shape{1, x.shape().columns})
    throw_mismatch(op, x, row, "expected a row 1x" + std::to_string(x.shape().columns));
}

inline void require_column(const char* op, Var x, Var column) {
  if (column.shape() != Shape{x.shape().rows, 1})
    throw_mismatch(op, x, column, "expected a column " + std::to_string(x.shape().rows) + "x1");
}

inline void require_square(const char* op, Var x) {
  if (x.shape().rows != x.shape().columns) throw_unfit(op, x, "is not square");
}

inline void require_ordered(const char* op, Var x, Real low, Real high) {
  if (!(low <= high))
    throw_unfit(op, x, "needs low <= high, found " + number(low) + " and " + number(high));
}

inline void require_scalar(const char* op, Var x, Var s) {
  if (s.shape() != Shape{1, 1}) throw_mismatch(op, x, s, "the second must be 1x1");
}

}  // namespace hourglass
