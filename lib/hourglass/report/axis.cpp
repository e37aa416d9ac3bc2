#include <hourglass/report/axis.hpp>
#include <hourglass/report/number.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace hourglass {
namespace {

const std::string minus = "\u2212", times = "\u00d7";

std::string with_minus(const std::string& number) {
  return number.starts_with('-') ? minus + number.substr(1) : number;
}

std::string power_of_ten(int exponent) {
  if (exponent == -1) return "0.1";
  if (exponent == 0) return "1";
  if (exponent == 1) return "10";
  return "10^{" + with_minus(std::to_string(exponent)) + "}";
}

// 0.25, 3000, 2x10^{5}; with as many digits as tell tics apart that are `step` from each other.
std::string tic_label(double value, double step) {
  std::array<char, 32> text;
  const double size = std::abs(value);
  const bool plain = value == 0 || (size >= 1e-3 && size < 1e5);
  const int needed = 2 + static_cast<int>(std::floor(std::log10(std::max(size / step, 1.0))));
  const int digits = std::max(6, needed);
  if (plain)
    std::snprintf(text.data(), text.size(), "%.*g", digits, value);
  else
    std::snprintf(text.data(), text.size(), "%.*e", digits - 1, value);
  if (plain) return with_minus(text.data());
  const Scientific parts = split_exponent(text.data());
  const std::string mantissa = round_trip(std::atof(parts.mantissa.c_str()));  // 2, not 2.00000
  const std::string power = "10^{" + with_minus(std::to_string(parts.exponent)) + "}";
  if (mantissa == "1") return power;
  return mantissa == "-1" ? minus + power : with_minus(mantissa) + times + power;
}

// The largest of 1, 2, 5 times a power of ten that is not above `value`.
double round_down(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  const double mantissa = value / power * (1 + 1e-9);
  return (mantissa >= 5 ? 5 : mantissa >= 2 ? 2 : 1) * power;
}

void add_decade(Axis& axis, int exponent, int every) {
  const double decades = std::log10(axis.high / axis.low);
  for (int m = 1; m < 10; ++m) {
    const double value = m * std::pow(10, exponent);
    if (value < axis.low * (1 - 1e-9) || value > axis.high * (1 + 1e-9)) continue;
    std::string label;
    if (m == 1 && exponent % every == 0) label = power_of_ten(exponent);
    if (decades < 2 && (m == 2 || m == 5)) label = tic_label(value, value);
    if (m > 1 && every > 1) break;  // minor tics would run together
    axis.tics.push_back({value, label});
  }
}

}  // namespace

double Axis::fraction(double value) const {
  if (!log) return (value - low) / (high - low);
  return value > 0 ? (std::log(value) - std::log(low)) / (std::log(high) - std::log(low)) : NAN;
}

Axis linear_axis(double low, double high, int count) {
  Axis axis{low, high, false, {}};
  const double step = round_down((high - low) / count * 1.5);
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    axis.tics.push_back({k * step + 0.0, tic_label(k * step + 0.0, step)});  // turns -0 into 0
  return axis;
}

Axis log_axis(double low, double high) {
  Axis axis{low, high, true, {}};
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  const int every = 1 + (last - first) / 8;
  for (int exponent = first; exponent <= last; ++exponent) add_decade(axis, exponent, every);
  return axis;
}

Axis symmetric_axis(double m) {
  if (!(m > 0)) m = 1;
  const double tic = round_down(m);
  return {-1.2 * m,
          1.2 * m,
          false,
          {{-tic, tic_label(-tic, tic)}, {0, "0"}, {tic, tic_label(tic, tic)}}};
}

}  // namespace hourglass
