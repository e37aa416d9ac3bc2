#include "byte_reader.hpp"

#include "compressed_file.hpp"
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <zlib.h>

namespace hourglass::data {

void refuse(const std::filesystem::path& file, const std::string& what) {
  throw InputError(file.string() + ": " + what);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string shown(text.substr(0, most));
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return '"' + shown + (text.size() > most ? "...\"" : "\"");
}

std::string shown(double value) {
  std::array<char, 32> text;
  char* const end =
      std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 6).ptr;
  return std::string(text.data(), end);
}

std::string number_within_range() {
  constexpr bool single = sizeof(Real) == 4;
  return std::string("a number within ") + (single ? "single" : "double") + " precision (up to " +
         (single ? "3.4e+38" : "1.8e+308") + ")";
}

std::string checksum(const void* bytes, std::size_t count) {
  const uLong sum = crc32_z(crc32_z(0, nullptr, 0), static_cast<const Bytef*>(bytes), count);
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(sum));
  return text.data();
}

ByteReader::ByteReader(const std::filesystem::path& file, const std::string& kind)
    : file_(file), source_(std::make_unique<CompressedFile>(file, kind)) {}

ByteReader::~ByteReader() = default;

std::size_t ByteReader::read(unsigned char* to, std::size_t count) {
  return source_->read(to, count);
}

Bytes ByteReader::read_field(std::size_t count, const std::string& field) {
  Bytes bytes;
  std::array<unsigned char, 4096> piece;
  while (bytes.size() < count) {
    const std::size_t found = read(piece.data(), std::min(count - bytes.size(), piece.size()));
    if (found == 0)
      refuse(file_, field + ": the file ends after " + std::to_string(bytes.size()) + " of its " +
                        std::to_string(count) + " bytes");
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(found));
  }
  return bytes;
}

Bytes ByteReader::read_values(std::uint64_t expected, std::uint64_t keep) {
  Bytes kept, chunk(std::min<std::uint64_t>(expected, (1 << 20) - 1) + 1);
  std::uint64_t total = 0;
  while (const std::size_t found = read(chunk.data(), chunk.size())) {
    const std::uint64_t wanted = std::min<std::uint64_t>(found, keep - kept.size());
    kept.insert(kept.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(wanted));
    total += found;
    if (total > expected) break;
  }
  if (total > expected)
    refuse(file_, "values: found bytes after the " + std::to_string(expected) +
                      " that the header announces");
  if (total < expected)
    refuse(file_, "values: found " + std::to_string(total) + " bytes, expected " +
                      std::to_string(expected) + " by the header");
  return kept;
}

std::uint64_t check_dimensions(const std::filesystem::path& file,
                               const std::vector<std::uint64_t>& dimensions) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  std::uint64_t total = 1;
  for (std::size_t k = 0; k < dimensions.size(); ++k) {
    const std::uint64_t size = dimensions[k];
    const std::string field = "dimension " + std::to_string(k + 1);
    if (size == 0) refuse(file, field + ": found 0, expected at least 1");
    if (total > most / size)
      refuse(file, field + ": found " + std::to_string(size) +
                       ", which makes more than 2^40 values altogether");
    total *= size;
  }
  return total / dimensions.front();
}

std::uint64_t rows_to_keep(const std::filesystem::path& file, std::uint64_t there,
                           std::size_t samples) {
  if (samples > there)
    refuse(file,
           "samples: found " + std::to_string(there) + ", asked for " + std::to_string(samples));
  return samples > 0 ? samples : there;
}

FileValues scaled_bytes(const Bytes& bytes, std::uint64_t rows) {
  FileValues result{empty({rows, bytes.size() / rows}), checksum(bytes.data(), bytes.size())};
  std::transform(bytes.begin(), bytes.end(), result.x.data(),
                 [](unsigned char byte) { return static_cast<Real>(byte) / Real{255}; });
  return result;
}

}  // namespace hourglass::data
