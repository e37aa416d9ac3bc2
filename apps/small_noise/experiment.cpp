#include "experiment.hpp"

#include <chrono>
#include <cmath>

namespace hourglass {

Column small_noise::denoiser(std::size_t j, std::size_t i) {
  return Series("denoiser " + std::to_string(j))(i);
}

Training counted(const Training& training, const SmallNoiseResult& result, std::size_t index,
                 const std::string& part) {
  Training one = training;
  one.part = part;
  if (result.config.progress)
    one.progress = [&result, before = index * training.steps](std::size_t done) {
      result.config.progress(before + done, result.steps);
    };
  return one;
}

SmallNoiseResult run_small_noise(const SmallNoiseConfig& config) {
  check_ranges(config);
  if (config.sigmas.empty()) throw refused("sigmas", "none", "at least one noise");
  SmallNoiseResult result{.config = config, .steps = config.steps * (1 + config.sigmas.size())};
  for (std::size_t k = 0; k < config.levels; ++k)
    result.sigmas.push_back(config.smallest_sigma * std::exp2(double(k)));
  const Training training{.steps = config.steps,
                          .record = log_spaced(config.steps, config.records),
                          .journal = config.journal};
  const auto start = std::chrono::steady_clock::now();
  compare_expansion(training, result);
  learn_denoisers(training, result);
  result.training_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace hourglass
