#pragma once

#include "../cli/options.hpp"
#include <hourglass/data/search.hpp>
#include <hourglass/measure/journal.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

// Trains any dense autoencoder: learning curves beside the error of principal components,
// reconstructions, features, weights; stops and resumes without a trace.
namespace hourglass {

struct TrainResult;

// An autoencoder and how it is trained; texts are those of activation_named, noise_named,
// loss_named, penalty_named, optimiser_named, schedule_named and init::named.
struct TrainConfig {
  DataRequest data = {};
  std::vector<std::size_t> encoder = {784, 256, 64};     // sizes from the input to the code
  std::optional<std::vector<std::size_t>> decoder = {};  // on to the output; none: mirrored
  std::string activation = "tanh";                       // of hidden layers
  std::optional<std::string> code_activation = {};       // none: `activation`
  std::string output_activation = "linear";
  bool tied = false, biases = true;
  std::string noise = "none", hidden_noise = "none", code_noise = "none";
  std::string initialiser = "glorot_normal";
  std::string loss = "half_squared_error";
  std::vector<std::string> penalties = {};
  std::string optimiser = "adam:1e-3", schedule = "constant";
  std::size_t epochs = 20, batch = 128;
  double validation = 0.1;  // share of the rows that is held out
  std::uint64_t seed = 1;

  Journal* journal = nullptr;                            // keeps where training stands
  std::function<void(const TrainResult&)> trained = {};  // told before anything is compared
  // After every step: how many were taken here, of how many.
  std::function<void(std::size_t steps, std::size_t all)> progress = {};
};

void add_options(Options& options, TrainConfig& config);

// Whether the decoder has the encoder's sizes, mirrored. For a settled config.
bool is_mirrored(const TrainConfig& config);

// Before there are data: throws InputError naming an option whose text is no such choice.
void require_names(const TrainConfig& config);

// With the decoder and the code's activation chosen, and no larger batches than there are rows.
// Throws InputError naming the option, what was found and what was expected.
TrainConfig settled(TrainConfig config, const Dataset& dataset);

}  // namespace hourglass
