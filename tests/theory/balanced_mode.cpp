#include "weight_flow.hpp"
#include <hourglass/theory/linear.hpp>

#include <cmath>
#include <stdexcept>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <doctest/doctest.h>

using namespace hourglass::theory;

namespace {

const BalancedMode learned{.lambda = 1, .sigma2 = 0.5, .gamma = 0.2, .alpha = 0.01, .u0 = 1e-6};

BalancedMode with(auto change) {
  BalancedMode mode = learned;
  change(mode);
  return mode;
}

// Steps from u0 to u by quadrature of dt = du/(2 alpha u (beta - xi u)) in ln u.
double quadrature_time(const BalancedMode& m, double u) {
  const auto slowness = [&](double x) {
    return 1 / (2 * m.alpha * (m.lambda - m.gamma - (m.lambda + m.sigma2) * std::exp(x)));
  };
  return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(slowness, std::log(m.u0),
                                                                       std::log(u), 15, 1e-13);
}

}  // namespace

TEST_CASE("balanced mode: the logistic follows the weights in every regime") {
  weight_flow::Draw draw{std::mt19937_64(4)};
  for (int k = 0; k < 40; ++k) {
    const double lambda = draw.log_uniform(0.05, 3), a = draw.log_uniform(1e-3, 1.5);
    const double gamma = k % 4 == 0 ? lambda : draw.log_uniform(0.02, 3), side = draw.sign();
    const double sigma2 = draw.uniform(0, 3);
    for (const double t : {3.0, 40.0, 300.0, 1000.0}) {
      const auto w = weight_flow::integrate({lambda, sigma2, gamma, 0.01, a, side * a}, t);
      const double u = static_cast<double>(w[0] * w[1]);
      CAPTURE(t);
      CHECK(std::abs(BalancedMode{lambda, sigma2, gamma, 0.01, side * a * a}.strength(t) - u) <=
            1e-12 * std::abs(u));
    }
  }
}

TEST_CASE("balanced mode: gamma near lambda is continuous from both sides") {
  for (const double t : {1.0, 1e3, 1e6}) {
    const double critical = with([](auto& m) { m.gamma = 1, m.u0 = 0.5; }).strength(t);
    CHECK(critical == doctest::Approx(0.5 / (1 + 2 * 0.01 * 1.5 * 0.5 * t)).epsilon(1e-14));
    for (const double offset : {0x1p-50, -0x1p-50})
      CHECK(with([&](auto& m) { m.gamma = 1 + offset, m.u0 = 0.5; }).strength(t) ==
            doctest::Approx(critical).epsilon(1e-10));
  }
}

TEST_CASE("balanced mode: fixed points and times up to 1e12") {
  CHECK(learned.fixed_point() == doctest::Approx(0.8 / 1.5).epsilon(1e-15));
  CHECK(learned.strength(1e12) == doctest::Approx(0.8 / 1.5).epsilon(1e-15));
  CHECK(learned.growth_rate() == doctest::Approx(0.016).epsilon(1e-14));
  CHECK(with([](auto& m) { m.u0 = 2; }).strength(1e12) == doctest::Approx(0.8 / 1.5));
  const BalancedMode dead = with([](auto& m) { m.gamma = 1.2; });
  CHECK(dead.fixed_point() == 0);
  CHECK(dead.strength(1e12) == 0);
  CHECK(with([](auto& m) { m.u0 = 0; }).strength(1e12) == 0);
  CHECK(with([](auto& m) { m.u0 = -0.3; }).strength(1e12) == 0);
  const BalancedMode still{.lambda = 0, .sigma2 = 0, .alpha = 0.01, .u0 = -0.3};
  CHECK(still.strength(1e12) == -0.3);
  CHECK(still.fixed_point() == 0);
}

TEST_CASE("balanced mode: a start below zero decays at rate 2 alpha (lambda + gamma)") {
  const BalancedMode m = with([](auto& x) { x.u0 = -0.5; });
  CHECK(std::log(m.strength(900) / m.strength(901)) == doctest::Approx(2 * 0.01 * 1.2));
  CHECK(m.time_to(m.strength(123)) == doctest::Approx(123).epsilon(1e-12));
}

TEST_CASE("balanced mode: times agree with quadrature and with the handbook's rise") {
  for (const double u : {1e-5, 0.1, 0.5})
    CHECK(learned.time_to(u) == doctest::Approx(quadrature_time(learned, u)).epsilon(1e-11));
  const BalancedMode above = with([](auto& m) { m.u0 = 2; });
  CHECK(above.time_to(0.6) == doctest::Approx(quadrature_time(above, 0.6)).epsilon(1e-11));
  for (const double gamma : {1.0 - 1e-12, 1.0, 1.0 + 1e-12, 1.7}) {
    const BalancedMode dying = with([&](auto& m) { m.gamma = gamma, m.u0 = 0.5; });
    CHECK(dying.time_to(0.01) == doctest::Approx(quadrature_time(dying, 0.01)).epsilon(1e-10));
  }
  const double end = learned.fixed_point();
  CHECK(learned.time_to(0.9 * end) - learned.time_to(0.1 * end) ==
        doctest::Approx(std::log(81) / (2 * 0.01 * 0.8)).epsilon(1e-12));
  CHECK(learned.half_time() == doctest::Approx(std::log(end / 1e-6 - 1) / 0.016).epsilon(1e-12));
}

TEST_CASE("balanced mode: a half time exists only for a mode that rises through it") {
  CHECK(std::isnan(with([](auto& m) { m.gamma = 1; }).half_time()));
  CHECK(std::isnan(with([](auto& m) { m.gamma = 1.5; }).half_time()));
  CHECK(std::isnan(with([](auto& m) { m.u0 = 0; }).half_time()));
  CHECK(std::isnan(with([](auto& m) { m.u0 = -0.1; }).half_time()));
  CHECK(std::isnan(with([](auto& m) { m.u0 = 0.4; }).half_time()));
  CHECK(std::isnan(with([](auto& m) { m.u0 = 0.4; }).descent_half_time()));
  CHECK(learned.half_time() > 0);
}

TEST_CASE("noise and the equivalent decay give the same curve, each at its own rate") {
  const double lambda = 0.7, sigma2 = 1.9;
  const auto e = noise_decay_equivalence(lambda, sigma2);
  CHECK(e.ratio == doctest::Approx(lambda / (lambda + sigma2)).epsilon(1e-15));
  const BalancedMode dae{lambda, sigma2, 0, e.alpha_dae, 1e-4};
  const BalancedMode wdae{lambda, 0, e.gamma, e.alpha_wdae, 1e-4};
  CHECK(dae.fixed_point() == doctest::Approx(wdae.fixed_point()).epsilon(1e-15));
  for (const double t : {5.0, 20.0, 60.0})
    CHECK(dae.strength(t) == doctest::Approx(wdae.strength(t)).epsilon(1e-12));
  // at the same rate noise is faster by xi/lambda
  const BalancedMode slow{lambda, 0, e.gamma, e.alpha_dae, 1e-4};
  CHECK(slow.half_time() / dae.half_time() == doctest::Approx(1 + sigma2 / lambda).epsilon(1e-12));
  CHECK_THROWS_AS(noise_decay_equivalence(0, 1), std::domain_error);
  CHECK_THROWS_AS(noise_decay_equivalence(1, -1), std::domain_error);
}

TEST_CASE("descent: strength is the inverse of the corrected time, and monotone") {
  for (const double alpha : {0.001, 0.1, 0.6, 1.2})  // alpha beta < 1 up to 0.96
    for (const double u0 : {1e-300, 1e-6, 0.2, 0.53, 0.54, 0.7}) {
      const BalancedMode m = with([&](auto& x) { x.alpha = alpha, x.u0 = u0; });
      if (!m.descent_is_corrected()) continue;
      const double end = m.fixed_point(), direction = u0 < end ? 1 : -1;
      double before = u0;
      CHECK(m.descent_strength(0) == u0);
      for (const double t : {1.0, 5.0, 20.0, 100.0, 400.0, 2000.0}) {
        const double u = m.descent_strength(t);
        CAPTURE(alpha);
        CAPTURE(u0);
        CAPTURE(t);
        CHECK((u - before) * direction >= 0);
        CHECK((end - u) * direction >= 0);
        before = u;
        // nearer to the fixed point u has no digits left to tell the time
        if (std::abs(end - u) > 1e-6 * end)
          CHECK(m.descent_time_to(u) == doctest::Approx(t).epsilon(1e-8));
      }
      CHECK(m.descent_strength(1e12) == doctest::Approx(end).epsilon(1e-15));
    }
}

TEST_CASE("descent: a step too small to be seen in ln u still moves the strength") {
  const BalancedMode m{.lambda = 1e-3, .sigma2 = 0.1, .alpha = 1e-8, .u0 = 1e-240};
  const double rate = 2 * m.alpha * m.lambda;
  CHECK(m.descent_strength(1e-3) == doctest::Approx(1e-240).epsilon(1e-13));
  CHECK(m.descent_strength(1e6) / m.u0 - 1 == doctest::Approx(rate * 1e6).epsilon(1e-4));
}

TEST_CASE("descent: the corrected curve is first order better than the flow") {
  double last = 0;
  for (const double alpha : {0.1, 0.05, 0.025}) {
    const BalancedMode m = with([&](auto& x) { x.alpha = alpha; });
    double a = std::sqrt(m.u0), flow = 0, corrected = 0;
    for (int step = 1; step < 20 / alpha; ++step) {
      a *= 1 + alpha * (0.8 - 1.5 * a * a);
      flow = std::max(flow, std::abs(m.strength(step) - a * a));
      corrected = std::max(corrected, std::abs(m.descent_strength(step) - a * a));
    }
    CHECK(flow > 30 * corrected);
    if (last > 0) CHECK(last / corrected == doctest::Approx(4).epsilon(0.1));  // O(alpha^2)
    last = corrected;
  }
}

TEST_CASE("descent: above the fixed point the correction holds as well") {
  const BalancedMode m = with([](auto& x) { x.alpha = 0.02, x.u0 = 2; });
  double a = std::sqrt(2.0), flow = 0, corrected = 0;
  for (int step = 1; step < 400; ++step) {
    a *= 1 + 0.02 * (0.8 - 1.5 * a * a);
    flow = std::max(flow, std::abs(m.strength(step) - a * a));
    corrected = std::max(corrected, std::abs(m.descent_strength(step) - a * a));
  }
  CHECK(flow > 10 * corrected);
}

TEST_CASE("descent: where the correction does not hold it is the flow") {
  const auto is_flow = [](const BalancedMode& m, double u) {
    CHECK_FALSE(m.descent_is_corrected());
    for (const double t : {1.0, 30.0, 1e5}) CHECK(m.descent_strength(t) == m.strength(t));
    CHECK(m.descent_time_to(u) == m.time_to(u));
  };
  is_flow(with([](auto& m) { m.gamma = 1.5; }), 1e-7);
  is_flow(with([](auto& m) { m.gamma = 1; }), 1e-7);
  is_flow(with([](auto& m) { m.u0 = -0.2; }), -0.1);
  is_flow(with([](auto& m) { m.alpha = 1.25; }), 0.3);
  is_flow(with([](auto& m) { m.alpha = 0.5, m.u0 = 2; }), 1);
  CHECK(learned.descent_is_corrected());
}

TEST_CASE("descent: the iterated half time is met within the handbook's hundredths of a step") {
  const double alphas[] = {0.02, 0.05, 0.1}, expected[] = {-0.005, -0.013, -0.025};
  for (int k = 0; k < 3; ++k) {
    const BalancedMode m = with([&](auto& x) { x.alpha = alphas[k]; });
    CHECK(std::abs(iterated_half_time(m) - m.descent_half_time() - expected[k]) < 0.001);
    CHECK(iterated_half_time(m) - m.half_time() == doctest::Approx(2.76).epsilon(0.01));
  }
  CHECK(std::isnan(iterated_half_time(with([](auto& m) { m.gamma = 2; }))));
  CHECK_THROWS_AS(iterated_half_time(with([](auto& m) { m.alpha = 1.25; })), std::domain_error);
}

TEST_CASE("balanced mode: levels outside the path and bad arguments are refused") {
  CHECK_THROWS_WITH_AS(learned.time_to(0.6),
                       "u = 0.6: the flow reaches only levels between its start u0 and its limit",
                       std::domain_error);
  CHECK_THROWS_AS(learned.time_to(1e-7), std::domain_error);
  CHECK_THROWS_AS(learned.time_to(learned.fixed_point()), std::domain_error);
  CHECK_THROWS_AS(learned.time_to(NAN), std::domain_error);
  CHECK_THROWS_AS(learned.descent_strength(-1), std::domain_error);
  CHECK_THROWS_AS(learned.descent_time_to(0.6), std::domain_error);
  CHECK_THROWS_AS(with([](auto& m) { m.u0 = 0; }).time_to(0.1), std::domain_error);
  CHECK_THROWS_AS(with([](auto& m) { m.u0 = INFINITY; }).strength(1), std::domain_error);
  CHECK_THROWS_AS(with([](auto& m) { m.gamma = -1; }).fixed_point(), std::domain_error);
  CHECK_THROWS_AS(with([](auto& m) { m.alpha = -1; }).half_time(), std::domain_error);
  CHECK(learned.time_to(learned.u0) == 0);
}
