#pragma once

#include "config.hpp"
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/training.hpp>

#include <vector>

namespace hourglass {

namespace small_noise {
// Of the k-th noise: the loss beyond that without noise, by quadrature against
// sigma^2 c2 + sigma^4 c4; with drawn noise, at both ends of training, against the theory's
// quadrature.
inline const Series added_loss("added loss"), drawn_loss("drawn loss");
// By extrapolation; and what a contractive penalty keeps of c2, predicted alone.
inline const Series c2("c2"), c4("c4"), jacobian("jacobian term");
// Of the j-th denoiser, against the least there is.
inline const Series denoising_loss("denoising loss");
// The output of the j-th denoiser at the i-th of the points, against the posterior mean.
Column denoiser(std::size_t j, std::size_t i);

inline constexpr const char *residual_ratio = "ratio of residuals", *final_loss = "final loss";
}  // namespace small_noise

struct SmallNoiseResult {
  SmallNoiseConfig config;
  Comparison comparison = {};
  std::vector<double> sigmas = {};  // of the expansion
  std::vector<double> points = {};
  std::vector<double> least_losses = {}, linear_losses = {};  // of any function, of the best line
  double training_seconds = 0;
  std::size_t steps = 0;
};

// Throws InputError for settings that make no sense, Divergence if training fails.
SmallNoiseResult run_small_noise(const SmallNoiseConfig& config);

// As one of the study's trainings, counted from 0; its part is called so.
Training counted(const Training& training, const SmallNoiseResult& result, std::size_t index,
                 const std::string& part);

// Its two halves. The tanh network at `result.sigmas` beside the expansion:
void compare_expansion(const Training& training, SmallNoiseResult& result);
// A tanh network for each of `result.config.sigmas`, which learns from fresh samples of the
// mixture, beside the optimal denoiser. Chooses the points.
void learn_denoisers(const Training& training, SmallNoiseResult& result);

}  // namespace hourglass
