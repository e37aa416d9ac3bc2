#include "shallow_flow.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/shallow.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass::theory {
namespace {

shallow::Flow flow_at(Unit unit, const std::vector<double>& ell, const Amplitudes& at) {
  return {unit, Rule::vanilla, 1, ell, at};
}

void require_modes(std::size_t modes, const Amplitudes& at) {
  require(modes <= at.modes(), "modes", modes, "more than there are");
}

double squared(const Array64& rows, std::size_t k, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.shape()[1]; ++i) sum += weights[i] * rows(k, i) * rows(k, i);
  return sum;
}

// |row_k[tau]| sqrt(weight_tau) over the weighted length of the row; 0 for a row of zeros.
Array64 shares(const Array64& rows, const std::vector<double>& weights, std::size_t modes) {
  Array64 overlaps = empty64({rows.shape()[0], modes});
  for (std::size_t k = 0; k < rows.shape()[0]; ++k) {
    const double length = std::sqrt(squared(rows, k, weights));
    for (std::size_t i = 0; i < modes; ++i)
      overlaps(k, i) = length > 0 ? std::sqrt(weights[i]) * std::abs(rows(k, i)) / length : 0;
  }
  return overlaps;
}

}  // namespace

Amplitudes amplitudes_of(const Array64& W, const Array64& V, const Array64& basis,
                         const std::vector<double>& b, const std::vector<double>& c) {
  require_shape("V", V, shape_of(W));
  require_shape("basis", basis, {W.shape()[1], basis.shape()[1]});
  require(c.empty() || c.size() == W.shape()[1], "c", c.size(), "expected D biases or none");
  const double root = std::sqrt(static_cast<double>(W.shape()[1]));
  const std::vector<double> scale(basis.shape()[1], 1 / root);
  Amplitudes at{product(W, basis), scale_columns(product(V, basis), scale), b, {}};
  for (std::size_t tau = 0; !c.empty() && tau < basis.shape()[1]; ++tau) {
    double along = 0;
    for (std::size_t i = 0; i < c.size(); ++i) along += c[i] * basis(i, tau);
    at.d.push_back(along / root);
  }
  return at;
}

OrderParameters order_parameters(const std::vector<double>& ell, const Amplitudes& at) {
  require_shape("w", at.w, {at.units(), ell.size()});
  require_shape("u", at.u, {at.units(), ell.size()});
  const Array64 w_ell = scale_columns(at.w, ell), u_ell = scale_columns(at.u, ell);
  const Array64 w_t = transposed(at.w), u_t = transposed(at.u);
  const std::vector<double> per_mode(ell.size(), 1 / static_cast<double>(ell.size()));
  return {.Q1 = product(w_ell, w_t),
          .R1 = product(u_ell, w_t),
          .T1 = product(u_ell, u_t),
          .Q0 = product(scale_columns(at.w, per_mode), w_t),
          .R0 = product(at.u, w_t),
          .T0 = product(at.u, u_t)};
}

double pixel_error(Unit unit, const std::vector<double>& ell, const Amplitudes& at) {
  shallow::Flow flow = flow_at(unit, ell, at);
  return flow.pixel_error(flow.pack(at));
}

double pca_pixel_error(std::vector<double> ell, std::size_t rank) {
  for (const double x : ell) require(x >= 0, "ell", x, "an eigenvalue of a covariance is >= 0");
  std::sort(ell.begin(), ell.end());
  const auto kept = static_cast<std::ptrdiff_t>(std::min(rank, ell.size()));
  return std::accumulate(ell.begin(), ell.end() - kept, 0.0) / 2;
}

std::vector<double> mode_gains(Unit unit, const std::vector<double>& ell, const Amplitudes& at,
                               std::size_t modes) {
  require_modes(modes, at);
  shallow::Flow flow = flow_at(unit, ell, at);
  const std::vector<double> x = flow.pack(at);
  std::vector<double> gains(modes);
  for (std::size_t tau = 0; tau < modes; ++tau) gains[tau] = flow.gain(x, tau);
  return gains;
}

Array64 decoder_overlaps(const Amplitudes& at, std::size_t modes) {
  require_modes(modes, at);
  return shares(at.u, std::vector<double>(at.modes(), 1.0), modes);
}

Array64 encoder_overlaps(const std::vector<double>& ell, const Amplitudes& at, std::size_t modes) {
  require_modes(modes, at);
  require_shape("w", at.w, {at.units(), ell.size()});
  return shares(at.w, ell, modes);
}

// The rows of vt with a singular value are an orthonormal basis of the decoders' span.
double subspace_overlap(const Amplitudes& at, std::size_t modes) {
  require_modes(modes, at);
  require(modes > 0, "modes", 0, "expected at least one");
  const Svd decoders = thin_svd(at.u);
  double sum = 0;
  for (std::size_t k = 0; k < decoders.values.size(); ++k)
    for (std::size_t tau = 0; tau < modes && decoders.values[k] > 1e-12 * decoders.values[0]; ++tau)
      sum += decoders.vt(k, tau) * decoders.vt(k, tau);
  return sum / static_cast<double>(std::min(at.units(), modes));
}

Observables observables(Unit unit, const std::vector<double>& ell, const Amplitudes& at,
                        std::size_t modes) {
  return {pixel_error(unit, ell, at),       order_parameters(ell, at),
          mode_gains(unit, ell, at, modes), decoder_overlaps(at, modes),
          encoder_overlaps(ell, at, modes), subspace_overlap(at, modes)};
}

}  // namespace hourglass::theory
