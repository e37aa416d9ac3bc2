#pragma once

#include <hourglass/core/array.hpp>

#include <string>

namespace HOURGLASS_API hourglass {
namespace theory {

// The shortest decimal text that reads back as exactly `x`.
std::string shortest(double x);

// Throws DomainError, e.g. "gamma = -1: a weight decay is >= 0", unless `holds`; an argument
// that is NaN or infinite is never in the domain.
void require(bool holds, const char* argument, double value, const char* reason);
void require_finite(const char* argument, double value);
void require_finite(const char* argument, const Array64& matrix);

// Throws DomainError, e.g. "W2 = 3x2: expected 4x2", unless the shapes are equal.
void require_shape(const char* argument, const Array64& matrix, Shape expected);

// Throws DomainError unless the square matrix is symmetric up to rounding.
void require_symmetric(const char* argument, const Array64& matrix);

}  // namespace theory
}  // namespace hourglass
