#include <hourglass/core/input_error.hpp>
#include <hourglass/data/idx.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <numeric>
#include <vector>

#include <zlib.h>

namespace hourglass::data {
namespace {

using Bytes = std::vector<unsigned char>;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw InputError(file.string() + ": " + what);
}

// zlib's reader passes plain files through, so one class serves both kinds.
class ByteReader {
 public:
  explicit ByteReader(const std::filesystem::path& file) : file_(file) {
    if (std::filesystem::is_directory(file)) fail(file, "is a folder, expected an IDX file");
    stream_ = gzopen(file.c_str(), "rb");
    if (!stream_) fail(file, std::string("cannot be opened: ") + std::strerror(errno));
    gzbuffer(stream_, 1 << 17);
  }
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;
  ~ByteReader() { gzclose(stream_); }

  // Reads up to `count` bytes and returns how many there were; fewer only at the end of the file.
  std::size_t read(unsigned char* to, std::size_t count) {
    const int found = gzread(stream_, to, static_cast<unsigned>(count));
    int code = Z_OK;
    std::string message = gzerror(stream_, &code);
    if (const std::string prefix = file_.string() + ": "; message.starts_with(prefix))
      message.erase(0, prefix.size());  // zlib names the file too
    if (code == Z_BUF_ERROR) fail(file_, "the compressed data is cut off");
    if (found < 0 || code != Z_OK) fail(file_, "the compressed data is corrupt: " + message);
    return static_cast<std::size_t>(found);
  }

 private:
  std::filesystem::path file_;
  gzFile stream_ = nullptr;
};

std::string hex(std::uint32_t value, int digits) {
  std::array<char, 16> text;
  std::snprintf(text.data(), text.size(), "%0*x", digits, static_cast<unsigned>(value));
  return text.data();
}

struct Header {
  std::vector<std::uint64_t> dimensions;
  std::uint64_t samples() const { return dimensions.front(); }
  std::uint64_t features() const {
    return std::accumulate(dimensions.begin() + 1, dimensions.end(), std::uint64_t{1},
                           std::multiplies<>());
  }
};

void check_magic(const std::filesystem::path& file, const std::array<unsigned char, 4>& magic) {
  if (magic[0] != 0 || magic[1] != 0)
    fail(file, "magic number: found bytes " + hex(magic[0], 2) + " " + hex(magic[1], 2) +
                   ", expected 00 00 (is this an IDX file?)");
  if (magic[2] != 8)
    fail(file, "type code: found 0x" + hex(magic[2], 2) + ", expected 0x08 (unsigned byte)");
  if (magic[3] < 1 || magic[3] > 4)
    fail(file, "number of dimensions: found " + std::to_string(magic[3]) + ", expected 1 to 4");
}

// Sizes beyond any data set are taken for a broken header before they are multiplied.
void check_dimensions(const std::filesystem::path& file, const Header& header) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  std::uint64_t total = 1;
  for (std::size_t k = 0; k < header.dimensions.size(); ++k) {
    const std::uint64_t size = header.dimensions[k];
    const std::string field = "dimension " + std::to_string(k + 1);
    if (size == 0) fail(file, field + ": found 0, expected at least 1");
    if (total > most / size)
      fail(file, field + ": found " + std::to_string(size) +
                     ", which makes more than 2^40 values altogether");
    total *= size;
  }
}

Header read_header(const std::filesystem::path& file, ByteReader& reader) {
  std::array<unsigned char, 4> word;
  const auto next_word = [&](const std::string& field) {
    const std::size_t found = reader.read(word.data(), 4);
    if (found < 4)
      fail(file, field + ": the file ends after " + std::to_string(found) + " of its 4 bytes");
  };
  next_word("magic number");
  check_magic(file, word);
  Header header{std::vector<std::uint64_t>(word[3])};
  for (std::size_t k = 0; k < header.dimensions.size(); ++k) {
    next_word("dimension " + std::to_string(k + 1));
    header.dimensions[k] = static_cast<std::uint64_t>(word[0]) << 24 | word[1] << 16 |
                           word[2] << 8 | word[3];  // big endian
  }
  check_dimensions(file, header);
  return header;
}

// Reads to the end of the file: only there does zlib check its own sum, and trailing bytes show.
// Keeps the first `keep` bytes.
Bytes read_values(const std::filesystem::path& file, ByteReader& reader, std::uint64_t expected,
                  std::uint64_t keep) {
  Bytes kept, chunk(1 << 20);
  std::uint64_t total = 0;
  while (const std::size_t found = reader.read(chunk.data(), chunk.size())) {
    const std::uint64_t wanted = std::min<std::uint64_t>(found, keep - kept.size());
    kept.insert(kept.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(wanted));
    total += found;
    if (total > expected) break;
  }
  if (total > expected)
    fail(file, "values: found bytes after the " + std::to_string(expected) +
                   " that the header announces");
  if (total < expected)
    fail(file, "values: found " + std::to_string(total) + " bytes, expected " +
                   std::to_string(expected) + " by the header");
  return kept;
}

std::string crc(const Bytes& bytes) {
  const uLong sum = crc32_z(crc32_z(0, nullptr, 0), bytes.data(), bytes.size());
  return hex(static_cast<std::uint32_t>(sum), 8);
}

}  // namespace

IdxValues read_idx(const std::filesystem::path& file, std::size_t samples) {
  ByteReader reader(file);
  const Header header = read_header(file, reader);
  if (samples > header.samples())
    fail(file, "samples: found " + std::to_string(header.samples()) + ", asked for " +
                   std::to_string(samples));
  const std::uint64_t rows = samples > 0 ? samples : header.samples();
  const Bytes bytes =
      read_values(file, reader, header.samples() * header.features(), rows * header.features());
  IdxValues result{empty({rows, header.features()}), crc(bytes)};
  std::transform(bytes.begin(), bytes.end(), result.x.data(),
                 [](unsigned char byte) { return static_cast<Real>(byte) / Real{255}; });
  return result;
}

}  // namespace hourglass::data
