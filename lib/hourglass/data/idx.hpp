#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace hourglass::data {

// The values of an IDX file: one row a sample, one column a value of the sample (images row by
// row), scaled from 0..255 to [0, 1].
struct IdxValues {
  Array x;
  std::string checksum;  // CRC-32 of the bytes of the rows kept, 8 hexadecimal digits
};

// Reads an IDX file of unsigned bytes with 1 to 4 dimensions, plain or gzip-compressed (found out
// by content). `samples` limits how many rows are kept (0: all); the whole file is checked anyway.
// Throws InputError, naming the file and the field, where the file is missing, cut off, corrupt or
// not what its header says, or holds fewer samples than asked for. Memory grows with what the file
// really holds, not with what its header claims.
IdxValues read_idx(const std::filesystem::path& file, std::size_t samples = 0);

}  // namespace hourglass::data
