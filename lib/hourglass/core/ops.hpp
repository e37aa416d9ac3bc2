#pragma once

#include <hourglass/core/tape.hpp>

// The ops. Each computes its value at once and records itself on the tape of its arguments. All can
// be differentiated twice; at a kink the derivative is the one stated. NaN gives NaN. Shapes that
// do not match throw ArgumentError, with the op, the names and the shapes. B: rows
// (samples), K: columns (features).
namespace HOURGLASS_API hourglass {

// op(a) op(b), op(x) = x or its transpose
Var matmul(Var a, Var b, bool transpose_a = false, bool transpose_b = false);

// Elementwise, of equal shapes; mul is the Hadamard product, div follows IEEE for y = 0.
Var add(Var x, Var y);
Var sub(Var x, Var y);
Var mul(Var x, Var y);
Var div(Var x, Var y);
// a x + b with numbers a and b
Var affine(Var x, double a, double b);
Var scale(Var x, double a);

// x (BxK) plus the row b (1xK) in every row
Var add_row(Var x, Var b);
// 1xK: sums over the rows of x
Var col_sums(Var x);
// 1xK: means over the rows of x; ArgumentError without rows
Var col_means(Var x);
// the row (1xK) as often as x has rows
Var rows_like(Var x, Var row);
// every row of x (BxK) times the row (1xK), entry by entry
Var mul_row(Var x, Var row);

// Bx1: sums and means over the columns of x; no columns have no mean: ArgumentError
Var row_sums(Var x);
Var row_means(Var x);
// Bx1: the inner product of each row of x with that of y, of equal shapes
Var row_dots(Var x, Var y);
// the column (Bx1) as often as x has columns
Var columns_like(Var x, Var column);
// each row of x (BxK) times its number in the column (Bx1)
Var mul_column(Var x, Var column);
// Bx1: log of the sum of exp over each row, without overflow. Equal entries have equal derivatives
// at any size, infinite ones too; a row of -inf gives -inf.
Var log_sum_exp(Var x);
// Bx1: 1/||x_b||, 0 for a zero row; derivative 0 there
Var inverse_row_norms(Var x);
// Each row (column) divided by its norm. A zero row stays zero and passes no gradient.
Var normalise_rows(Var x);
Var normalise_columns(Var x);

// KxB: the rows of x (BxK) as columns
Var transpose(Var x);
// the columns of a (BxK), then those of b (BxL)
Var concat_columns(Var a, Var b);
// columns first, ..., first + count - 1 of x
Var slice_columns(Var x, std::size_t first, std::size_t count);
// Bx`total`: x from column `first` on, zero elsewhere
Var pad_columns(Var x, std::size_t first, std::size_t total);

// 1x1: the sum and the mean of all entries; no entries have no mean: ArgumentError
Var sum_all(Var x);
Var mean_all(Var x);
// 1x1: the sum of the diagonal of a square x
Var trace(Var x);
// the 1x1 s on the diagonal of a matrix like the square x, zero elsewhere
Var diagonal_like(Var x, Var s);
// 1x1: the sum of x*y, of equal shapes
Var dot(Var x, Var y);
// 1x1: 1/2 of the sum of squares
Var half_squared_norm(Var x);
// 1x1: 1/(2B) sum over rows of ||y_b - x_b||^2, B > 0
Var half_squared_error(Var y, Var x);
// x times the 1x1 s; the 1x1 s everywhere in the shape of x
Var scale_by(Var x, Var s);
Var spread_like(Var x, Var s);

// Elementwise functions.
Var tanh(Var x);
Var sigmoid(Var x);
Var erf(Var x);
Var exp(Var x);
Var square(Var x);
// natural logarithm: -inf at 0, where the derivative is infinite; NaN below
Var log(Var x);
// infinite derivative at 0, NaN below
Var sqrt(Var x);
// derivative 0 at x = 0
Var abs(Var x);
// max(x, 0); derivative 0 at x = 0
Var relu(Var x);
// x where x > 0, otherwise slope x; derivative `slope` at x = 0
Var leaky_relu(Var x, double slope = 0.01);
// x where x > 0, otherwise alpha (exp(x) - 1); derivative alpha at x = 0
Var elu(Var x, double alpha = 1);
// log(1 + exp(x)) without overflow
Var softplus(Var x);
// x where |x| >= threshold, otherwise 0; derivative 1 where |x| >= threshold, the boundary
// included, otherwise 0. Throws ArgumentError for a negative threshold.
Var hard_threshold(Var x, double threshold);
// x moved into [low, high]; derivative 1 for low <= x <= high, otherwise 0. Throws
// ArgumentError unless low <= high.
Var clamp(Var x, double low, double high);
// g where x > 0, otherwise 0; no gradient through x
Var gate(Var g, Var x);

// The same values as a constant: nothing flows back through it.
Var stop_gradient(Var x);

// add, sub, mul, div and affine in short: * is entry by entry, no matrix product.
inline Var operator+(Var x, Var y) { return add(x, y); }
inline Var operator-(Var x, Var y) { return sub(x, y); }
inline Var operator*(Var x, Var y) { return mul(x, y); }
inline Var operator/(Var x, Var y) { return div(x, y); }
inline Var operator+(Var x, double b) { return affine(x, 1, b); }
inline Var operator+(double b, Var x) { return affine(x, 1, b); }
inline Var operator-(Var x, double b) { return affine(x, 1, -b); }
inline Var operator-(double b, Var x) { return affine(x, -1, b); }
inline Var operator*(Var x, double a) { return affine(x, a, 0); }
inline Var operator*(double a, Var x) { return affine(x, a, 0); }
inline Var operator/(Var x, double a) { return affine(x, 1 / a, 0); }
inline Var operator-(Var x) { return affine(x, -1, 0); }

}  // namespace hourglass
