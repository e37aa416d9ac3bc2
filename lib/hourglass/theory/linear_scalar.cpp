#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_domain.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/numeric/odeint/stepper/bulirsch_stoer.hpp>

namespace hourglass::theory {
namespace {

void require_valid(const ScalarMode& m) {
  require_mode(m.lambda, m.sigma2, m.gamma);
  require_rate(m.alpha);
  require_finite("w1", m.w1);
  require_finite("w2", m.w2);
}

// Constants of the flow without decay (docs/theory/linear.md, section 3).
struct Start {
  double lambda, xi, alpha, u, s, c, g, h;

  explicit Start(const ScalarMode& m)
      : lambda(m.lambda),
        xi(m.lambda + m.sigma2),
        alpha(m.alpha),
        u(m.w1 * m.w2),
        s(m.w1 * m.w1 + m.w2 * m.w2),
        c(std::abs((m.w2 - m.w1) * (m.w2 + m.w1))),  // w2^2 - w1^2 would cancel
        g(std::hypot(xi * c, 2 * lambda)),
        h(xi * c * c + 4 * lambda * u) {}
};

// The boxed formula: a weighted mean of the start and the fixed point, all terms non-negative.
double strength_from_above(const Start& m, double S, double sech2) {
  const double B = m.s + S * m.h;
  return (sech2 * m.u + 2 * m.lambda * S * B) / (sech2 + 2 * m.xi * S * B);
}

// h < 0, only for u0 < 0: the same value, arranged so that nothing cancels.
double strength_from_below(const Start& m, double S, double sech2, double E) {
  const double v = -m.u, A = m.s + m.c, k = m.xi * m.c, r = 2 * E / (1 + E);
  const double delta = m.lambda + m.xi * v;
  const double one_minus_z = (k + k * k / (m.g + 2 * m.lambda)) / (m.g + k);
  const double J = m.c + m.c * m.c / (m.s + 2 * v) + 2 * v * one_minus_z;
  const double K = m.lambda * A + k * v;
  const double B = 4 * m.c * m.c * delta * delta / (m.g * (m.s * m.g - m.h)) - m.h * r / m.g;
  const double weight = sech2 + 2 * m.xi * S * B;
  if (weight <= 0) return 0;  // balanced and long dead
  const double rising = (m.lambda * J - K * r) / m.g;
  return rising * (((m.g + k) * J / A + (4 * m.lambda * v / A - k) * r) / m.g) / weight;
}

double strength_without_decay(const Start& m, double t) {
  if (m.s == 0) return 0;
  const double x = 0.5 * m.alpha * m.g * t, E = std::exp(-2 * x);
  const double sech2 = 4 * E / ((1 + E) * (1 + E));
  // tanh(x)/g, also for g -> 0
  const double S = x < 1e-8 ? 0.5 * m.alpha * t * (1 - x * x / 3) : std::tanh(x) / m.g;
  return m.h >= 0 ? strength_from_above(m, S, sech2) : strength_from_below(m, S, sech2, E);
}

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

// Section 5, for gamma > 0 and w1^2 != w2^2. Relative error about 1e-12 (absolute, of the size of
// the weights, where u crosses zero).
double strength_with_decay(const ScalarMode& m, double t) {
  if (m.lambda == 0) return strength_without_drive(m, t);
  const SumFlow flow{m};
  // What a step may add to ln|p|. Not Fehlberg's pair: its error estimate vanishes where the rate
  // depends on time alone, as it nearly does while the weights are small.
  boost::numeric::odeint::bulirsch_stoer<SumFlow::State> stepper(1e-14, 1e-15);
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
    spend(5000, "t", t);
    step = std::min(step, t - time);
    stepper.try_step(flow, P, time, step);
  }
  return flow.strength(P, t);
}

// Q(u) of the time law, without cancellation for either sign of h.
double time_factor(const Start& m, double u) {
  const double s = std::hypot(m.c, 2 * u), h = m.xi * m.c * m.c + 4 * m.lambda * u;
  if (h >= 0) return s * m.g + h;
  const double q = m.lambda - m.xi * u;
  return 4 * m.c * m.c * q * q / (s * m.g - h);
}

BalancedMode balanced(const ScalarMode& m) {
  return {m.lambda, m.sigma2, m.gamma, m.alpha, m.w1 * m.w2};
}

bool is_balanced(const ScalarMode& m) { return (m.w2 - m.w1) * (m.w2 + m.w1) == 0; }

// The weights behind u and c; the larger one never changes sign.
Weights split(double u, double c, const ScalarMode& start) {
  const double larger = std::sqrt((std::hypot(c, 2 * u) + std::abs(c)) / 2);
  if (larger == 0) return {0, 0};
  const double sign = (c >= 0 ? start.w2 : start.w1) < 0 ? -1 : 1;
  const double first = sign * larger, second = u / first;
  return c >= 0 ? Weights{second, first} : Weights{first, second};
}

}  // namespace

double ScalarMode::imbalance(double t) const {
  require_valid(*this);
  require_time(t);
  return (w2 - w1) * (w2 + w1) * std::exp(-2 * alpha * gamma * t);
}

double ScalarMode::strength(double t) const {
  require_valid(*this);
  require_time(t);
  if (is_balanced(*this)) return balanced(*this).strength(t);
  return gamma == 0 ? strength_without_decay(Start(*this), t) : strength_with_decay(*this, t);
}

Weights ScalarMode::weights(double t) const { return split(strength(t), imbalance(t), *this); }

double ScalarMode::time_to(double u) const {
  require_valid(*this);
  if (is_balanced(*this)) return balanced(*this).time_to(u);
  require(gamma == 0, "gamma", gamma, "unbalanced weights with decay have no closed time law");
  const Start m(*this);
  const double limit = m.lambda > 0 ? m.lambda / m.xi : 0;
  const bool between = u > std::min(m.u, limit) && u < std::max(m.u, limit);
  require(u == m.u || (between && m.g > 0), "u", u,
          "the flow reaches only levels between its start w1 w2 and its limit");
  if (u == m.u) return 0;
  const double left = m.lambda - m.xi * u, approach = m.xi * (u - m.u) / left;
  const double s = std::hypot(m.c, 2 * u), before = time_factor(m, m.u);
  const double gain = 4 * (u - m.u) * (m.g * (u + m.u) / (s + m.s) + m.lambda) / before;
  // near the start the logarithm of a number near 1
  const bool near = m.h >= 0 && std::abs(approach) < 0.1 && std::abs(gain) < 0.1;
  const double log_ratio =
      near ? std::log1p(approach) + std::log1p(gain)
           : std::log((m.lambda - m.xi * m.u) / left * (time_factor(m, u) / before));
  return log_ratio / (m.alpha * m.g);
}

// t_x = (2/(alpha g)) atanh(y), y = g|u0|/d; written as ln(1 + 2 g|u0|/(d - g|u0|)) with the
// difference multiplied out, so that it holds for c -> 0 where y -> 1.
double ScalarMode::crossing_time() const {
  require_valid(*this);
  require(gamma == 0, "gamma", gamma, "the crossing has a closed form only without decay");
  const Start m(*this);
  if (m.u >= 0 || m.c == 0 || lambda == 0) return NAN;
  const double v = -m.u, k = m.xi * m.c;
  const double gap = lambda * (m.c + m.c * m.c / (m.s + 2 * v)) +
                     v * k * (2 * lambda + 4 * lambda * lambda / (m.g + k)) / (m.g + 2 * lambda);
  return std::log1p(2 * m.g * v / gap) / (m.alpha * m.g);
}

}  // namespace hourglass::theory
