#include <hourglass/report/number.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace hourglass {

std::string round_trip(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 32> text;
  char* const end = text.data() + text.size();
  const bool whole = value == std::trunc(value) && std::abs(value) < 1e15;
  const auto result = whole ? std::to_chars(text.data(), end, value, std::chars_format::fixed)
                            : std::to_chars(text.data(), end, value);
  return std::string(text.data(), result.ptr);
}

std::string rounded(double value, int digits) {
  if (std::isnan(value)) return "-";
  std::array<char, 48> text;
  char* const end = text.data() + text.size();
  const double size = std::abs(value);
  // significant digits alone would turn a step count of 12345 into 1.234e+04
  const bool plain = size >= std::pow(10, digits) && size < 1e6;
  const auto result =
      plain ? std::to_chars(text.data(), end, value, std::chars_format::fixed, 0)
            : std::to_chars(text.data(), end, value, std::chars_format::general, digits);
  return std::string(text.data(), result.ptr);
}

std::string clause(const std::string& before, double value, const std::string& after) {
  return std::isnan(value) ? "" : before + rounded(value, 2) + after;
}

Scientific split_exponent(const std::string& number) {
  const std::size_t e = number.find('e');
  if (e == std::string::npos) return {number, 0};
  return {number.substr(0, e), std::atoi(number.c_str() + e + 1)};
}

}  // namespace hourglass
