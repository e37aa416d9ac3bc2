#pragma once

#include "config.hpp"
#include "inputs.hpp"
#include "observables.hpp"
#include <hourglass/measure/comparison.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <vector>

namespace hourglass {

struct OnlineSgdResult {
  OnlineSgdConfig config;          // as used
  Comparison comparison;           // measured: medians over the runs
  Trace low, high;                 // the least and the largest over the runs
  Observed observed;               // what all of these hold
  theory::Escape escape;           // of the first mode
  std::vector<double> pca_errors;  // of 0, 1, ..., hidden components
  bool gaussian;                   // inputs, otherwise images
  double mean_share;               // of these (inputs.hpp)
  double training_seconds;
  std::size_t steps;  // of all runs together
};

// Quantities of the error.
namespace online_sgd {
inline constexpr const char *median_relative = "median relative deviation",
                            *largest_relative = "largest relative deviation";
}

// Agreement is judged on the error. For Gaussian inputs: the median over times of |measured/
// predicted - 1| within 0.5 %, and the time at which the first mode's gain passes half of what it
// grows to (1/2; 1/4 where ReLU units of one sign carry it) within twice its jitter (section 3.6),
// of linear and erf units that of later modes within six times; for images 3 % at all times and 0.5
// % at the end (section 10). Throws InputError for settings that make no sense, Divergence if
// training fails.
OnlineSgdResult run_online_sgd(const OnlineSgdConfig& config, const OnlineInputs& inputs);

}  // namespace hourglass
