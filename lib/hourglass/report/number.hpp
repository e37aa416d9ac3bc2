#pragma once

#include <hourglass/config.hpp>

#include <string>

namespace HOURGLASS_API hourglass {

// The shortest text that reads back as the same double; whole numbers without an exponent
// ("100000"). Empty for NaN; "inf" and "-inf".
std::string round_trip(double value);

// For people: `digits` significant digits, "-" for NaN, "3.2e-7" and "4e+06" outside 1e-4...1e6.
std::string rounded(double value, int digits = 4);

// A piece of a sentence with two digits of a number in it; empty for NaN.
std::string clause(const std::string& before, double value, const std::string& after = "");

// Text with an exponent as HTML or gnuplot writers need it: 3.2e-07 splits into 3.2 and -7;
// the exponent is 0 where the text has none.
struct Scientific {
  std::string mantissa;
  int exponent = 0;
};
Scientific split_exponent(const std::string& number);

}  // namespace hourglass
