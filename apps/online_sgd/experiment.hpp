#pragma once

#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/online_inputs.hpp>
#include <hourglass/model/online_learner.hpp>

#include <functional>
#include <optional>
#include <vector>

// Online learning of shallow autoencoders against the equations of their order parameters:
// Refinetti & Goldt 2022; docs/theory/nonlinear.md.
namespace hourglass {

struct OnlineSgdConfig {
  std::size_t hidden = 2;
  OnlineOptions learning = {};      // activation, biases, rule, rate
  std::size_t batch = 1;            // rows a step
  std::optional<double> time = {};  // steps/D; none: 100/lr, of images five epochs
  double init = 0.1;                // deviation of the initial weights; sanger's: over sqrt(D)
  std::size_t seeds = 5;            // runs from the same weights, each on inputs of its own
  std::uint64_t seed = 1;
  std::size_t records = 80;  // times that are recorded, evenly in log(time)
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

struct OnlineSgdResult {
  Comparison comparison;           // measured: medians over the runs (measure/order_parameters.hpp)
  Trace low, high;                 // the least and the largest over the runs
  std::size_t steps = 0;           // of each run
  std::vector<double> pca_errors;  // of 0, 1, ..., hidden components
  double training_seconds = 0;
};

// Agreement is judged on the error. For Gaussian inputs: the median over times of |measured/
// predicted - 1| within 0.5 %, and the time at which the first mode's gain passes 1/2 within twice
// its jitter sqrt(2t/D); for images 3 % at all times and 0.5 % at the end (section 10). Throws
// InputError for settings that make no sense, Divergence if training fails.
OnlineSgdResult run_online_sgd(const OnlineSgdConfig& config, const OnlineInputs& inputs);

}  // namespace hourglass
