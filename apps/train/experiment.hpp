#pragma once

#include "config.hpp"
#include <hourglass/measure/comparison.hpp>
#include <hourglass/model/autoencoder.hpp>

namespace hourglass {

struct TrainResult {
  TrainConfig config;  // as used
  Autoencoder model;
  Dataset training = {}, validation = {};
  // The learning curve (measure/fit.hpp), and at its end the error of principal components
  // (measure/pca.hpp) with as many components as the narrowest layer has units, fitted to the
  // training rows. It is judged for linear networks without noise and penalties alone.
  Comparison comparison = {};
  bool finished = false;           // false: `stop` ended it
  std::uint64_t resumed_from = 0;  // step of the checkpoint that it began with
  std::uint64_t steps_per_epoch = 0, last_step = 0;
  std::uint64_t steps = 0;      // taken here
  double training_seconds = 0;  // spent in them
};

// Trains on part of the data and measures on the rest; saves checkpoints as asked, and one at the
// end or where it is stopped. Throws InputError for settings out of range (naming the option) and
// for a checkpoint of another run, Divergence if the loss does.
TrainResult run_train(const TrainConfig& config, Dataset dataset);

}  // namespace hourglass
