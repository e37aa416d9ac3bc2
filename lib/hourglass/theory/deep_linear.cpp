#include "root.hpp"
#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/linear_domain.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <boost/math/quadrature/gauss.hpp>
#include <boost/numeric/odeint/stepper/bulirsch_stoer.hpp>

namespace hourglass::theory {
namespace {

void require_layers(std::size_t layers) {
  require(layers >= 2, "L", layers, "a chain has at least two weight layers");
}

void require_valid(const DeepMode& m) {
  require_layers(m.layers);
  require_mode(m.lambda, m.sigma2, m.gamma);
  require_rate(m.alpha);
  require(m.u0 >= 0, "u0", m.u0, "layers of equal weights have a strength >= 0");
}

// The p of section 6: u' = alpha L u [u^p (lambda - xi u) - gamma].
double exponent(std::size_t layers) { return 1 - 2 / static_cast<double>(layers); }

// Without decay, in y = ln(u/|u* - u|): dt/dy = u^-p/(alpha L lambda), smooth up to the fixed
// point, which is reached to rounding at y = 40.
struct DepthTime {
  double end, p, rate, side, y0;  // side: +1 below the fixed point, -1 above
  static constexpr double last = 40;

  explicit DepthTime(const DeepMode& m)
      : end(m.limit()),
        p(exponent(m.layers)),
        rate(m.alpha * static_cast<double>(m.layers) * m.lambda),
        side(m.u0 < end ? 1 : -1),
        y0(position(m.u0)) {}

  double position(double u) const {
    return side > 0 ? std::log(u / (end - u)) : -std::log1p(-end / u);
  }
  double position_of_fraction(double f) const {
    return side > 0 ? std::log(f / (1 - f)) : std::log(f / (f - 1));
  }
  double strength(double y) const {
    return side > 0 ? end / (1 + std::exp(-y)) : end / -std::expm1(-y);
  }
  // Steps from y to a little later: over a panel that stays away from the poles of the integrand,
  // +-i pi below the fixed point and 0 above, twenty Gauss nodes are exact to rounding.
  double next_panel(double y) const {
    const double next = y + (side > 0 ? 2 : std::min(2.0, y));
    require(next > y, "ln(u0/|u0 - u*|)", y0, "the start is too far from the fixed point");
    return next;
  }
  double steps(double from, double to) const {
    spend(2000, "u0", strength(y0));
    const auto slowness = [&](double y) { return std::pow(strength(y), -p) / rate; };
    return boost::math::quadrature::gauss<double, 20>::integrate(slowness, from, to);
  }
  double until(double y) const {
    double t = 0, from = y0;
    for (; next_panel(from) < y; from = next_panel(from)) t += steps(from, next_panel(from));
    return t + steps(from, y);
  }
  double strength_at(double t) const {
    double from = y0, left = t;
    while (from < last) {
      const double to = next_panel(from), whole = steps(from, to);
      if (whole > left)
        return strength(root_between(from, to, [&](double y) { return steps(from, y) - left; }));
      left -= whole;
      from = to;
    }
    return end;
  }
};

// Without drive, u' = -alpha L xi u^(p+2).
double strength_without_drive(const DeepMode& m, double t) {
  const double q = exponent(m.layers) + 1, L = static_cast<double>(m.layers);
  return m.u0 * std::pow(1 + q * m.alpha * L * m.sigma2 * std::pow(m.u0, q) * t, -1 / q);
}

// With decay: integrates x = ln u until t, or until nothing moves any more.
double strength_with_decay(const DeepMode& m, double t) {
  using State = std::array<double, 1>;
  const double p = exponent(m.layers), scale = m.alpha * static_cast<double>(m.layers);
  const double xi = m.lambda + m.sigma2, epsilon = std::numeric_limits<double>::epsilon();
  const auto flow = [&](const State& x, State& rate, double) {
    rate[0] = scale * (std::exp(p * x[0]) * (m.lambda - xi * std::exp(x[0])) - m.gamma);
  };
  boost::numeric::odeint::bulirsch_stoer<State> stepper(1e-14, 1e-15);
  State x{std::log(m.u0)}, rate;
  double time = 0, step = 0.01 / (scale * (m.lambda + xi * m.u0 + m.gamma) * (1 + m.u0));
  for (long tries = 0; time < t; ++tries) {
    require(tries < 2'000'000, "t", t, "two million steps do not lead there");
    spend(5000, "t", t);
    flow(x, rate, time);
    // at a fixed point the rate is the rounding of its terms
    const double terms = std::exp(p * x[0]) * (m.lambda + xi * std::exp(x[0])) + m.gamma;
    if (std::abs(rate[0]) <= 4 * epsilon * scale * terms) break;
    step = std::min(step, t - time);
    stepper.try_step(flow, x, time, step);
  }
  return std::exp(x[0]);
}

}  // namespace

double DeepMode::limit() const {
  require_valid(*this);
  if (u0 == 0 || lambda == 0) return gamma == 0 && sigma2 == 0 ? u0 : 0;
  if (gamma == 0) return lambda / (lambda + sigma2);
  const DecayThreshold roots = decay_threshold(layers, lambda, sigma2, gamma);
  return u0 >= roots.u_unstable ? roots.u_stable : 0;
}

double DeepMode::strength(double t) const {
  require_valid(*this);
  require_time(t);
  if (u0 == 0 || t == 0) return u0;
  if (gamma > 0) return strength_with_decay(*this, t);
  if (lambda == 0) return strength_without_drive(*this, t);
  return u0 == limit() ? u0 : DepthTime(*this).strength_at(t);
}

double DeepMode::time_to(double u) const {
  require(gamma == 0, "gamma", gamma, "with weight decay a chain has no closed time law");
  require(lambda > 0, "lambda", lambda, "only a mode with drive > 0 has a nonzero fixed point");
  const double end = limit();
  const bool between = u > std::min(u0, end) && u < std::max(u0, end);
  require(u == u0 || (between && u0 > 0), "u", u,
          "the flow reaches only levels between its start u0 and its limit");
  if (u == u0) return 0;
  const DepthTime time(*this);
  return time.until(time.position(u));
}

double DeepMode::time_to_fraction(double f) const {
  time_to(u0);  // checks the mode
  const double u = f * limit();
  require(f > 0 && u0 > 0 && f != 1 && (u == u0 || (u > u0) == (f < 1)), "fraction", f,
          "the flow reaches only levels between its start u0 and its limit");
  if (u == u0) return 0;
  const DepthTime time(*this);
  return time.until(time.position_of_fraction(f));
}

double infinite_depth_time(double lambda, double sigma2, double alpha_layers, double u0, double f) {
  require_mode(lambda, sigma2, 0);
  require(lambda > 0, "lambda", lambda, "only a mode with drive > 0 has a nonzero fixed point");
  require(alpha_layers > 0, "alpha L", alpha_layers, "a learning rate is > 0");
  require(u0 > 0, "u0", u0, "at infinite depth a mode leaves only a start > 0");
  const double xi = lambda + sigma2, u = f * lambda / xi;
  require(f > 0 && f != 1 && (u == u0 || (u > u0) == (f < 1)), "fraction", f,
          "the flow reaches only levels between its start u0 and its limit");
  // near the start the logarithm of a number near 1
  const double excess = (u - u0) / (u0 * (1 - f));
  const double logarithm = std::abs(excess) < 0.5
                               ? std::log1p(excess)
                               : std::log(u / u0) + std::log((1 - xi / lambda * u0) / (1 - f));
  return (xi / (lambda * lambda) * logarithm + (u - u0) / (u * u0) / lambda) / alpha_layers;
}

DecayThreshold decay_threshold(std::size_t layers, double lambda, double sigma2, double gamma) {
  require_layers(layers);
  require_mode(lambda, sigma2, gamma);
  require(lambda > 0, "lambda", lambda, "only a mode with drive > 0 has a nonzero fixed point");
  const double p = exponent(layers), xi = lambda + sigma2, end = lambda / xi;
  const double top = p / (1 + p) * end;  // where u^p (lambda - xi u) is largest
  const double gamma_max = std::pow(top, p) * (lambda - xi * top);
  if (gamma > gamma_max) return {gamma_max, NAN, NAN};
  const auto drive = [&](double u) { return std::pow(u, p) * (lambda - xi * u) - gamma; };
  if (gamma == 0) return {gamma_max, 0, end};
  if (drive(top) <= 0) return {gamma_max, top, top};
  // u^p lambda >= gamma at either root; in ln u the lower one keeps its digits
  const auto log_drive = [&](double x) {
    return p * x + std::log(lambda - xi * std::exp(x)) - std::log(gamma);
  };
  const double lower =
      p == 0
          ? 0
          : std::exp(root_between(std::log(gamma / lambda) / p - 1e-9, std::log(top), log_drive));
  return {gamma_max, lower, root_between(top, end, drive)};
}

double deep_sharpness(std::size_t layers, double lambda, double sigma2) {
  require_layers(layers);
  require_mode(lambda, sigma2, 0);
  if (lambda == 0) return 0;
  const double L = static_cast<double>(layers), xi = lambda + sigma2;
  return L * xi * std::pow(lambda / xi, 2 - 2 / L);
}

}  // namespace hourglass::theory
