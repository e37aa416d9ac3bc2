#pragma once

#include <hourglass/core/array.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Dense algebra in double as plain loops: the theory shares no kernel with what it predicts.
// Shapes that do not match throw DomainError.

Array64 product(const Array64& a, const Array64& b);  // a b
Array64 transposed(const Array64& a);                 // a^T
double inner(const Array64& a, const Array64& b);     // sum of a o b = tr(a^T b)
double trace(const Array64& a);                       // of a square a
Array64 diagonal(const std::vector<double>& values);  // zero elsewhere

// a diag(values): column j times values[j].
Array64 scale_columns(Array64 a, const std::vector<double>& values);

// x + factor y, in place.
void add(Array64& x, double factor, const Array64& y);

}  // namespace theory
}  // namespace hourglass
