#include "root.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/shallow_laws.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

#include <boost/math/special_functions/erf.hpp>
#include <boost/math/tools/minima.hpp>

namespace hourglass::theory {
namespace {

using std::numbers::pi;
const double c0 = std::sqrt(2 / pi);

void require_run(double lr, double t) {
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require(t > 0, "t", t, "a late time is > 0");
}

// asin x - x for 0 <= x <= 1, by its series where the difference would cancel.
double asin_beyond(double x) {
  if (x > 0.5) return std::asin(x) - x;
  double power = x, sum = 0;
  for (double n = 1; n < 30; ++n) {
    power *= x * x * (2 * n - 1) / (2 * n);
    sum += power / (2 * n + 1);
  }
  return sum;
}

// 1 - 2 c0 A + c0^2 s2/y^2 asin(s2/(1 + s2)), A = s2/(y sqrt(1 + s2)), as a square and what is
// left: both are small where y is.
double tied_loss(double y, double s2) {
  const double short_of_one = 1 - c0 * s2 / y / std::sqrt(1 + s2);
  return short_of_one * short_of_one + c0 * c0 * s2 / y / y * asin_beyond(s2 / (1 + s2));
}

// y^2 times its derivative by s2.
double tied_slope(double y, double s2) {
  const double root = std::sqrt(1 + 2 * s2), saturated = std::asin(s2 / (1 + s2));
  return 2 / pi * (saturated + s2 / ((1 + s2) * root)) -
         2 * c0 * y * (1 + s2 / 2) / ((1 + s2) * std::sqrt(1 + s2));
}

// Directions of the fields in the coordinates where the inputs are white: unit rows a_k. A ReLU is
// scale-free, so their lengths do not matter.
struct Search {
  const std::vector<double>& ell;
  Array64 a;

  // What the best decoder explains: 1/2 tr(X^T S^-1 X), X_k = <g_k x> = a_k sqrt(ell)/2. Parallel
  // units make S singular; what they span twice is left out.
  double explained() const {
    const std::size_t K = a.shape()[0], M = a.shape()[1];
    spend(static_cast<double>(10'000 + 200 * K * K + 30 * K * K * K + 2 * K * K * M * M), "K", K);
    Array64 S = empty64({K, K});
    for (std::size_t k = 0; k < K; ++k)
      for (std::size_t l = 0; l < K; ++l) {
        double c = 0, apart = 0;
        for (std::size_t i = 0; i < M; ++i) {
          c += a(k, i) * a(l, i);
          for (std::size_t j = 0; j < i; ++j)
            apart += std::pow(a(k, i) * a(l, j) - a(k, j) * a(l, i), 2);
        }
        const double sine = std::sqrt(apart), angle = std::atan2(sine, c);
        S(k, l) = (sine + c * (pi - angle)) / (2 * pi);
      }
    const Eigenpairs of = eigh(S);
    double sum = 0;
    for (std::size_t n = 0; n < K && of.values[n] > 1e-10; ++n)
      for (std::size_t i = 0; i < M; ++i) {
        double x = 0;
        for (std::size_t k = 0; k < K; ++k) x += of.vectors(k, n) * a(k, i);
        sum += ell[i] * x * x / (8 * of.values[n]);
      }
    return sum;
  }

  void rotate(std::size_t k, std::size_t i, std::size_t j, double angle) {
    const double x = a(k, i), y = a(k, j), c = std::cos(angle), s = std::sin(angle);
    a(k, i) = c * x - s * y;
    a(k, j) = s * x + c * y;
  }

  // The best angle of unit k in one plane, within `reach`.
  void improve(std::size_t k, std::size_t i, std::size_t j, double reach) {
    const double x = a(k, i), y = a(k, j);
    std::uintmax_t tries = 60;
    const auto loss = [&](double angle) {
      a(k, i) = x, a(k, j) = y;
      rotate(k, i, j, angle);
      return -explained();
    };
    const double before = loss(0);
    const auto [angle, found] =
        boost::math::tools::brent_find_minima(loss, -reach, reach, 26, tries);
    a(k, i) = x, a(k, j) = y;
    if (found < before) rotate(k, i, j, angle);
  }

  // Sweeps over all planes until one gains nothing: first anywhere, then nearby.
  double climb() {
    const std::size_t K = a.shape()[0], M = a.shape()[1];
    double best = explained();
    for (int sweep = 0; sweep < 400; ++sweep) {
      const double before = best;
      for (std::size_t k = 0; k < K; ++k)
        for (std::size_t i = 0; i < M; ++i)
          for (std::size_t j = 0; j < i; ++j) improve(k, i, j, sweep < 3 ? pi : 0.5);
      best = explained();
      if (sweep > 3 && best - before < 1e-12 * best) break;
    }
    return best;
  }
};

// Directions number `start` of a low-discrepancy sequence (Kronecker), uniform on the sphere.
Array64 directions(std::size_t start, std::size_t units, std::size_t modes) {
  Array64 a = empty64({units, modes});
  for (std::size_t k = 0; k < units; ++k) {
    double length = 0;
    for (std::size_t i = 0; i < modes; ++i) {
      const double prime_like = std::sqrt(static_cast<double>(2 + 3 * (k * modes + i)) + 0.1);
      const double x = prime_like * (static_cast<double>(start) + 0.5), part = x - std::floor(x);
      a(k, i) = boost::math::erf_inv(std::clamp(2 * part - 1, -0.999, 0.999));
      length += a(k, i) * a(k, i);
    }
    for (std::size_t i = 0; i < modes; ++i) a(k, i) /= std::sqrt(length);
  }
  return a;
}

}  // namespace

ErfLongTime erf_long_time(double ell, double lr, double t) {
  require(ell > 0, "ell", ell, "the eigenvalue of a learned mode is > 0");
  require_run(lr, t);
  const double scaled = std::cbrt(4 * lr * t / pi);
  return {ell * std::cbrt(pi * pi * lr * t / 2), 1 / scaled, ell / (12 * scaled * scaled)};
}

double erf_excess(const Array64& T0, const Array64& Q1) {
  require_shape("Q1", Q1, shape_of(T0));
  double sum = 0;
  for (std::size_t i = 0; i < T0.size(); ++i) sum += T0.data()[i] * std::pow(Q1.data()[i], 3);
  return sum / (6 * pi);
}

double frozen_bulk_excess(Unit unit, const Array64& T0, const Array64& Q1_bulk) {
  require_shape("Q1_bulk", Q1_bulk, shape_of(T0));
  require(unit != Unit::relu, "unit", 0, "a ReLU unit has no range in which it is linear");
  double sum = 0;
  for (std::size_t i = 0; i < T0.size(); ++i) sum += T0.data()[i] * Q1_bulk.data()[i];
  return (unit == Unit::erf ? 2 / pi : 1) * sum / 2;
}

double relu_bias_excess(double ell, double lr, double t, double beta) {
  require(ell > 0, "ell", ell, "the eigenvalue of a learned mode is > 0");
  require(beta > 0, "beta", beta, "the bias is on the linear side, > 0");
  require_run(lr, t);
  return ell / (lr * t * beta * beta);
}

// The slope is negative at 0 and positive beyond (c0 y)^2, where the unit is saturated.
TiedErf tied_erf(double y) {
  require(y > 0, "y", y, "ell sqrt(D) of a learned mode is > 0");
  double high = 4 * (1 + y * y);
  while (tied_slope(y, high) < 0) high *= 2;
  const double s2 = root_between(0.0, high, [&](double s) { return tied_slope(y, s); });
  return {tied_loss(y, s2), s2};
}

double tied_erf_pixel_error(const std::vector<double>& ell, std::size_t units) {
  require(units <= ell.size(), "units", units, "more than there are modes");
  double error = std::accumulate(ell.begin() + static_cast<std::ptrdiff_t>(units), ell.end(), 0.0);
  for (std::size_t k = 0; k < units; ++k)
    error += ell[k] * tied_erf(ell[k] * std::sqrt(static_cast<double>(ell.size()))).eta;
  return error / 2;
}

// The radial drift vanishes where w^2 = sqrt(pi D/2) sqrt(1 + 2 Q)/sqrt(1 + Q), Q = ell w^2.
double tied_detached_norm2(std::size_t D, double ell) {
  require(D > 0, "D", D, "expected at least one feature");
  require(ell > 0, "ell", ell, "the eigenvalue of a learned mode is > 0");
  const double limit = std::sqrt(pi * static_cast<double>(D));
  const auto drift = [&](double w2) {
    return w2 - limit * std::sqrt((0.5 + ell * w2) / (1 + ell * w2));
  };
  return root_between(0.0, limit, drift);
}

double relu_single_pixel_error(const std::vector<double>& ell) {
  require(!ell.empty(), "ell", 0, "expected at least one mode");
  return (std::accumulate(ell.begin(), ell.end(), 0.0) - ell[0] / 2) / 2;
}

double decoder_noise_trace(double lr, std::size_t K, std::size_t D, double rho, std::size_t n) {
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require(rho >= 0, "rho_bulk", rho, "an eigenvalue of a covariance is >= 0");
  require(D > 0, "D", D, "expected at least one feature");
  const double size = static_cast<double>(D);
  return lr * static_cast<double>(K) * rho * static_cast<double>(n) / (2 * size * size);
}

double sgd_excess(double lr, double trace_S, std::size_t D, double bulk_error) {
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require(D > 0, "D", D, "expected at least one feature");
  return lr * trace_S / (2 * static_cast<double>(D)) * bulk_error;
}

Escape escape(Unit unit, const Amplitudes& start) {
  require_shape("u", start.u, shape_of(start.w));
  require(start.modes() > 0, "modes", 0, "expected at least one mode");
  bool positive = false, negative = false;
  for (std::size_t k = 0; k < start.units(); ++k) {
    const double growing = start.w(k, 0) + start.u(k, 0);
    positive = positive || growing > 0;
    negative = negative || growing < 0;
  }
  return unit == Unit::relu && !(positive && negative) ? Escape{0.5, 5} : Escape{1, 2};
}

double escape_jitter(const Escape& mode, double t, std::size_t D) {
  require(t >= 0, "t", t, "a time is >= 0");
  require(D > 0, "D", D, "expected at least one feature");
  return std::sqrt(mode.variance * t / static_cast<double>(D));
}

double relu_optimum(const std::vector<double>& ell, std::size_t units) {
  require(units > 0 && !ell.empty(), "K", units, "expected units and modes");
  require(units * ell.size() <= 64, "K", units, "too many for a search");
  for (const double x : ell) require(x > 0, "ell", x, "the eigenvalue of a mode is > 0");
  double most = 0;
  for (std::size_t start = 0; start < 12; ++start)
    most = std::max(most, Search{ell, directions(start, units, ell.size())}.climb());
  return std::accumulate(ell.begin(), ell.end(), 0.0) / 2 - most;
}

}  // namespace hourglass::theory
