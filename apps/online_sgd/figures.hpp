#pragma once

#include <hourglass/measure/online_sgd.hpp>
#include <hourglass/report/figure.hpp>

#include <vector>

namespace hourglass {

// The error, mode gains, order parameters, overlaps and weight norms over time, each on a
// logarithmic and on a linear axis.
std::vector<Figure> online_sgd_figures(const OnlineSgdResult& result, const OnlineInputs& inputs,
                                       const OnlineSgdConfig& config);

}  // namespace hourglass
