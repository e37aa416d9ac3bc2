#include "byte_reader.hpp"
#include "checksum.hpp"
#include "npy_header.hpp"
#include "refuse.hpp"
#include <hourglass/core/file.hpp>
#include <hourglass/data/npy.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string_view>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "\x93NUMPY";

// Where each row is `features` numbers of type T.
template <class T>
void convert(const fs::path& file, const Bytes& bytes, Array& x) {
  const std::size_t features = shape_of(x).columns;
  for (std::size_t k = 0; k < x.size(); ++k) {
    T value;
    std::memcpy(&value, bytes.data() + k * sizeof(T), sizeof(T));
    x.data()[k] = static_cast<Real>(value);
    if (!std::isfinite(x.data()[k]))
      refuse(file, "row " + std::to_string(k / features + 1) + ", column " +
                       std::to_string(k % features + 1) + ": found " + std::to_string(value) +
                       ", expected a finite number");
  }
}

// Reads exactly that much, in pieces: a claim alone reserves nothing.
std::string read_text(const fs::path& file, ByteReader& reader, std::size_t count,
                      const std::string& field) {
  std::string text;
  std::array<unsigned char, 4096> piece;
  while (text.size() < count) {
    const std::size_t found =
        reader.read(piece.data(), std::min(count - text.size(), piece.size()));
    if (found == 0)
      refuse(file, field + ": the file ends after " + std::to_string(text.size()) + " of its " +
                       std::to_string(count) + " bytes");
    text.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(found));
  }
  return text;
}

NpyHeader read_header(const fs::path& file, ByteReader& reader) {
  const std::string start = read_text(file, reader, 8, "magic string and version");
  if (!start.starts_with(magic))
    refuse(file, "magic string: found " + in_quotes(start.substr(0, magic.size())) +
                     ", expected \"\\x93NUMPY\" (is this an NPY file?)");
  const int version = static_cast<unsigned char>(start[6]);
  if (version < 1 || version > 3)
    refuse(file, "version: found " + std::to_string(version) + ", expected 1, 2 or 3");
  const std::string digits = read_text(file, reader, version == 1 ? 2 : 4, "header length");
  std::size_t length = 0;
  for (std::size_t k = digits.size(); k-- > 0;)
    length = length << 8 | static_cast<unsigned char>(digits[k]);
  return parse_npy_header(file, read_text(file, reader, length, "header"));
}

}  // namespace

FileValues read_npy(const fs::path& file, std::size_t samples) {
  ByteReader reader(file, "an NPY file");
  const NpyHeader header = read_header(file, reader);
  const std::uint64_t features = check_dimensions(file, header.shape);
  const std::uint64_t rows = rows_to_keep(file, header.shape.front(), samples);
  const std::uint64_t row_bytes = features * header.item_size;
  const Bytes bytes = reader.read_values(header.shape.front() * row_bytes, rows * row_bytes);
  FileValues result{empty({rows, features}), checksum(bytes.data(), bytes.size())};
  if (header.item_size == 1)
    std::transform(bytes.begin(), bytes.end(), result.x.data(),
                   [](unsigned char byte) { return static_cast<Real>(byte) / Real{255}; });
  else if (header.item_size == 4)
    convert<float>(file, bytes, result.x);
  else
    convert<double>(file, bytes, result.x);
  return result;
}

void write_npy(const fs::path& file, const Array& x) {
  const Shape shape = shape_of(x);
  std::string header = std::string("{'descr': '<f") + (sizeof(Real) == 4 ? '4' : '8') +
                       "', 'fortran_order': False, 'shape': (" + std::to_string(shape.rows) + ", " +
                       std::to_string(shape.columns) + "), }";
  const std::size_t before = magic.size() + 4;
  header.append(63 - (before + header.size()) % 64, ' ');  // the numbers begin at a multiple of 64
  header += '\n';
  std::string content(magic);
  content += {1, 0, static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  content += header;
  content.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(Real));
  write_file(file, content);
}

}  // namespace hourglass::data
