#include <hourglass/measure/half_time.hpp>

#include <cmath>

namespace hourglass {
namespace {

// ln(u/(limit - u)), kept finite for values that noise or overshoot puts outside (0, limit)
double logit(double u, double limit) {
  const double fraction = std::fmin(std::fmax(u / limit, 1e-12), 1 - 1e-12);
  return std::log(fraction / (1 - fraction));
}

}  // namespace

double half_time(const std::vector<double>& steps, const std::vector<double>& strengths,
                 double limit) {
  if (!(limit > 0)) return NAN;
  for (std::size_t k = 1; k < steps.size(); ++k) {
    if (!(strengths[k - 1] < limit / 2 && strengths[k] >= limit / 2)) continue;
    const double before = logit(strengths[k - 1], limit), after = logit(strengths[k], limit);
    return steps[k - 1] + (steps[k] - steps[k - 1]) * (-before) / (after - before);
  }
  return NAN;
}

}  // namespace hourglass
