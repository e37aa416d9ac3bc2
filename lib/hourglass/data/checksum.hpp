#pragma once

#include <cstddef>
#include <string>

namespace hourglass::data {

// CRC-32 of the bytes, 8 hexadecimal digits.
std::string checksum(const void* bytes, std::size_t count);

}  // namespace hourglass::data
