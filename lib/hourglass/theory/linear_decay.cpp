#include <hourglass/theory/linear_decay.hpp>
#include <hourglass/theory/linear_domain.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/numeric/odeint/stepper/bulirsch_stoer.hpp>

namespace hourglass::theory {
namespace {

namespace odeint = boost::numeric::odeint;

// The flow of P = ln|w2 + w1|; the other factor is |w2 - w1| = |c(t)|/p, c(t) = c0 e^(-2 alpha
// gamma t). Both keep their signs, so a saddle, a crossing and a decay all keep their relative
// accuracy.
struct SumFlow {
  using State = std::array<double, 1>;
  const ScalarMode& mode;
  double log_c0 = std::log(std::abs((mode.w2 - mode.w1) * (mode.w2 + mode.w1)));

  double log_imbalance(double t) const { return log_c0 - 2 * mode.alpha * mode.gamma * t; }
  double strength(const State& P, double t) const {
    const double p = std::exp(P[0]), d = std::exp(log_imbalance(t) - P[0]);
    return (p - d) * (p + d) / 4;
  }
  void operator()(const State& P, State& rate, double t) const {
    const double q = mode.lambda - (mode.lambda + mode.sigma2) * strength(P, t);
    rate[0] = mode.alpha * (q - mode.gamma);
  }
};

// lambda = 0: z' = -alpha xi |c(t)| z integrates, and u = |c| z/(1 - z^2) = |c|/(2 sinh(-ln z)).
double strength_without_drive(const ScalarMode& m, double t) {
  const double u = m.w1 * m.w2, v = std::abs(u), c = std::abs((m.w2 - m.w1) * (m.w2 + m.w1));
  if (u == 0) return 0;
  const double s = m.w1 * m.w1 + m.w2 * m.w2, decay = 2 * m.gamma;
  const double log_z0 = -std::log1p((c + c * c / (s + 2 * v)) / (2 * v));
  const double passed = -m.sigma2 * c * std::expm1(-m.alpha * decay * t) / decay;
  const double size = c * std::exp(-m.alpha * decay * t) / (2 * std::sinh(passed - log_z0));
  return u < 0 ? -size : size;
}

}  // namespace

double strength_with_decay(const ScalarMode& m, double t) {
  if (m.lambda == 0) return strength_without_drive(m, t);
  const SumFlow flow{m};
  // What a step may add to ln|p|. Not Fehlberg's pair: its error estimate vanishes where the rate
  // depends on time alone, as it nearly does while the weights are small.
  odeint::bulirsch_stoer<SumFlow::State> stepper(1e-14, 1e-15);
  SumFlow::State P{std::log(std::abs(m.w2 + m.w1))};
  const double size = m.w1 * m.w1 + m.w2 * m.w2;
  double time = 0, step = 0.01 / (m.alpha * ((m.lambda + m.sigma2) * size + m.lambda + m.gamma));
  for (long tries = 0; time < t; ++tries) {
    const double u = flow.strength(P, time);
    // c enters as c^2/(8 u^2): from here on the logistic of section 4 is exact to rounding
    if (u > 0 && std::exp(flow.log_imbalance(time)) < 1e-9 * u)
      return BalancedMode{m.lambda, m.sigma2, m.gamma, m.alpha, u}.strength(t - time);
    require(tries < 2'000'000, "gamma", m.gamma,
            "c decays too slowly against the curvature to be followed up to this t");
    step = std::min(step, t - time);
    stepper.try_step(flow, P, time, step);
  }
  return flow.strength(P, t);
}

}  // namespace hourglass::theory
