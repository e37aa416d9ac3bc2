#pragma once

#include "../cli/options.hpp"
#include <hourglass/core/array.hpp>
#include <hourglass/measure/journal.hpp>
#include <hourglass/theory/denoising.hpp>

#include <cstdint>
#include <functional>
#include <vector>

// Nonlinear denoising autoencoders beside their theory (docs/theory/linear.md, section 10): the
// denoising loss of a tanh network against its expansion in small noise while it learns, and what
// networks learn on a mixture of Gaussians against the optimal denoiser.
namespace hourglass {

struct SmallNoiseConfig {
  // The tanh network of two numbers, trained with noise on points of a bent curve.
  std::size_t hidden = 6;
  std::size_t samples = 64;
  double init = 0.8;            // standard deviation of the initial weights
  double training_sigma = 0.2;  // of the noise it is trained with
  double rate = 0.01;           // of Adam, here and for the denoisers
  // The loss is measured at smallest_sigma 2^k, k < levels; rounding forbids less in single
  // precision, where residuals of smaller noise drown.
  double smallest_sigma = sizeof(Real) == sizeof(float) ? 0.05 : 0.0125;
  std::size_t levels = sizeof(Real) == sizeof(float) ? 4 : 6;
  std::size_t draws = 1000;  // antithetic pairs of drawn noise beside the quadrature

  // One denoiser of one number for each of these noises.
  std::vector<double> sigmas{0.25, 0.5, 1};
  std::size_t denoiser_hidden = 24;
  std::size_t batch = 512;
  theory::GaussianMixture mixture{{-2, 0.5, 2}, {0.05, 0.1, 0.4}, {0.4, 0.3, 0.3}};

  std::size_t steps = 15000;  // of each training
  std::uint64_t seed = 1;
  std::size_t records = 40;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, SmallNoiseConfig& config);

}  // namespace hourglass
