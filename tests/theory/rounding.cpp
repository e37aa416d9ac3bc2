// Closed forms where numbers are almost equal, against the same in extended precision.

#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/gaussian_pairs.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/landscape.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using Long = long double;

namespace {

void check_close(double found, Long expected, double relative) {
  CAPTURE(found);
  CAPTURE(static_cast<double>(expected));
  CHECK(std::abs(found - expected) <= relative * std::abs(expected));
}

// 10^-1, 10^-2, ..., 10^-last, each with both signs.
template <class F>
void for_small_numbers(int last, const F& check) {
  for (int k = 1; k <= last; ++k)
    for (const double sign : {1.0, -1.0}) {
      const double small = sign * std::pow(10.0, -k);
      CAPTURE(small);
      check(small);
    }
}

// The law of section 4, with 1 - f as it is.
Long logistic_time(const BalancedMode& m, double f) {
  const Long beta = Long(m.lambda) - m.gamma, xi = Long(m.lambda) + m.sigma2, end = beta / xi;
  return (std::log(f * end / m.u0) + std::log((beta - xi * m.u0) / (beta * (1 - Long(f))))) /
         (2 * m.alpha * beta);
}

Long scalar_time(const ScalarMode& m, double u) {
  const Long w1 = m.w1, w2 = m.w2, xi = Long(m.lambda) + m.sigma2, lambda = m.lambda;
  const Long c = std::abs(w2 * w2 - w1 * w1), g = std::hypot(xi * c, 2 * lambda), u0 = w1 * w2;
  const auto factor = [&](Long x) {
    return std::hypot(c, 2 * x) * g + xi * c * c + 4 * lambda * x;
  };
  return std::log((lambda - xi * u0) / (lambda - xi * u) * (factor(u) / factor(u0))) /
         (m.alpha * g);
}

}  // namespace

TEST_CASE("rounding: learning times near the fixed point, near the start, and gamma near lambda") {
  for_small_numbers(15, [](double small) {
    const double f = 1 - small;
    const BalancedMode m{1, 0.5, 0.2, 0.01, small > 0 ? 1e-6 : 2.0};
    check_close(m.time_to_fraction(f), logistic_time(m, f), 1e-14);
    const double start = small > 0 ? 1e-3 : 2.0;
    const DeepMode two{2, 1, 0.5, 0, 0.01, start};
    check_close(two.time_to_fraction(f), logistic_time({1, 0.5, 0, 0.01, start}, f), 1e-13);
    const Long end = 1 / Long(1.5);
    const Long rise = std::log(f * end / start * ((end - start) / (end * (1 - Long(f)))));
    check_close(infinite_depth_time(1, 0.5, 0.01, start, f),
                (Long(1.5) * rise + 1 / Long(start) - 1 / (f * end)) / Long(0.01), 1e-13);
  });
  for_small_numbers(12, [](double small) {
    if (small < 0) return;
    const BalancedMode slow{1, 0.5, 1 - small, 0.01, 1e-3 * small};
    check_close(slow.time_to_fraction(0.5), logistic_time(slow, 0.5), 1e-13);
    check_close(slow.half_time(), logistic_time(slow, 0.5), 1e-13);
  });
  for_small_numbers(7, [](double small) {
    const ScalarMode m{1, 0.5, 0, 0.01, 0.3, small > 0 ? 0.1 : 4.0};
    const double u = m.w1 * m.w2 * (1 + small);
    check_close(m.time_to(u), scalar_time(m, u), 1e-16 / std::abs(small) + 1e-13);
  });
}

TEST_CASE("rounding: strength for gamma on both sides of lambda") {
  for_small_numbers(15, [](double small) {
    const BalancedMode m{1, 0.5, 1 - small, 0.01, 1e-3};
    for (const double t : {1.0, 1e3, 1e6}) {
      const Long beta = 1 - Long(m.gamma), x = 2 * Long(m.alpha) * beta * t;
      const Long expected = m.u0 / (std::exp(-x) - Long(1.5) * m.u0 * std::expm1(-x) / beta);
      // e^x knows x = 2 alpha beta t, itself rounded, no better than absolutely
      if (expected > 1e-300)
        check_close(m.strength(t), expected, 1e-15 * (10 + std::abs(double(x))));
    }
  });
}

TEST_CASE("rounding: rates and minima where noise or decay is small or large") {
  for_small_numbers(15, [](double small) {
    const double sigma2 = std::abs(small), large = 1 / sigma2;
    check_close(optimal_rates(1, large).edge_wdae, 1 + Long(large), 1e-15);
    const Array64 C = diagonal({3, 2, 2, 1});
    Long noisy = 0, decayed = 0, pixels = 0;
    for (const Long lambda : {3.0L, 2.0L, 2.0L, 1.0L}) {
      noisy += lambda * sigma2 / (lambda + sigma2) / 2;
      decayed += sigma2 * (2 * lambda - sigma2) / lambda / 2;
      pixels += lambda * (sigma2 / (lambda + sigma2)) * (sigma2 / (lambda + sigma2)) / 4;
    }
    check_close(optimum(C, 4, sigma2, 0).loss, noisy, 1e-14);
    check_close(optimum(C, 4, sigma2, 0).pixel_error, pixels, 1e-14);
    check_close(optimum(C, 4, 0, sigma2).loss, decayed, 1e-14);
  });
}

TEST_CASE("rounding: averages of nearly parallel and antiparallel fields") {
  constexpr Long pi = std::numbers::pi_v<Long>;
  for_small_numbers(15, [](double small) {
    const double q = 0.7, c = (small < 0 ? -1 : 1) * 0.7 * (1 - std::abs(small));
    const Array64 Q{{q, c}, {c, q}};
    const Long root = std::sqrt((q - Long(c)) * (q + Long(c))), angle = std::atan2(root, Long(c));
    const PairAverages relu = pair_averages(Unit::relu, Q);
    check_close(relu.B(0, 1), root / (2 * pi * q), 1e-14);
    CHECK(std::abs(relu.C(0, 1) - (pi - angle) / (2 * pi)) < 4e-16);
    CHECK(std::abs(relu.S(0, 1) - (root + c * (pi - angle)) / (2 * pi)) < 4e-16);
    const double large = 1e8 * q, covariance = 1e8 * c;
    const Long d = 1 + 2 * Long(large) + (large - Long(covariance)) * (large + Long(covariance));
    const PairAverages erf =
        pair_averages(Unit::erf, Array64{{large, covariance}, {covariance, large}});
    check_close(erf.C(0, 1), 2 / (pi * std::sqrt(d)), 1e-14);
  });
}

TEST_CASE("rounding: floors of noise at small steps") {
  for_small_numbers(15, [](double small) {
    const double zeta = std::abs(small);
    // f^2 = zeta (V/B)/(2 rate) + O(zeta): each sum over steps is 1/(x (2 - x)), x = zeta rate
    const SparseRates rates = sparse_rates({4, 0, 1}, 64, 0.02);
    const Long q1 = 4 / 64.0L, q2 = q1 * 3 / 63, noise = Long(0.02) * 0.02;
    const auto memory = [&](Long rate) { return 1 / (zeta * rate * (2 - zeta * rate)); };
    const Long inside =
        63 * (q1 - q2) / 2 * (memory(rates.antisymmetric) + memory(rates.symmetric));
    check_close(sparse_sgd_floor(64, 64, {4, 0, 1}, 0.02, zeta, 100),
                zeta * std::sqrt(noise * (1 + noise) * inside / 100), 1e-13);
    const Long D = 1 + zeta * Long(0.75), forgotten = zeta / D, V = (1 + noise) * noise * 63 / 32;
    check_close(mixture_sgd_floor(64, 32, 0.02, zeta, -0.5, 100),
                zeta * 32 / D * std::sqrt(V / 100 / (forgotten * (2 - forgotten))), 1e-13);
  });
}
