#pragma once

#include <hourglass/measure/comparison.hpp>
#include <hourglass/theory/linear.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// Input noise against weight decay in the smallest linear autoencoder, x^ = w2 w1 x~ (Pretorius et
// al. 2018, figures 1 to 4; docs/theory/linear.md, sections 3 to 5 and 7). Noise sigma^2 and the
// decay gamma = lambda sigma^2/(lambda + sigma^2) lead to the same place.
namespace hourglass {

struct NoiseVsDecayConfig {
  std::vector<double> lambdas = {2, 1, 0.5};                 // eigenvalues of the grid, E x^2
  std::vector<double> variances = {0.25, 1, 4};              // noise levels of the grid
  double lambda = 1, sigma2 = 1;                             // of everything else
  std::vector<double> scan = {0.1, 0.25, 0.5, 1, 2, 4, 10};  // noise levels of the optimal rates
  double rate = 0.02;
  std::size_t steps = 5000;  // of every run
  double start = 0.05;       // w1 = w2 of the grid
  std::size_t paths = 12;    // random starts on the loss surface
  double box = 2;            // they lie within -box...box
  std::uint64_t seed = 1;
  std::size_t records = 150;  // about how many steps are compared, evenly in log(step)
  std::function<void(std::size_t done, std::size_t total)> progress = {};
};

// Plain, with noise, and with the equivalent decay: name "plain", "noise" or "decay".
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

// Series, with L one of plain, noise, decay and S a noise level:
//   "L path w1", "L path w2"       index: the start
//   "noise S strength", "decay S strength"      index: the eigenvalue in `lambdas`
//   "noise at its rate", "decay at its rate"    index: the noise level in `scan`
//   "L sharpness", "L weight norm"  index: the start in sharpness_starts; w1^2 + w2^2
//   "L network sharpness"           predicted for its end alone
struct NoiseVsDecayResult {
  Comparison comparison;
  std::vector<double> network_sharpness;  // predicted, of plain, noise and decay
  double training_seconds;
  std::size_t steps;  // of all runs together
};

// Throws InputError for settings that make no sense, Divergence if training fails.
NoiseVsDecayResult run_noise_vs_decay(const NoiseVsDecayConfig& config);

}  // namespace hourglass
