#include <hourglass/report/axis.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass {
namespace {

// Grows with the values; on a log axis those that are not positive have no place.
Axis nothing(bool log) {
  const double infinity = std::numeric_limits<double>::infinity();
  return {infinity, -infinity, log};
}

void include(Axis& axis, double value) {
  if (!std::isfinite(value) || (axis.log && value <= 0)) return;
  axis.low = std::min(axis.low, value), axis.high = std::max(axis.high, value);
}

void include(Axis& axis, const std::vector<double>& values) {
  for (const double value : values) include(axis, value);
}

// A range of no width, up to rounding, cannot be drawn.
Axis widened(const Axis& axis) {
  const auto [low, high, log] = axis;
  if (!(low <= high)) return log ? Axis{1, 10, log} : Axis{0, 1, log};
  if (high - low > 1e-12 * std::max(std::abs(low), std::abs(high))) return axis;
  if (log) return {low / 2, high * 2, log};
  const double room = low == 0 ? 1 : std::abs(low) / 2;
  return {low - room, high + room, log};
}

}  // namespace

double Axis::fraction(double value) const {
  if (!log) return (value - low) / (high - low);
  return value > 0 ? (std::log(value) - std::log(low)) / (std::log(high) - std::log(low)) : NAN;
}

double Axis::value_at(double fraction) const {
  if (!log) return low + fraction * (high - low);
  return std::exp(std::log(low) + fraction * (std::log(high) - std::log(low)));
}

Axis x_axis(const Figure& figure) {
  Axis axis = nothing(figure.log_x);
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) include(axis, curve.x);
  return widened(axis);
}

Axis y_axis(const Figure& figure) {
  Axis axis = nothing(figure.log_y);
  for (const Panel& panel : figure.panels) {
    for (const Level& level : panel.levels) include(axis, level.value);
    for (const Curve& curve : panel.curves)
      for (const auto* values : {&curve.measured, &curve.predicted, &curve.low, &curve.high})
        include(axis, *values);
  }
  if (axis.low <= axis.high)
    axis = {std::max(axis.value_at(-0.05), axis.log ? 1e-307 : -1e307),
            std::min(axis.value_at(1.05), 1e307), axis.log};
  if (!std::isnan(figure.y_min)) axis.low = figure.y_min;
  if (!std::isnan(figure.y_max)) axis.high = figure.y_max;
  return widened(axis);
}

std::vector<double> deviations(const Curve& curve, bool relative) {
  std::vector<double> result(curve.x.size(), NAN);
  if (curve.measured.empty() || curve.predicted.empty()) return result;
  for (std::size_t k = 0; k < result.size(); ++k)
    result[k] =
        (curve.measured[k] - curve.predicted[k]) / (relative ? std::abs(curve.predicted[k]) : 1);
  return result;
}

double largest_deviation(const Figure& figure) {
  double largest = NAN;
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves)
      for (const double d : deviations(curve, figure.relative_deviation))
        if (std::isfinite(d)) largest = std::fmax(largest, std::abs(d));
  return largest;
}

double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  const double mantissa = value / power * (1 + 1e-9);
  return (mantissa >= 5 ? 5 : mantissa >= 2 ? 2 : 1) * power;
}

}  // namespace hourglass
