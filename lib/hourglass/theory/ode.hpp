#pragma once

#include "ode_stiff.hpp"
#include <hourglass/theory/shallow_dynamics.hpp>

#include <functional>
#include <vector>

namespace hourglass::theory::ode {

// Follows x from time 0 and shows it at each of the times, which do not decrease. Throws
// DomainError if the steps become too small, and what the system throws.
void integrate(const System& system, State x, const std::vector<double>& times,
               const Accuracy& accuracy, const Observer& observe);

// First times at which the watched functions of the state pass `level` upwards, NaN for those that
// have not by `until`; 0 for those already above. Always explicit.
using Watched = std::function<double(const State& x, std::size_t index)>;
std::vector<double> crossings(const System& system, State x, const Watched& watched,
                              std::size_t count, double level, double until,
                              const Accuracy& accuracy);

}  // namespace hourglass::theory::ode
