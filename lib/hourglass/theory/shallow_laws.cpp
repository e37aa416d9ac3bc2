#include "root.hpp"
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>
#include <numbers>
#include <numeric>

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

double escape_jitter(double t, std::size_t D) {
  require(t >= 0, "t", t, "a time is >= 0");
  require(D > 0, "D", D, "expected at least one feature");
  return std::sqrt(2 * t / static_cast<double>(D));
}

}  // namespace hourglass::theory
