#pragma once

#include <hourglass/theory/linear.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>

#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>

// The two weights integrated as they stand, in extended precision: knows nothing of the solutions.
// The variables are their sum and difference, so that a small one beside a large one is not lost.
namespace weight_flow {

using State = std::array<long double, 2>;

inline void rates(const hourglass::theory::ScalarMode& m, const State& x, State& rate) {
  const long double xi = static_cast<long double>(m.lambda) + m.sigma2;
  const long double q = m.lambda - xi * (x[0] * x[0] - x[1] * x[1]) / 4;
  rate[0] = m.alpha * (q - m.gamma) * x[0];
  rate[1] = -m.alpha * (q + m.gamma) * x[1];
}

// (w1, w2) after t steps.
inline State integrate(const hourglass::theory::ScalarMode& m, double t) {
  namespace odeint = boost::numeric::odeint;
  using Stepper = odeint::runge_kutta_fehlberg78<State, long double>;
  // odeint copies a stepper's scratch arrays before it writes them; a static one starts as zeros.
  static const Stepper blank;
  auto stepper = odeint::make_controlled(1e-40L, 1e-17L, blank);
  const auto system = [&](const State& x, State& rate, long double) { rates(m, x, rate); };
  const long double w1 = m.w1, w2 = m.w2;
  State x{w2 + w1, w2 - w1};
  long double time = 0, step = 0.01L / (m.alpha * (m.lambda + m.sigma2 + m.gamma + 1) *
                                        (1 + w1 * w1 + w2 * w2));
  while (time < t) {
    step = std::min<long double>(step, t - time);
    stepper.try_step(system, x, time, step);
  }
  return {(x[0] - x[1]) / 2, (x[0] + x[1]) / 2};
}

// Reproducible everywhere, unlike the standard distributions.
struct Draw {
  std::mt19937_64 bits;
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53;
  }
  double log_uniform(double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  }
  double sign() { return bits() & 1 ? 1 : -1; }
};

}  // namespace weight_flow
