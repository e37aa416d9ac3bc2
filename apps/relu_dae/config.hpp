#pragma once

#include "../cli/study.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

// ReLU autoencoders x^ = W2 relu(W1 x~) on real, uncentred images beside the theory of linear ones:
// plain (AE), with weight decay (WDAE) and with drawn Gaussian input noise (DAE), from the same
// small random weights (Pretorius et al. 2018, figure 6; docs/theory/linear.md, section 11.2).
namespace hourglass {

struct ReluDaeConfig {
  DataRequest data = {.samples = 250};
  std::size_t hidden = 128;
  double sigma2 = 4;                 // noise variance of the DAE
  std::optional<double> gamma = {};  // weight decay of the WDAE; none: as published, 0.00225 D
  std::optional<double> rate = {};   // learning rate; none: rate_per_feature / D
  double rate_per_feature = 3.6;     // 1.8 as published
  std::size_t steps = 1000;          // of the full batch
  double init = 1e-3;                // standard deviation of the initial weights
  std::size_t modes = 4;             // the strongest are compared
  // How near the linear theory half times (relative) and noisy plateaus (above it) must be. A
  // property of the data: 0.15 and 0.1 hold for MNIST and CIFAR-10. NaN: reported, not judged.
  double half_time_tolerance = NAN, excess_tolerance = NAN;
  std::uint64_t seed = 1;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, ReluDaeConfig& config);

// The published protocols (section 11.2), and a small one for a first look.
std::vector<Preset<ReluDaeConfig>> relu_dae_presets();

}  // namespace hourglass
