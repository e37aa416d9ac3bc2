#pragma once

#include "theory.hpp"
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/matching.hpp>

namespace hourglass {

namespace recover {
// At steps 0 .. steps, on the batch of that step before its update: distances of normalised
// columns, loss with the gates that are trained, mean bias of the units.
inline const Series mean_distance("mean distance"), max_distance("max distance"), loss("loss"),
    consistency("consistency"), missed("missed gates"), raised("raised gates"), bias("bias");
// Numbers that are no curve; contraction(1) is that of the first step.
inline const Series final_distance("final mean distance"), contraction("contraction of step"),
    first_consistency("consistency at the start"), last_consistency("consistency at the end"),
    recovered("atoms recovered");
}  // namespace recover

// One run.
struct Recovery {
  Trace measured;
  RecoveryPrediction predicted;
  Array64 dictionary, learned;  // n x m; learned: matched, signed, of norm 1
  double recovered;             // fraction of the atoms with cosine > 0.95
  std::size_t dead_units;
  std::vector<RotatedPair> rotated_pairs;  // reason to warn: zero loss without recovery
};

// That of config.seed alone. Throws InputError for settings that make no sense, Divergence if
// training fails.
Recovery recover_once(const RecoverConfig& config);

// Samples (a row each) of the same law, seen by no training step; the first m are those of a start
// from data. Throws InputError as above.
Array samples_of(const RecoverConfig& config, std::size_t count);

// A mean over seeds and its standard deviation; NaN for a single seed.
struct MeanAndDeviation {
  double mean, deviation;
};
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

// Runs that differ in their seed alone. The series of the comparison are means over them; beside
// them stand numbers, judged by the criterion of docs/theory/generative.md, section 8.1.
struct RecoverResult {
  RecoverConfig config;  // as used
  std::vector<Recovery> runs;
  Comparison comparison;
  std::vector<MeanAndDeviation> mean_distance;  // at each step
  MeanAndDeviation final_distance, recovered;
  // Whether the final distance is that of the theory, which begins near the dictionary: so do all
  // runs, or they came there with steps enough left.
  bool reaches_theory;
  double training_seconds;
  std::size_t steps;  // of all runs together
};

// config.seeds runs. Throws as recover_once does.
RecoverResult run_recover(const RecoverConfig& config);

}  // namespace hourglass
