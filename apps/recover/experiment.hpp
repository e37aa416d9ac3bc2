#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/measure/matching.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// A two-layer autoencoder with shared weights learns the dictionary behind its data, beside the
// expected map, the floor and the code consistency that theory predicts (Nguyen, Wong & Hegde 2019;
// docs/theory/generative.md).
namespace hourglass {

struct RecoveryConfig {
  // mixture: one atom a sample, ReLU; sparse: Rademacher codes, hard threshold; nonnegative: codes
  // uniform on [1, 2], ReLU
  enum class Model { mixture, sparse, nonnegative } model = Model::mixture;
  // orthonormal, dct, identity-hadamard, gaussian or tight-frame
  std::string dictionary = "orthonormal";
  std::size_t n = 64, m = 32, k = 1;
  double sigma = 0.05;
  // near: unit columns at distance delta from the atoms; random: of any direction; data: samples
  enum class Start { near, random, data } start = Start::near;
  double delta = 0.5;
  // network: the gradient of the loss; expected: its closed form; surrogate: with the true gates;
  // straight_through: as if every gate were on
  enum class Gradient {
    network,
    expected,
    surrogate,
    straight_through
  } gradient = Gradient::network;
  double contraction = 0.5;  // c = zeta q_1 kappa_2, which fixes the step size zeta
  std::size_t batch = 4096, steps = 40;
  // ReLU: b = -max(bias_least, bias_start bias_ratio^step); the sparse model has no bias
  double bias_start = 0.5, bias_ratio = 1, bias_least = 0;
  // The bias is trained from -bias_start by steps of this times zeta; 0: it follows the schedule.
  double bias_rate = 0;
  double threshold = 0.5;  // of the sparse model
  bool normalise = true;   // columns, after every step
  std::uint64_t seed = 1;  // draws the dictionary, the start and the data
  std::function<void(std::size_t done, std::size_t total)> progress = {};

  // Of the schedule, or as training takes it while codes are consistent and columns have norm 1:
  // the gradient is then q_1 b at the atoms, for a mixture everywhere (section 8.3).
  double bias(std::size_t step) const;
};

// "P1" to "P7": the reference runs of section 7.3. Throws InputError naming them.
RecoveryConfig recovery_preset(const std::string& name);

// At steps 0 .. steps, on the batch of that step before its update; distances of normalised
// columns, loss with the gates that are trained.
struct RecoveryTrace {
  std::vector<double> mean_distance, max_distance, loss, consistency, missed, raised;
  std::vector<double> bias;  // mean over the units
};

struct RecoveryPrediction {
  // Mean distance of the expected map: from the same start if that is near, otherwise from the
  // atoms.
  std::vector<double> expected_distance;
  double sgd_floor;       // root mean square, of fresh batches alone; NaN without a formula
  double final_distance;  // both, added in squares
  // What a step multiplies the squared distance from the floor by beyond the expected map, because
  // the noise of a batch grows with that distance (5.9); 0 where no formula covers it.
  double noise_growth;
  double slowest_contraction;  // of a step, near the atoms; NaN where there is no closed form
  double first_consistency, last_consistency;  // estimates of section 6, for the measured columns
};

struct Recovery {
  RecoveryTrace measured;
  RecoveryPrediction predicted;
  Array64 dictionary, learned;  // n x m; learned: matched, signed, of norm 1
  double zeta;
  double recovered;  // fraction of the atoms with cosine > 0.95
  std::size_t dead_units;
  std::vector<RotatedPair> rotated_pairs;  // reason to warn: zero loss without recovery
};

// Samples (a row each) of the same law, seen by no training step; the first m are those of a start
// from data. Throws InputError as below.
Array samples_of(const RecoveryConfig& config, std::size_t count);

// Throws InputError for settings that make no sense, Divergence if training fails.
Recovery recover(const RecoveryConfig& config);

}  // namespace hourglass
