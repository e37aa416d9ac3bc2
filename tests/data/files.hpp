#pragma once

#include "../temporary_folder.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <zlib.h>

namespace hourglass::testing {

inline std::string bytes(std::initializer_list<int> values) {
  return std::string(values.begin(), values.end());
}

inline std::string idx_header(int type, const std::vector<std::uint32_t>& dimensions) {
  std::string text = bytes({0, 0, type, static_cast<int>(dimensions.size())});
  for (const std::uint32_t size : dimensions)
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(size >> shift & 255);
  return text;
}

inline std::string gzip(const std::string& content) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// Writes a file of a temporary folder, compressed or as it is.
inline std::filesystem::path write(const TemporaryFolder& folder, const std::string& name,
                                   const std::string& content, bool compressed = false) {
  return folder.write(name, compressed ? gzip(content) : content);
}

}  // namespace hourglass::testing
