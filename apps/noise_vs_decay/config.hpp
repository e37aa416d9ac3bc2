#pragma once

#include "../cli/options.hpp"
#include <hourglass/measure/journal.hpp>

#include <cstdint>
#include <functional>
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
  std::function<void(std::size_t done, std::size_t total)> progress = {};  // in runs
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, NoiseVsDecayConfig& config);

}  // namespace hourglass
