#pragma once

#include "weight_flow.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/matrix.hpp>

#include <algorithm>
#include <cmath>

// Reproducible matrices for the tests of networks.
namespace random_matrices {

using hourglass::Array64;

inline Array64 normal(std::size_t rows, std::size_t columns, double s, weight_flow::Draw& draw) {
  Array64 x = hourglass::empty64({rows, columns});
  for (double& entry : x)
    entry = s * std::sqrt(-2 * std::log(draw.uniform(1e-300, 1))) *
            std::cos(2 * M_PI * draw.uniform(0, 1));
  return x;
}

// Orthonormal columns.
inline Array64 basis(std::size_t D, weight_flow::Draw& draw) {
  const Array64 x = normal(D, D, 1, draw);
  return hourglass::eigh(hourglass::theory::product(x, hourglass::theory::transposed(x))).vectors;
}

inline double largest_difference(const Array64& a, const Array64& b) {
  double largest = hourglass::shape_of(a) == hourglass::shape_of(b) ? 0 : INFINITY;
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
    largest = std::max(largest, std::abs(a.data()[k] - b.data()[k]));
  return largest;
}

}  // namespace random_matrices
