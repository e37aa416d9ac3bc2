#pragma once

// What the readers of this room share. Not installed.

#include <hourglass/data/readers.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hourglass::data {

class CompressedFile;

// Throws InputError: the file, then what is wrong with it.
[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what);

// What a file holds, fit for a message: shortened, in quotes, without control characters.
std::string in_quotes(std::string_view text);

// A number with six digits, in any locale.
std::string shown(double value);

// What a finite number beyond the range of Real should have been: "a number within double precision
// (up to 1.8e+308)".
std::string number_within_range();

// CRC-32 of the bytes, 8 hexadecimal digits.
std::string checksum(const void* bytes, std::size_t count);

using Bytes = std::vector<unsigned char>;

// Reads a file field by field, plain or gzip. Throws InputError for files that are missing, cut off
// or corrupt.
class ByteReader {
 public:
  // `kind` is what was expected: "an IDX file".
  ByteReader(const std::filesystem::path& file, const std::string& kind);
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;
  ~ByteReader();

  // Reads up to `count` bytes and returns how many there were; fewer only at the end of the file.
  std::size_t read(unsigned char* to, std::size_t count);

  // Exactly that many bytes of a field; in pieces, so that a claim alone reserves nothing.
  Bytes read_field(std::size_t count, const std::string& field);

  // Reads to the end of the file, where exactly `expected` bytes must have come. Keeps the first
  // `keep`: memory grows with what is really there.
  Bytes read_values(std::uint64_t expected, std::uint64_t keep);

 private:
  std::filesystem::path file_;
  std::unique_ptr<CompressedFile> source_;
};

// Checks dimension after dimension that there is one, and that altogether they make at most 2^40
// values: more are taken for a broken header. Returns the values of one row.
std::uint64_t check_dimensions(const std::filesystem::path& file,
                               const std::vector<std::uint64_t>& dimensions);

// The rows to keep of those there are, for `samples` asked for (0: all). Throws InputError.
std::uint64_t rows_to_keep(const std::filesystem::path& file, std::uint64_t there,
                           std::size_t samples);

// Rows of bytes, scaled from 0..255 to [0, 1].
FileValues scaled_bytes(const Bytes& bytes, std::uint64_t rows);

}  // namespace hourglass::data
