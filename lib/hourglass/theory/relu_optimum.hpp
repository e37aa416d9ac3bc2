#pragma once

#include <hourglass/config.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// The least error of K ReLU units without bias on zero-mean Gaussian inputs, by multi-start search
// over the directions of their fields with the best decoder for each: docs/theory/nonlinear.md,
// section 5.3. Relative accuracy 1e-6 where a start finds the global minimum, as all do in the
// tests (K, M <= 3); deterministic. Throws DomainError for no unit or mode, an ell <= 0, or K
// M > 64.
double relu_optimum(const std::vector<double>& ell, std::size_t units);

}  // namespace theory
}  // namespace hourglass
