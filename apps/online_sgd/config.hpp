#pragma once

#include "../cli/options.hpp"
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/search.hpp>
#include <hourglass/measure/journal.hpp>
#include <hourglass/model/online_learner.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

// Online learning of shallow autoencoders against the equations of their order parameters:
// Refinetti & Goldt 2022; docs/theory/nonlinear.md.
namespace hourglass {

struct OnlineSgdConfig {
  DataRequest data = {.name = "spiked"};  // spiked, sinusoidal or random, otherwise images
  std::size_t hidden = 2;
  OnlineOptions learning = {};      // activation, biases, rule, rate
  bool tied = false;                // the plain rule for tied weights
  std::size_t batch = 1;            // rows a step
  std::optional<double> time = {};  // steps/D; none: 100/lr, of images five epochs
  double init = 0.1;                // deviation of the initial weights; sanger's: over sqrt(D)
  std::size_t seeds = 5;            // runs from the same weights, each on inputs of its own
  std::uint64_t seed = 1;
  std::size_t records = 80;    // times that are recorded, evenly in log(time)
  std::size_t features = 500;  // of spiked inputs
  // Of the spikes, in units of the noise; none: one a hidden unit, up to 20 of them: 3, 5, 9, ...
  std::optional<std::vector<double>> strengths = {};
  Centring centring = Centring::feature;  // of images
  bool surrogate = false;                 // Gaussian inputs with their second moments instead
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, OnlineSgdConfig& config);

// Whether inputs are those of the spiked model, not images.
bool is_spiked(const OnlineSgdConfig& config);

// The config with everything chosen but the time. Throws InputError for what makes no sense
// whatever the data.
OnlineSgdConfig settled(OnlineSgdConfig config);

}  // namespace hourglass
