#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/gaussian_pairs.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/quadrature/gauss.hpp>

namespace hourglass::theory {
namespace {

using std::numbers::pi;

double cumulative(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// The derivative with respect to -angle, times 2 pi; the exponent without cancellation.
double integrand(double h, double k, double angle) {
  const double along = (h - k) / std::sin(angle), half = std::cos(angle / 2);
  return std::exp(-(along * along + h * k / (half * half)) / 2);
}

// From the independent pair, angle pi/2, down to `angle`. The integrand changes over angles of the
// order of |h - k|: panels that halve resolve it, and below |h - k|/40 nothing is left.
double integral_from(double angle, double h, double k) {
  const double end = std::max(angle, std::abs(h - k) / 40);
  double sum = 0;
  for (double upper = pi / 2; upper > end; upper /= 2)
    sum += boost::math::quadrature::gauss<double, 15>::integrate(
        [&](double x) { return integrand(h, k, x); }, std::max(end, upper / 2), upper);
  return sum;
}

}  // namespace

double bivariate_normal(double h, double k, double angle) {
  require(angle >= 0 && angle <= pi, "angle", angle, "an angle is in [0, pi]");
  if (angle == 0) return cumulative(std::min(h, k));
  if (angle > pi / 2) return std::max(0.0, cumulative(h) - bivariate_normal(h, -k, pi - angle));
  return cumulative(h) * cumulative(k) + integral_from(angle, h, k) / (2 * pi);
}

}  // namespace hourglass::theory
