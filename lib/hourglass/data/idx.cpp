#include "byte_reader.hpp"
#include "checksum.hpp"
#include "refuse.hpp"
#include <hourglass/data/idx.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace hourglass::data {
namespace {

using Word = std::array<unsigned char, 4>;

std::string hex(unsigned value) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%02x", value);
  return text.data();
}

void check_magic(const std::filesystem::path& file, const Word& magic) {
  if (magic[0] != 0 || magic[1] != 0)
    refuse(file, "magic number: found bytes " + hex(magic[0]) + " " + hex(magic[1]) +
                     ", expected 00 00 (is this an IDX file?)");
  if (magic[2] != 8)
    refuse(file, "type code: found 0x" + hex(magic[2]) + ", expected 0x08 (unsigned byte)");
  if (magic[3] < 1 || magic[3] > 4)
    refuse(file, "number of dimensions: found " + std::to_string(magic[3]) + ", expected 1 to 4");
}

std::vector<std::uint64_t> read_dimensions(const std::filesystem::path& file, ByteReader& reader) {
  Word word;
  const auto next_word = [&](const std::string& field) {
    const std::size_t found = reader.read(word.data(), 4);
    if (found < 4)
      refuse(file, field + ": the file ends after " + std::to_string(found) + " of its 4 bytes");
  };
  next_word("magic number");
  check_magic(file, word);
  std::vector<std::uint64_t> dimensions(word[3]);
  for (std::size_t k = 0; k < dimensions.size(); ++k) {
    next_word("dimension " + std::to_string(k + 1));
    dimensions[k] = static_cast<std::uint64_t>(word[0]) << 24 | word[1] << 16 | word[2] << 8 |
                    word[3];  // big endian
  }
  return dimensions;
}

}  // namespace

FileValues read_idx(const std::filesystem::path& file, std::size_t samples) {
  ByteReader reader(file, "an IDX file");
  const std::vector<std::uint64_t> dimensions = read_dimensions(file, reader);
  const std::uint64_t features = check_dimensions(file, dimensions);
  const std::uint64_t rows = rows_to_keep(file, dimensions.front(), samples);
  const Bytes bytes = reader.read_values(dimensions.front() * features, rows * features);
  FileValues result{empty({rows, features}), checksum(bytes.data(), bytes.size())};
  std::transform(bytes.begin(), bytes.end(), result.x.data(),
                 [](unsigned char byte) { return static_cast<Real>(byte) / Real{255}; });
  return result;
}

}  // namespace hourglass::data
