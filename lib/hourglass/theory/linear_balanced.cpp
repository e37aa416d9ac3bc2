#include "root.hpp"
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_domain.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::theory {
namespace {

// u' = 2 alpha u (beta - xi u) from u0 >= 0, every sign of beta (docs/theory/linear.md, section 4).
struct Logistic {
  double beta, xi, alpha, u0;

  double limit() const { return beta > 0 ? beta / xi : 0; }

  // Only decaying exponentials; expm1 makes beta -> 0 continuous from both sides.
  double at(double t) const {
    if (u0 == 0) return 0;
    const double x = 2 * alpha * beta * t;
    if (beta > 0) return u0 / (std::exp(-x) - xi * u0 * std::expm1(-x) / beta);
    if (beta < 0) return u0 * std::exp(x) / (1 + xi * u0 * std::expm1(x) / beta);
    return u0 / (1 + 2 * alpha * xi * u0 * t);
  }

  bool reaches(double u) const {
    return u == u0 || (u0 > 0 && (u0 < limit() ? u > u0 && u < limit() : u < u0 && u > limit()));
  }

  double time_to(double u) const { return time_to(u, beta - xi * u); }

  // `left` is what is left of the drive there, beta - xi u.
  double time_to(double u, double left) const {
    if (u == u0) return 0;
    if (beta == 0) return (u0 - u) / (u * u0) / (2 * alpha * xi);
    // near u0, or for beta near 0, the logarithm of a number near 1
    const double excess = beta * (u - u0) / (u0 * left);
    const double log_ratio = std::abs(excess) < 0.5
                                 ? std::log1p(excess)
                                 : std::log(u / u0) + std::log((beta - xi * u0) / left);
    return log_ratio / (2 * alpha * beta);
  }
};

void require_valid(const BalancedMode& m) {
  require_mode(m.lambda, m.sigma2, m.gamma);
  require_rate(m.alpha);
  require_finite("u0", m.u0);
}

double sign(const BalancedMode& m) { return m.u0 < 0 ? -1 : 1; }

// The anti-balanced start w2 = -w1 is the logistic of -u with drive -(lambda + gamma).
Logistic logistic(const BalancedMode& m) {
  const double beta = m.u0 < 0 ? -(m.lambda + m.gamma) : m.lambda - m.gamma;
  return {beta, m.lambda + m.sigma2, m.alpha, std::abs(m.u0)};
}

// The corrected time of section 7 in d, the growth of ln(u/|u* - u|), in which it is almost linear:
// t = d (1/(2 alpha beta) - 1/2) + 3/4 ln(u/u0), u0/u = share + (1 - share) e^-d, share = u0/u*.
struct DescentTime {
  double u0, end, share, rate;

  explicit DescentTime(const Logistic& flow)
      : u0(flow.u0),
        end(flow.limit()),
        share(flow.u0 / flow.limit()),
        rate(2 * flow.alpha * flow.beta) {}

  double log_gain(double d) const {
    if (d < 0.5) return -std::log1p((1 - share) * std::expm1(-d));
    return -std::log(share + (1 - share) * std::exp(-d));
  }
  double strength(double d) const {
    if (d < 0.5) return u0 / (1 + (1 - share) * std::expm1(-d));
    return end / (1 + (end - u0) / u0 * std::exp(-d));
  }
  double operator()(double d) const { return d * (1 / rate - 0.5) + 0.75 * log_gain(d); }
  // Below u* the slope falls to its value at infinity, above u* it rises from its value at u0.
  double least_slope() const { return 1 / rate - 0.5 + 0.75 * std::min(0.0, 1 - share); }

  double strength_at(double t) const {
    const auto late = [&](double d) { return (*this)(d)-t; };
    // twice the safe bound: rounding cannot miss
    return strength(root_between(0.0, 2 * t / least_slope(), late));
  }
};

}  // namespace

double BalancedMode::fixed_point() const {
  require_valid(*this);
  return std::max(0.0, lambda - gamma) / (lambda > gamma ? lambda + sigma2 : 1);
}

double BalancedMode::growth_rate() const {
  require_valid(*this);
  return 2 * alpha * (lambda - gamma);
}

double BalancedMode::strength(double t) const {
  require_valid(*this);
  require_time(t);
  return sign(*this) * logistic(*this).at(t);
}

double BalancedMode::time_to(double u) const {
  require_valid(*this);
  const Logistic flow = logistic(*this);
  const double size = sign(*this) * u;
  require(flow.reaches(size), "u", u,
          "the flow reaches only levels between its start u0 and its limit");
  return flow.time_to(size);
}

double BalancedMode::time_to_fraction(double f) const {
  require_valid(*this);
  const Logistic flow = logistic(*this);
  require(u0 > 0 && flow.beta > 0, "u0", u0, "this mode dies");
  const double u = f * flow.limit();
  require(f != 1 && (u == flow.u0 || (u > flow.u0) == (f < 1)), "fraction", f,
          "the flow reaches only levels between its start u0 and its limit");
  return flow.time_to(u, flow.beta * (1 - f));
}

double BalancedMode::half_time() const {
  const double half = fixed_point() / 2;
  return u0 > 0 && u0 <= half ? time_to(half) : NAN;
}

bool BalancedMode::descent_is_corrected() const {
  require_valid(*this);
  const double beta = lambda - gamma, xi = lambda + sigma2;
  return beta > 0 && u0 > 0 && alpha * beta < 1 && 3 * alpha * xi * u0 < 2 + alpha * beta;
}

double BalancedMode::descent_time_to(double u) const {
  const double flow = time_to(u), beta = lambda - gamma, xi = lambda + sigma2;
  if (u == u0 || !descent_is_corrected()) return flow;
  return flow + 0.25 * std::log1p((u - u0) / u0) +
         0.5 * std::log1p(xi * (u0 - u) / (beta - xi * u0));
}

double BalancedMode::descent_half_time() const {
  const double half = fixed_point() / 2;
  return u0 > 0 && u0 <= half ? descent_time_to(half) : NAN;
}

double BalancedMode::descent_strength(double t) const {
  require_time(t);
  if (!descent_is_corrected()) return strength(t);
  return t == 0 || u0 == fixed_point() ? u0 : DescentTime(logistic(*this)).strength_at(t);
}

NoiseDecayEquivalence noise_decay_equivalence(double lambda, double sigma2) {
  require(lambda > 0, "lambda", lambda, "only a mode with drive > 0 has a nonzero fixed point");
  require(sigma2 >= 0, "sigma2", sigma2, "a noise variance is >= 0");
  const double gamma = lambda * sigma2 / (lambda + sigma2);
  const double dae = 1 / (2 * lambda + 3 * sigma2), wdae = 1 / (2 * lambda + gamma);
  return {gamma, dae, wdae, dae / wdae};
}

}  // namespace hourglass::theory
