#pragma once

#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/recovery.hpp>

#include <vector>

namespace hourglass {

// A mean over seeds and its standard deviation; NaN for a single seed.
struct MeanAndDeviation {
  double mean, deviation;
};
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

// Runs that differ in their seed alone. Series of the comparison: "mean distance" (the expected
// map and the noise of batches), "max distance", "loss", "consistency", "missed gates", "raised
// gates" and "bias", means over the seeds; beside them the final mean distance, the floor-removed
// contraction of the first four steps, consistency at the start and at the end, and the fraction of
// atoms recovered, judged by the criterion of docs/theory/generative.md, section 8.1.
struct SeededRecovery {
  std::vector<Recovery> runs;
  Comparison comparison;
  std::vector<MeanAndDeviation> mean_distance;  // at each step
  MeanAndDeviation final_distance, recovered;
};

// Seeds config.seed, config.seed + 1, ...; at least one. Throws as recover does.
SeededRecovery recover_seeds(const RecoveryConfig& config, std::size_t seeds);

}  // namespace hourglass
