#pragma once

#include <hourglass/measure/comparison.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

// ReLU autoencoders x^ = W2 relu(W1 x~) on real, uncentred images beside the theory of linear ones:
// plain (AE), with weight decay (WDAE) and with drawn Gaussian input noise (DAE), from the same
// small random weights (Pretorius et al. 2018, figure 6; docs/theory/linear.md, section 11.2).
namespace hourglass {

struct Dataset;

struct ReluDaeConfig {
  std::size_t hidden = 64;
  double sigma2 = 4;                 // noise variance of the DAE
  std::optional<double> gamma = {};  // weight decay of the WDAE; none: as published, 0.00225 D
  std::optional<double> rate = {};   // learning rate; none: as published, 1.8 / D
  std::size_t steps = 2000;          // of the full batch
  double init = 1e-3;                // standard deviation of the initial weights
  std::size_t modes = 4;             // the strongest are compared
  // How near the linear theory half times (relative) and noisy plateaus (above it) must be. A
  // property of the data: 0.15 and 0.1 hold for MNIST and CIFAR-10. NaN: reported, not judged.
  double half_time_tolerance = NAN, excess_tolerance = NAN;
  std::uint64_t seed = 1;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

// The mapping of mode i is m_i = v_i^T C^ v_i / lambda_i with C^ = sum_n x^_n x_n^T / N, read from
// the forward pass that the step trains on, noise included. For a linear network it is the mode's
// strength. Series "ae mapping", ..., "dae order"; the last says by how much a weaker mode is ahead
// of the next stronger one.
struct ReluDaeResult {
  Comparison comparison;
  double rate, gamma;               // as used
  std::vector<double> eigenvalues;  // of the second moments X^T X / N
  double active_units;              // fraction of hidden units that the plain run starts with
  double training_seconds;
  std::size_t steps;  // of all three runs together
};

// Throws InputError for settings that make no sense with these data, Divergence if training fails.
ReluDaeResult run_relu_dae(const ReluDaeConfig& config, const Dataset& dataset);

}  // namespace hourglass
