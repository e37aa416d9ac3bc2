#pragma once

#include <hourglass/measure/comparison.hpp>

#include <cstddef>
#include <functional>
#include <vector>

// Where linear autoencoders end, without a penalty and with product, sum and non-uniform L2
// regularisation and under the rotation-augmented gradient, beside the closed-form minima; and the
// rate at which that rotation orders the units (Baldi & Hornik 1989, Kunin et al. 2019, Bao et al.
// 2020; docs/theory/linear.md, section 9).
namespace hourglass {

struct Dataset;

struct LandscapeConfig {
  std::size_t hidden = 4;
  std::size_t dimensions = 12;  // leading principal coordinates of the centred data that are kept
  double share = 0.5;           // product and sum penalty, in units of the smallest learned lambda
  // the non-uniform penalties rise in equal steps up to this share of the smallest learned lambda
  double largest_share = 0.8;
  double rho = 0.5;   // of the rotation
  double init = 0.3;  // standard deviation of the initial weights
  std::size_t steps = 60000;
  std::uint64_t seed = 1;
  std::size_t records = 60;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

struct LandscapeResult {
  // "sum singular value" 1, 2, ..., "sum transpose distance", "... ordered axis distance",
  // "... subspace distance", "... loss" for none, product, sum, non-uniform and rotation:
  // predicted at the last step alone; and "ordering overlap" i, of axis i and unit i + 1
  Comparison comparison;
  double rate, ordering_rate;       // learning rates as used
  std::vector<double> eigenvalues;  // of the coordinates kept
  double training_seconds;
  std::size_t steps;
};

// Throws InputError for settings that make no sense with these data, Divergence if training fails.
LandscapeResult run_landscape(const LandscapeConfig& config, const Dataset& dataset);

}  // namespace hourglass
