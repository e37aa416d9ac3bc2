#pragma once

#include "config.hpp"
#include <hourglass/data/moments.hpp>

namespace hourglass {

// Each for every variant: strength("ae", 3).
namespace linear_dae {
inline const Series strength("mode strength"), loss("loss"), imbalance("imbalance"),
    norm("weight norm");
}

struct LinearDaeResult {
  LinearDaeConfig config;  // as used
  Comparison comparison;
  std::vector<double> eigenvalues;
  double training_seconds;
  std::size_t steps;  // of all three runs together
  // Modes whose path is not that of the prediction, since near or equal ones hold them up: what is
  // judged of them is where they end.
  std::vector<std::size_t> held_up = {};
};

// Throws InputError for settings that make no sense with these data, Divergence if training fails.
LinearDaeResult run_linear_dae(const LinearDaeConfig& config, const Dataset& dataset);

// What both its starts begin with.
struct LinearDaeSetting {
  LinearDaeConfig config;  // settled, with its rate
  const Dataset& dataset;
  Array64 moments;  // C = X^T X / N, where a matrix of features x features is needed
  Spectrum spectrum;
  std::vector<std::size_t> record;
};
LinearDaeResult run_random_start(const LinearDaeSetting& setting);   // small weights
LinearDaeResult run_aligned_start(const LinearDaeSetting& setting);  // along the data's modes

Variants variants_of(const LinearDaeSetting& setting);

// The columns of the modes that are compared.
std::vector<Column> mode_columns(const Variant& variant, const LinearDaeConfig& config);

}  // namespace hourglass
