#pragma once

#include "config.hpp"
#include <hourglass/measure/comparison.hpp>
#include <hourglass/theory/linear.hpp>

#include <string>
#include <vector>

namespace hourglass {

namespace noise_vs_decay {
inline const std::string plain = "plain", noise = "noise", decay = "decay";
// Of each of these: the weights from a random start, sharpness and w1^2 + w2^2 from one of
// sharpness_starts, and the sharpness of a network, predicted for its end alone.
inline const Series path_w1("path w1"), path_w2("path w2"), sharpness("sharpness"),
    weight_norm("weight norm"), network_sharpness("network sharpness");
// Strengths under noise or decay: each at its optimal rate, for a noise level of `scan`; and of the
// grid, for a noise level and an eigenvalue of `lambdas`, counted from 1.
inline const Series at_own_rate("at its rate");
Column grid_strength(const std::string& run, double sigma2, std::size_t eigenvalue);

inline constexpr const char *off_recursion = "off the recursion", *limit = "limit",
                            *slower_by = "slower by", *optimal_rate = "optimal rate",
                            *stable_rate = "largest stable rate";
}  // namespace noise_vs_decay

// Plain, with noise, and with the equivalent decay.
struct ScalarLoss {
  std::string name;
  double lambda, sigma2, gamma;
};
std::vector<ScalarLoss> scalar_losses(const NoiseVsDecayConfig& config);

// Where the runs start along which sharpness and weight norm are measured: small and balanced,
// beyond the minimum, and unbalanced.
std::vector<theory::Weights> sharpness_starts(const NoiseVsDecayConfig& config);

// The network whose sharpness is measured (section 7), one eigenvalue a unit; its weight decay.
inline const std::vector<double> network_spectrum{3, 2, 1, 0.5};
inline constexpr double network_decay = 0.6;

struct NoiseVsDecayResult {
  NoiseVsDecayConfig config;
  Comparison comparison = {};
  std::vector<double> network_sharpness = {};  // predicted, of plain, noise and decay
  double training_seconds = 0;
  std::size_t steps = 0;  // of all runs together
};

// Throws InputError for settings that make no sense, Divergence if training fails.
NoiseVsDecayResult run_noise_vs_decay(const NoiseVsDecayConfig& config);

}  // namespace hourglass
