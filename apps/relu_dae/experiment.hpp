#pragma once

#include "config.hpp"
#include <hourglass/measure/variants.hpp>

#include <vector>

namespace hourglass {

// Each for every variant. The mapping of mode i is m_i = v_i^T C^ v_i / lambda_i with
// C^ = sum_n x^_n x_n^T / N, read from the forward pass that the step trains on, noise included;
// for a linear network it is the mode's strength. The order says by how much a weaker mode is ahead
// of the next stronger one.
namespace relu_dae {
inline const Series mapping("mapping"), order("order"), loss("loss");
}

struct ReluDaeResult {
  ReluDaeConfig config;  // as used
  Comparison comparison;
  std::vector<double> eigenvalues;  // of the second moments X^T X / N
  double active_units;              // fraction of hidden units that the plain run starts with
  double training_seconds;
  std::size_t steps;  // of all three runs together
};

// Throws InputError for settings that make no sense with these data, Divergence if training fails.
ReluDaeResult run_relu_dae(const ReluDaeConfig& config, const Dataset& dataset);

}  // namespace hourglass
