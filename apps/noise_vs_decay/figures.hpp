#pragma once

#include "experiment.hpp"
#include <hourglass/report/figure.hpp>

namespace hourglass {

// The figures of a finished run, in the order of the page.
std::vector<Figure> noise_vs_decay_figures(const NoiseVsDecayResult& result);

}  // namespace hourglass
