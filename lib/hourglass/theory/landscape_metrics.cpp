#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/landscape.hpp>
#include <hourglass/theory/matrix.hpp>

#include <algorithm>

// The distances of docs/theory/linear.md, section 9.8.
namespace hourglass::theory {
namespace {

// (v_i . d_j/|d_j|)^2 for every pair: H x H.
Array64 squared_cosines(const Array64& V, const Array64& W2) {
  require_shape("V", V, shape_of(W2));
  require_finite("V", V);
  require_finite("W2", W2);
  Array64 overlap = product(transposed(V), W2);
  const Array64 gram = product(transposed(W2), W2);
  for (std::size_t i = 0; i < overlap.shape()[0]; ++i)
    for (std::size_t j = 0; j < overlap.shape()[1]; ++j)
      overlap(i, j) = gram(j, j) > 0 ? overlap(i, j) * overlap(i, j) / gram(j, j) : 0;
  return overlap;
}

}  // namespace

double axis_distance(const Array64& V, const Array64& W2) {
  const Array64 cosines = squared_cosines(V, W2);
  const std::size_t H = cosines.shape()[0];
  double missing = 0;
  for (std::size_t i = 0; i < H; ++i) {
    double best = 0;
    for (std::size_t j = 0; j < H; ++j) best = std::max(best, cosines(i, j));
    missing += 1 - best;
  }
  return missing / static_cast<double>(H);
}

double ordered_axis_distance(const Array64& V, const Array64& W2) {
  const Array64 cosines = squared_cosines(V, W2);
  const double H = static_cast<double>(cosines.shape()[0]);
  return (H - trace(cosines)) / H;
}

double subspace_distance(const Array64& V, const Array64& W2) {
  require_shape("V", V, shape_of(W2));
  const Svd parts = thin_svd(W2);
  const Array64 overlap = product(transposed(parts.u), V);
  const double H = static_cast<double>(V.shape()[1]);
  double inside = 0;  // directions that W2 spans, beyond rounding
  for (std::size_t k = 0; k < parts.values.size(); ++k)
    for (std::size_t i = 0; parts.values[k] > 1e-14 * parts.values[0] && i < V.shape()[1]; ++i)
      inside += overlap(k, i) * overlap(k, i);
  return 1 - inside / H;
}

double transpose_distance(const Array64& W1, const Array64& W2) {
  Array64 difference = transposed(W2);
  require_shape("W1", W1, shape_of(difference));
  add(difference, -1, W1);
  return inner(difference, difference) / static_cast<double>(W1.shape()[0]);
}

}  // namespace hourglass::theory
