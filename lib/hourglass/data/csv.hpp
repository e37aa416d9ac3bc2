#pragma once

#include <hourglass/data/file_values.hpp>

#include <cstddef>
#include <filesystem>

namespace hourglass::data {

// detect: the first line is a header if none of its cells is a number.
enum class CsvHeader { detect, present, absent };

// Reads numbers separated by commas, a sample a line; plain or gzip. Blanks around a number, a
// carriage return before the end of a line, a byte-order mark and empty lines at the end are
// allowed. `samples` limits how many rows are kept (0: all); the whole file is checked anyway.
// Throws InputError, naming the file, the row (counted without the header), the column and the
// line, for a cell that is no finite number within the range of Real, a row of another length than
// the first, an empty line between others, and a file without numbers.
FileValues read_csv(const std::filesystem::path& file, std::size_t samples = 0,
                    CsvHeader header = CsvHeader::detect);

}  // namespace hourglass::data
