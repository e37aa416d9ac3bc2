#include "experiment.hpp"

#include <chrono>
#include <cmath>

namespace hourglass {

Column small_noise::denoiser(std::size_t j, std::size_t i) {
  return Series("denoiser " + std::to_string(j))(i);
}

SmallNoiseResult run_small_noise(const SmallNoiseConfig& config) {
  check_ranges(config);
  if (config.sigmas.empty()) throw refused("sigmas", "none", "at least one noise");
  SmallNoiseResult result{.config = config, .steps = config.steps * (1 + config.sigmas.size())};
  for (std::size_t k = 0; k < config.levels; ++k)
    result.sigmas.push_back(config.smallest_sigma * std::exp2(double(k)));
  Training training{config.steps, log_spaced(config.steps, config.records)};
  std::size_t done = 0;
  if (config.progress)
    training.progress = [&](std::size_t) { config.progress(++done, result.steps); };
  const auto start = std::chrono::steady_clock::now();
  compare_expansion(training, result);
  learn_denoisers(training, result);
  result.training_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace hourglass
