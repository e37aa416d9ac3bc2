#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_domain.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::theory {
namespace {

// w2 + w1 and w2 - w1, which the map multiplies.
struct SumAndDifference {
  double p, d;
  double strength() const { return (p - d) * (p + d) / 4; }
  void step(double drive, double xi, double keep, double alpha) {
    const double q = alpha * (drive - xi * strength());
    p *= keep + q;
    d *= keep - q;
  }
  DescentPoint point() const { return {{(p - d) / 2, (p + d) / 2}, p * d}; }
};

}  // namespace

std::vector<DescentPoint> descend(const ScalarMode& m, const std::vector<std::size_t>& steps) {
  require_mode(m.lambda, m.sigma2, m.gamma);
  require_rate(m.alpha);
  SumAndDifference at{m.w2 + m.w1, m.w2 - m.w1};
  require_finite("w1", m.w1);
  require_finite("w2", m.w2);
  std::vector<DescentPoint> points;
  std::size_t done = 0;
  for (const std::size_t target : steps) {
    require(target >= done, "steps", target, "steps do not decrease");
    spend(10 * static_cast<double>(target - done), "steps", target);
    for (; done < target; ++done)
      at.step(m.lambda, m.lambda + m.sigma2, 1 - m.alpha * m.gamma, m.alpha);
    points.push_back(at.point());
  }
  return points;
}

double iterated_half_time(const BalancedMode& m) {
  const double end = m.fixed_point(), beta = m.lambda - m.gamma;
  if (!(m.u0 > 0 && m.u0 <= end / 2)) return NAN;
  require(m.alpha * beta < 1, "alpha", m.alpha, "alpha (lambda - gamma) must be < 1");
  const double expected = m.half_time();  // descent is later by a few steps
  require(expected <= 1e10, "alpha", m.alpha, "more than 1e10 steps lead to the half time");
  spend(10 * (expected + 100), "alpha", m.alpha);
  double a = std::sqrt(m.u0), before = m.u0, steps = 0;
  while (a * a < end / 2) {
    before = a * a;
    a *= 1 + m.alpha * (beta - (m.lambda + m.sigma2) * a * a);
    ++steps;
  }
  if (steps == 0) return 0;
  const auto logit = [&](double u) { return std::log(u / (end - u)); };
  return steps - logit(a * a) / (logit(a * a) - logit(before));
}

std::array<double, 2> hessian_eigenvalues(double lambda, double sigma2, double gamma, Weights at) {
  require_mode(lambda, sigma2, gamma);
  require_finite("w1", at.w1);
  require_finite("w2", at.w2);
  const double xi = lambda + sigma2, s = at.w1 * at.w1 + at.w2 * at.w2;
  const double c = (at.w2 - at.w1) * (at.w2 + at.w1);
  const double half_gap = std::hypot(xi * c / 2, 2 * xi * at.w1 * at.w2 - lambda);
  return {xi * s / 2 + gamma - half_gap, xi * s / 2 + gamma + half_gap};
}

double balanced_sharpness(double lambda, double sigma2, double gamma, double a) {
  require_mode(lambda, sigma2, gamma);
  require_finite("a", a);
  const double x = (lambda + sigma2) * a * a;
  return std::max(3 * x - lambda, lambda - x) + gamma;
}

OptimalRates optimal_rates(double lambda, double sigma2) {
  const NoiseDecayEquivalence e = noise_decay_equivalence(lambda, sigma2);
  // lambda - gamma = lambda^2/(lambda + sigma2), without the difference
  return {e.alpha_dae, e.alpha_wdae, e.ratio, 1 / lambda, (1 + sigma2 / lambda) / lambda};
}

}  // namespace hourglass::theory
