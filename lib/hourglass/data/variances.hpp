#pragma once

#include <string>
#include <vector>

namespace hourglass::data {

// Throws ArgumentError, beginning with `who`, for an empty spectrum and for a variance that
// is negative or not finite.
void check_variances(const std::string& who, const std::vector<double>& spectrum);

}  // namespace hourglass::data
