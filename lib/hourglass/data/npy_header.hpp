#pragma once

// The Python dictionary at the start of an NPY file. Not installed.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hourglass::data {

struct NpyHeader {
  std::size_t item_size = 0;         // 1: '|u1', 4: '<f4', 8: '<f8'
  std::vector<std::uint64_t> shape;  // at least one dimension
};

// Throws InputError for anything that read_npy does not read.
NpyHeader parse_npy_header(const std::filesystem::path& file, const std::string& text);

}  // namespace hourglass::data
