#pragma once

#include "../cli/study.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// A two-layer autoencoder with shared weights learns the dictionary behind its data, beside the
// expected map, the floor and the code consistency that theory predicts (Nguyen, Wong & Hegde 2019;
// docs/theory/generative.md).
namespace hourglass {

struct RecoverConfig {
  // mixture: one atom a sample, ReLU; sparse: Rademacher codes, hard threshold; nonnegative: codes
  // uniform on [1, 2], ReLU
  enum class Model { mixture, sparse, nonnegative } model = Model::mixture;
  enum class Dictionary {
    orthonormal,
    dct,
    identity_hadamard,
    gaussian,
    tight_frame
  } dictionary = Dictionary::orthonormal;
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
  // ReLU: b = -bias_start; by a schedule -max(bias_least, bias_start bias_ratio^step); or trained
  // from there by steps of bias_rate zeta. None: what the numbers that there are ask for.
  enum class Bias { fixed, scheduled, trained };
  std::optional<Bias> bias = {};
  double bias_start = 0.5;
  std::optional<double> bias_ratio = {}, bias_least = {}, bias_rate = {};
  double threshold = 0.5;                    // of the sparse model
  bool normalise = true;                     // columns, after every step
  std::size_t seeds = 5;                     // runs, with seeds from `seed` on
  std::optional<std::string> exported = {};  // a folder for the samples and the dictionary of each
  std::size_t exported_samples = 8192;
  std::uint64_t seed = 1;  // draws the dictionary, the start and the data
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, RecoverConfig& config);

// "P1" to "P7": the reference runs of section 7.3.
std::vector<Preset<RecoverConfig>> recover_presets();

// With the kind of bias and its numbers chosen. Throws InputError naming the option, what was found
// and what was expected.
RecoverConfig settled(RecoverConfig config);

// Of the schedule, or as training takes it while codes are consistent and columns have norm 1: the
// gradient is then q_1 b at the atoms, for a mixture everywhere (section 8.3).
double bias_at(const RecoverConfig& config, std::size_t step);

}  // namespace hourglass
