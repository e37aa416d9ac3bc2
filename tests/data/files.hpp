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

inline std::string little_endian(std::uint64_t value, int count) {
  std::string text;
  for (int k = 0; k < count; ++k) text += static_cast<char>(value >> 8 * k & 255);
  return text;
}

// An NPY file whose header is `dictionary`.
inline std::string npy(const std::string& dictionary, const std::string& values, int version = 1) {
  return "\x93NUMPY" + bytes({version, 0}) +
         little_endian(dictionary.size(), version == 1 ? 2 : 4) + dictionary + values;
}

// A record of CIFAR-10 whose three planes are constant.
inline std::string cifar_record(int label, int red, int green, int blue) {
  return bytes({label}) + std::string(1024, static_cast<char>(red)) +
         std::string(1024, static_cast<char>(green)) + std::string(1024, static_cast<char>(blue));
}

// A safetensors file whose header is `json`.
inline std::string safetensors(const std::string& json, const std::string& values) {
  return little_endian(json.size(), 8) + json + values;
}

// Level 0 stores without compression.
inline std::string gzip(const std::string& content, int level = 9) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
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
