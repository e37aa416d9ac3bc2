#pragma once

#include <hourglass/measure/small_noise.hpp>
#include <hourglass/measure/training.hpp>

namespace hourglass {

// The second half of `run_small_noise`: a tanh network for each of config.sigmas learns to denoise
// fresh samples of config.mixture (docs/theory/linear.md, section 10). Sets the points of `result`
// and appends the denoisers' columns, agreements, least and linear losses. Throws Divergence.
void learn_denoisers(const SmallNoiseConfig& config, const Training& training,
                     SmallNoiseResult& result);

}  // namespace hourglass
