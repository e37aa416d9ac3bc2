#pragma once

#include <hourglass/measure/noise_vs_decay.hpp>
#include <hourglass/report/figure.hpp>

#include <vector>

namespace hourglass {

// The figures of a finished run, in the order of the page.
std::vector<Figure> noise_vs_decay_figures(const NoiseVsDecayConfig& config,
                                           const NoiseVsDecayResult& result);

}  // namespace hourglass
