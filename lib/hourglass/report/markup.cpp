#include <hourglass/report/markup.hpp>
#include <hourglass/report/number.hpp>

#include <cmath>

namespace hourglass {
namespace {

std::string with_minus(const std::string& number) {
  return number.starts_with('-') ? "\u2212" + number.substr(1) : number;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      case '\n':
        result += c;
        break;
      default:
        result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  return result;
}

std::string number_markup(double value, int digits) {
  if (std::isnan(value)) return "\u2013";
  if (std::isinf(value)) return value < 0 ? "\u2212\u221e" : "\u221e";
  const std::string text = rounded(value, digits);
  const Scientific parts = split_exponent(text);
  if (parts.exponent == 0) return with_minus(text);
  return with_minus(parts.mantissa) + "\u00d710<sup>" + with_minus(std::to_string(parts.exponent)) +
         "</sup>";
}

}  // namespace hourglass
