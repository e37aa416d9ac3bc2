#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/linear.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <doctest/doctest.h>

using namespace hourglass::theory;

namespace {

// All L weights as they stand: dw_l/dt = alpha [(lambda - xi u) u/w_l - gamma w_l].
double chain_strength(const DeepMode& m, double t) {
  namespace odeint = boost::numeric::odeint;
  using State = std::vector<double>;
  const double a = std::pow(m.u0, 1 / static_cast<double>(m.layers));
  const auto flow = [&](const State& w, State& rate, double) {
    double u = 1;
    for (const double x : w) u *= x;
    for (std::size_t l = 0; l < w.size(); ++l)
      rate[l] = m.alpha * ((m.lambda - (m.lambda + m.sigma2) * u) * u / w[l] - m.gamma * w[l]);
  };
  auto stepper = odeint::make_controlled<odeint::runge_kutta_fehlberg78<State>>(1e-15, 1e-14);
  State w(m.layers, a);
  double time = 0, step = 1e-3;
  while (time < t) {
    step = std::min(step, t - time);
    stepper.try_step(flow, w, time, step);
  }
  double u = 1;
  for (const double x : w) u *= x;
  return u;
}

// F(u) of the table of section 6; t = (F(u) - F(u0))/alpha.
double elementary(std::size_t L, double lambda, double xi, double u) {
  if (L == 2) return std::log(u / (lambda - xi * u)) / (2 * lambda);
  if (L == 3) {
    const double k = std::cbrt(xi / lambda), r = k * std::cbrt(u);
    return k / lambda *
           (-1 / r - std::log(std::abs(1 - r)) / 3 + std::log(1 + r + r * r) / 6 -
            std::atan((2 * r + 1) / std::sqrt(3.0)) / std::sqrt(3.0));
  }
  const double rho = std::sqrt(xi / lambda), root = std::sqrt(u);
  return (-1 / (lambda * root) + rho / lambda * std::atanh(rho * root)) / 2;
}

}  // namespace

TEST_CASE("deep chain: times equal the elementary forms for two, three and four layers") {
  for (const std::size_t L : {2, 3, 4}) {
    const DeepMode m{.layers = L, .lambda = 1.2, .sigma2 = 0.5, .alpha = 0.01, .u0 = 1e-4};
    for (const double u : {1e-3, 0.1, 0.5, 0.7}) {
      const double expected = (elementary(L, 1.2, 1.7, u) - elementary(L, 1.2, 1.7, 1e-4)) / 0.01;
      CHECK(m.time_to(u) == doctest::Approx(expected).epsilon(1e-10));
    }
  }
}

TEST_CASE("deep chain: strength follows all L weights, without and with decay") {
  for (const std::size_t L : {2, 3, 5, 10})
    for (const double gamma : {0.0, 0.02, 0.3})
      for (const double u0 : {0.01, 0.3, 1.5}) {
        const DeepMode m{L, 1, 0.5, gamma, 0.01, u0};
        for (const double t : {5.0, 80.0, 400.0}) {
          CAPTURE(L);
          CAPTURE(gamma);
          CAPTURE(u0);
          CAPTURE(t);
          CHECK(m.strength(t) == doctest::Approx(chain_strength(m, t)).epsilon(1e-9));
        }
      }
}

TEST_CASE("deep chain: two layers are the balanced mode") {
  for (const double gamma : {0.0, 0.2, 1.0, 1.4})
    for (const double t : {10.0, 300.0, 2000.0})
      CHECK(DeepMode{2, 1, 0.5, gamma, 0.01, 1e-3}.strength(t) ==
            doctest::Approx(BalancedMode{1, 0.5, gamma, 0.01, 1e-3}.strength(t)).epsilon(1e-10));
}

TEST_CASE("deep chain: strength inverts the time, from below and from above") {
  for (const double u0 : {1e-6, 0.1, 0.9, 3.0}) {
    const DeepMode m{.layers = 4, .lambda = 1, .sigma2 = 0.5, .alpha = 0.01, .u0 = u0};
    for (const double share : {0.1, 0.5, 0.9}) {
      const double u = u0 + share * (2.0 / 3 - u0);
      CHECK(m.strength(m.time_to(u)) == doctest::Approx(u).epsilon(1e-10));
    }
    CHECK(m.strength(1e12) == doctest::Approx(2.0 / 3).epsilon(1e-14));
  }
}

TEST_CASE("deep chain: from far above, the fall is the power law of the noise") {
  const DeepMode m{.layers = 3, .lambda = 1e-9, .sigma2 = 0.8, .alpha = 0.01, .u0 = 50};
  const DeepMode pure{.layers = 3, .lambda = 0, .sigma2 = 0.8, .alpha = 0.01, .u0 = 50};
  for (const double t : {1e-3, 1.0, 1e3})
    CHECK(m.strength(t) == doctest::Approx(pure.strength(t)).epsilon(1e-6));
  for (const double u : {49.0, 5.0, 0.01})
    CHECK(m.strength(m.time_to(u)) == doctest::Approx(u).epsilon(1e-12));
  const DeepMode high{.layers = 3, .lambda = 1, .sigma2 = 0.5, .alpha = 0.01, .u0 = 1e4};
  for (const double u : {100.0, 1.0, 0.67}) {
    const double expected = (elementary(3, 1, 1.5, u) - elementary(3, 1, 1.5, 1e4)) / 0.01;
    CHECK(high.time_to(u) == doctest::Approx(expected).epsilon(1e-11));
  }
}

TEST_CASE("deep chain: the plateau of four layers from 1e-6") {
  const DeepMode m{.layers = 4, .lambda = 1, .sigma2 = 0, .alpha = 0.01, .u0 = 1e-6};
  // u0^-(1-2/L)/(alpha lambda (L-2)) = 50000; the handbook observed 49967
  CHECK(std::abs(m.time_to(0.5) - 50000) < 100);
}

TEST_CASE("deep chain: great depth approaches the infinite one") {
  const double limit = infinite_depth_time(1, 0.5, 0.01, 0.01, 0.75);
  double gap = 0;
  for (const std::size_t L : {256u, 512u, 1024u}) {
    const DeepMode m{.layers = L,
                     .lambda = 1,
                     .sigma2 = 0.5,
                     .alpha = 0.01 / static_cast<double>(L),
                     .u0 = 0.01};
    const double relative = std::abs(m.time_to(0.5) / limit - 1);
    if (gap > 0) CHECK(gap / relative == doctest::Approx(2).epsilon(0.05));
    gap = relative;
  }
  CHECK(gap < 0.01);
}

TEST_CASE("deep chain: decay has a threshold, below which a mode dies") {
  const DecayThreshold roots = decay_threshold(3, 1, 0.5, 0.05);
  for (const double u : {roots.u_unstable, roots.u_stable})
    CHECK(std::cbrt(u) * (1 - 1.5 * u) == doctest::Approx(0.05).epsilon(1e-12));
  const auto end = [](double u0) { return DeepMode{3, 1, 0.5, 0.05, 0.01, u0}.strength(1e12); };
  CHECK(end(roots.u_unstable * 0.99) == 0);
  CHECK(end(roots.u_unstable * 1.01) == doctest::Approx(roots.u_stable).epsilon(1e-12));
  CHECK(DeepMode{3, 1, 0.5, 0.05, 0.01, roots.u_unstable * 0.99}.limit() == 0);
  CHECK(DeepMode{3, 1, 0.5, 0.05, 0.01, 0.1}.limit() == roots.u_stable);
  CHECK(std::isnan(decay_threshold(3, 1, 0.5, roots.gamma_max * 1.01).u_stable));
  const DecayThreshold edge = decay_threshold(3, 1, 0.5, roots.gamma_max);
  CHECK(edge.u_stable == doctest::Approx(edge.u_unstable).epsilon(1e-6));
  CHECK(DeepMode{3, 1, 0.5, roots.gamma_max * 1.01, 0.01, 0.5}.limit() == 0);
}

TEST_CASE("deep chain: two layers have no threshold, no decay has none either") {
  const DecayThreshold two = decay_threshold(2, 1, 0.5, 0.2);
  CHECK(two.gamma_max == doctest::Approx(1));
  CHECK(two.u_unstable == 0);
  CHECK(two.u_stable == doctest::Approx(0.8 / 1.5));
  CHECK(decay_threshold(5, 1, 0.5, 0).u_unstable == 0);
  CHECK(decay_threshold(5, 1, 0.5, 0).u_stable == doctest::Approx(2.0 / 3));
}

TEST_CASE("deep chain: without drive only the noise is left") {
  const DeepMode m{.layers = 3, .lambda = 0, .sigma2 = 0.8, .alpha = 0.01, .u0 = 0.5};
  CHECK(m.strength(200) == doctest::Approx(chain_strength(m, 200)).epsilon(1e-9));
  CHECK(m.limit() == 0);
  CHECK(DeepMode{3, 0, 0.8, 0.1, 0.01, 0.5}.strength(1e12) == 0);
  CHECK(DeepMode{3, 1, 0.8, 0, 0.01, 0}.strength(1e12) == 0);
  CHECK(deep_sharpness(2, 1.5, 0.7) == doctest::Approx(3));
  CHECK(deep_sharpness(5, 1.5, 0) == doctest::Approx(7.5));
}

TEST_CASE("deep chain: outside its domain") {
  CHECK_THROWS_WITH_AS((DeepMode{1, 1, 0, 0, 0.01, 0.1}.strength(1)),
                       "L = 1: a chain has at least two weight layers", std::domain_error);
  CHECK_THROWS_AS((DeepMode{3, 1, 0, 0, 0.01, -0.1}.strength(1)), std::domain_error);
  CHECK_THROWS_AS((DeepMode{3, 1, 0, 0.1, 0.01, 0.1}.time_to(0.5)), std::domain_error);
  CHECK_THROWS_AS((DeepMode{3, 1, 0, 0, 0.01, 0.1}.time_to(1.5)), std::domain_error);
  CHECK_THROWS_AS((DeepMode{3, 1, 0, 0, 0.01, 0.1}.strength(-1)), std::domain_error);
  CHECK_THROWS_AS(infinite_depth_time(1, 0, 0.01, 0, 0.5), std::domain_error);
  CHECK_THROWS_AS(decay_threshold(3, 0, 1, 0.1), std::domain_error);
}
