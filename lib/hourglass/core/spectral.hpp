#pragma once

#include <hourglass/core/array.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {

// Eigenpairs of a symmetric matrix, largest eigenvalue first; column j of `vectors` (D x D) is
// eigenvector j, signed so that its entry of largest magnitude is positive.
struct Eigenpairs {
  std::vector<double> values;
  Array64 vectors;
};

// Throws ArgumentError unless `matrix` is square and finite; reads its lower triangle.
Eigenpairs eigh(const Array64& matrix);

// matrix = u diag(values) vt with k = min(rows, columns) singular values, largest first:
// u is rows x k, vt is k x columns. Throws ArgumentError unless `matrix` is finite.
struct Svd {
  Array64 u;
  std::vector<double> values;
  Array64 vt;
};
Svd thin_svd(const Array64& matrix);

// u vt, the orthogonal factor of the polar decomposition; of a matrix of independent standard
// normals it is uniformly distributed.
Array64 polar_factor(const Array64& matrix);

}  // namespace hourglass
