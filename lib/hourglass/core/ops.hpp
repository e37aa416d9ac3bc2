#pragma once

#include <hourglass/core/tape.hpp>

// The ops. Each computes its value at once and records itself on the tape of its arguments. All can
// be differentiated twice. Shapes that do not match throw std::invalid_argument, with the op, the
// names and the shapes. B: rows (samples), K: columns (features).
namespace hourglass {

// op(a) op(b), op(x) = x or its transpose
Var matmul(Var a, Var b, bool transpose_a = false, bool transpose_b = false);

// Elementwise, of equal shapes; mul is the Hadamard product.
Var add(Var x, Var y);
Var sub(Var x, Var y);
Var mul(Var x, Var y);
// a x + b with numbers a and b
Var affine(Var x, double a, double b);
Var scale(Var x, double a);

// x (BxK) plus the row b (1xK) in every row
Var add_row(Var x, Var b);
// 1xK: sums over the rows of x
Var col_sums(Var x);
// the row (1xK) repeated as often as x has rows
Var rows_like(Var row, Var x);

// 1x1: the sum of all entries
Var sum_all(Var x);
// 1x1: the sum of x*y, of equal shapes
Var dot(Var x, Var y);
// 1x1: 1/2 of the sum of squares
Var half_squared_norm(Var x);
// 1x1: 1/(2B) sum over rows of ||y_b - x_b||^2, B > 0
Var half_squared_error(Var y, Var x);
// the 1x1 s times x; the 1x1 s everywhere in the shape of x
Var scale_by(Var s, Var x);
Var spread_like(Var s, Var x);

// Elementwise functions.
Var tanh(Var x);
Var sigmoid(Var x);
Var erf(Var x);
Var exp(Var x);
Var square(Var x);
// max(x, 0), NaN for NaN; derivative 0 at x = 0
Var relu(Var x);
// g where x > 0, otherwise 0; no gradient through x
Var gate(Var g, Var x);

// The same values as a constant: nothing flows back through it.
Var stop_gradient(Var x);

inline Var operator+(Var x, Var y) { return add(x, y); }
inline Var operator-(Var x, Var y) { return sub(x, y); }
inline Var operator*(Var x, Var y) { return mul(x, y); }
inline Var operator+(Var x, double b) { return affine(x, 1, b); }
inline Var operator+(double b, Var x) { return affine(x, 1, b); }
inline Var operator-(Var x, double b) { return affine(x, 1, -b); }
inline Var operator-(double b, Var x) { return affine(x, -1, b); }
inline Var operator*(Var x, double a) { return affine(x, a, 0); }
inline Var operator*(double a, Var x) { return affine(x, a, 0); }
inline Var operator-(Var x) { return affine(x, -1, 0); }

}  // namespace hourglass
