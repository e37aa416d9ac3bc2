#pragma once

#include <string>

namespace hourglass {

// Text for HTML, between tags or inside a quoted attribute. Control characters become spaces.
std::string escaped(const std::string& text);

// rounded(value) with a true minus sign and raised exponents; a dash for NaN.
std::string number_markup(double value, int digits = 4);

}  // namespace hourglass
