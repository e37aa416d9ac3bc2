#pragma once

#include <hourglass/data/file_values.hpp>

#include <cstddef>
#include <filesystem>

namespace hourglass::data {

// Reads an IDX file of unsigned bytes with 1 to 4 dimensions, plain or gzip-compressed (found out
// by content): images row by row, scaled from 0..255 to [0, 1]. `samples` limits how many rows are
// kept (0: all); the whole file is checked anyway. Throws InputError, naming the file and the
// field, where the file is missing, cut off, corrupt or not what its header says, or holds fewer
// samples than asked for. Memory grows with what the file really holds, not with what its header
// claims.
FileValues read_idx(const std::filesystem::path& file, std::size_t samples = 0);

}  // namespace hourglass::data
