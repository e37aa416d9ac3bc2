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
  std::string left_out = {};  // why there is no error of principal components; or empty
  std::uint64_t steps_per_epoch = 0, last_step = 0;
  std::uint64_t steps = 0;      // taken here
  double training_seconds = 0;  // spent in them
};

// Trains on part of the data and measures on the rest; the journal has a checkpoint of the end,
// from which a run of more epochs goes on. A comparison that fails or would take too long is left
// out. Throws InputError for settings out of range (naming the option) and for a checkpoint of
// another run, Divergence if the loss does, Stopped.
TrainResult run_train(const TrainConfig& config, Dataset dataset);

}  // namespace hourglass
