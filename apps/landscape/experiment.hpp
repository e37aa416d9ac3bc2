#pragma once

#include "config.hpp"
#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/comparison.hpp>

#include <string>
#include <vector>

namespace hourglass {

namespace landscape {
// Each for every regularisation, predicted at the last step alone: loss("sum").
inline const Series singular_value("singular value"), transpose("transpose distance"),
    ordered_axis("ordered axis distance"), singular_axis("singular axis distance"),
    subspace("subspace distance"), loss("loss");
// Of axis i and unit i + 1, while the rotation orders them.
inline const Series overlap("ordering overlap");
inline constexpr const char* ordering_rate = "ordering rate";
}  // namespace landscape

struct LandscapeResult {
  LandscapeConfig config;
  Comparison comparison = {};
  std::vector<std::string> regularisations = {};  // none, product, sum, non-uniform and rotation
  double training_seconds = 0;
  std::size_t steps = 0;
};

// Throws InputError for settings that make no sense with these data, Divergence if training fails.
LandscapeResult run_landscape(const LandscapeConfig& config, const Dataset& dataset);

}  // namespace hourglass
