#pragma once

#include <hourglass/core/array.hpp>

#include <string>

namespace hourglass::data {

// What a reader found: one row a sample, one column a value of the sample.
struct FileValues {
  Array x;
  std::string checksum;  // CRC-32 of the rows kept as the file holds them, 8 hexadecimal digits
};

}  // namespace hourglass::data
