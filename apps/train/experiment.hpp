#pragma once

#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/model/autoencoder.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace hourglass {

// An autoencoder and how it is trained, in the words of a command line; texts are those of
// activation_named, noise_named, loss_named, penalty_named, optimiser_named, schedule_named and
// init::named.
struct AutoencoderConfig {
  std::vector<std::size_t> encoder = {};  // sizes from the input to the code: {784, 256, 64}
  std::vector<std::size_t> decoder = {};  // from the code to the output; empty: the mirror image
  std::string activation = "tanh";        // of hidden layers
  std::string code_activation = {};       // of the code; empty: `activation`
  std::string output_activation = "linear";
  bool tied = false, biases = true;
  std::string noise = "none", hidden_noise = "none", code_noise = "none";
  std::string loss = "half_squared_error";
  std::vector<std::string> penalties = {};
  std::string optimiser = "adam:1e-3", schedule = "constant";
  std::string initialiser = "glorot_normal";
  std::size_t epochs = 20, batch = 128;
  double validation = 0.1;  // share of the rows that is held out
  std::uint64_t seed = 1;

  std::filesystem::path checkpoint = {};  // where; empty: nowhere
  std::size_t checkpoint_every = 1;       // epochs; 0: only at the end or where it is stopped
  bool resume = false;                    // go on from the checkpoint if there is one

  std::function<bool()> stop = {};  // asked after every step
  // After every step: how many were taken here, of how many.
  std::function<void(std::uint64_t steps, std::uint64_t all)> progress = {};
};

// The decoder's sizes as used.
std::vector<std::size_t> decoder_sizes(const AutoencoderConfig& config);

struct AutoencoderRun {
  Autoencoder model;
  Dataset training = {}, validation = {};
  // The learning curve (measure/fit.hpp), and at its end the error of principal components
  // (measure/pca.hpp) with as many components as the narrowest layer has units, fitted to the
  // training rows. It is judged for linear networks without noise and penalties alone.
  Comparison comparison = {};
  bool finished = false;           // false: `stop` ended it
  std::uint64_t resumed_from = 0;  // step of the checkpoint that it began with
  std::uint64_t steps_per_epoch = 0, step = 0, steps_taken = 0;
  double step_seconds = 0;
};

// Trains on part of the data and measures on the rest; saves checkpoints as asked, and one at the
// end or where it is stopped. Throws InputError for settings out of range (naming the option) and
// for a checkpoint of another run, Divergence if the loss does.
AutoencoderRun run_autoencoder(const AutoencoderConfig& config, Dataset dataset);

}  // namespace hourglass
