#pragma once

#include "weight_flow.hpp"
#include <hourglass/theory/shallow_dynamics.hpp>

#include <cmath>
#include <numbers>
#include <vector>

// Spiked spectra and Gaussian starts that several tests of shallow autoencoders share.
namespace shallow_start {

using hourglass::Array64;
using weight_flow::Draw;

inline double normal(Draw& draw) {  // Box & Muller
  return std::sqrt(-2 * std::log(1 - draw.uniform(0, 1))) *
         std::cos(2 * std::numbers::pi * draw.uniform(0, 1));
}

inline Array64 normals(Draw& draw, std::size_t rows, std::size_t columns) {
  Array64 z = hourglass::empty64({rows, columns});
  for (double& x : z) x = normal(draw);
  return z;
}

// Spikes, then D - M equal eigenvalues with the sum `bulk`.
inline std::vector<double> spiked(std::vector<double> spikes, std::size_t D, double bulk) {
  const std::size_t M = spikes.size();
  spikes.resize(D, bulk / static_cast<double>(D - M));
  return spikes;
}

inline hourglass::theory::ShallowDynamics run(hourglass::theory::Unit unit, std::vector<double> ell,
                                              std::size_t K, double scale, Draw& draw) {
  const std::size_t D = ell.size();
  const Array64 encoder = normals(draw, K, D), decoder = normals(draw, K, D);
  return {.unit = unit,
          .ell = std::move(ell),
          .start = hourglass::theory::gaussian_start(encoder, decoder, scale)};
}

}  // namespace shallow_start
