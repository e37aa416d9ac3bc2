#include "byte_reader.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace hourglass::data {
namespace {

std::string hex(unsigned value) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%02x", value);
  return text.data();
}

void check_magic(const std::filesystem::path& file, const Bytes& magic) {
  if (magic[0] != 0 || magic[1] != 0)
    refuse(file, "magic number: found bytes " + hex(magic[0]) + " " + hex(magic[1]) +
                     ", expected 00 00 (is this an IDX file? Others are known by their endings)");
  if (magic[2] != 8)
    refuse(file, "type code: found 0x" + hex(magic[2]) + ", expected 0x08 (unsigned byte)");
  if (magic[3] < 1 || magic[3] > 4)
    refuse(file, "number of dimensions: found " + std::to_string(magic[3]) + ", expected 1 to 4");
}

std::vector<std::uint64_t> read_dimensions(const std::filesystem::path& file, ByteReader& reader) {
  const Bytes magic = reader.read_field(4, "magic number");
  check_magic(file, magic);
  std::vector<std::uint64_t> dimensions(magic[3]);
  for (std::size_t k = 0; k < dimensions.size(); ++k) {
    const Bytes word = reader.read_field(4, "dimension " + std::to_string(k + 1));
    for (const unsigned char byte : word) dimensions[k] = dimensions[k] << 8 | byte;  // big endian
  }
  return dimensions;
}

}  // namespace

FileValues read_idx(const std::filesystem::path& file, std::size_t samples) {
  ByteReader reader(file, "an IDX file");
  const std::vector<std::uint64_t> dimensions = read_dimensions(file, reader);
  const std::uint64_t features = check_dimensions(file, dimensions);
  const std::uint64_t rows = rows_to_keep(file, dimensions.front(), samples);
  return scaled_bytes(reader.read_values(dimensions.front() * features, rows * features), rows);
}

}  // namespace hourglass::data
