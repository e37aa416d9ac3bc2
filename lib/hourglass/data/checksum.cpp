#include "checksum.hpp"

#include <array>
#include <cstdio>

#include <zlib.h>

namespace hourglass {

std::string data::checksum(const void* bytes, std::size_t count) {
  const uLong sum = crc32_z(crc32_z(0, nullptr, 0), static_cast<const Bytef*>(bytes), count);
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(sum));
  return text.data();
}

}  // namespace hourglass
