#pragma once

#include <hourglass/data/file_values.hpp>

#include <cstddef>
#include <filesystem>

namespace hourglass::data {

// Reads an array in NumPy's format (versions 1 to 3), plain or gzip. The first dimension counts the
// samples; further ones are flattened, so one dimension is one feature. Numbers are '<f4' and '<f8'
// as they are, and '|u1' scaled from 0..255 to [0, 1] like the bytes of every other image file.
// `samples` limits how many rows are kept (0: all); the whole file is checked anyway. Throws
// InputError, naming the file and the field, for other dtypes, big-endian numbers, Fortran order,
// no dimension or an empty one, a header that is none, missing or additional bytes, and for NaN or
// infinity in a row that is kept (named by row and column).
FileValues read_npy(const std::filesystem::path& file, std::size_t samples = 0);

// Writes version 1.0, C order, '<f8' (in a single-precision build '<f4'); replaced as a whole or
// not at all (core/file.hpp).
void write_npy(const std::filesystem::path& file, const Array& x);

}  // namespace hourglass::data
