#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

// Readers of data sets. Files are plain or gzip-compressed, found out by content. `samples` limits
// how many rows are kept (0: all); files are checked to their end anyway, all members of a gzip
// file included, and memory grows with what they really hold, not with what their headers claim:
// beyond 256 MiB a gzip file may hold no more than 100 times its own size. What is missing, cut
// off, corrupt or not what it says throws InputError, naming the file and the field, as do fewer
// samples than asked for.
namespace HOURGLASS_API hourglass {
namespace data {

// What a reader found: one row a sample, one column a value of the sample.
struct FileValues {
  Array x;
  std::string checksum;  // CRC-32 of the rows kept as the file holds them, 8 hexadecimal digits
};

// IDX: unsigned bytes with 1 to 4 dimensions: images row by row, scaled from 0..255 to [0, 1].
FileValues read_idx(const std::filesystem::path& file, std::size_t samples = 0);

// detect: the first line is a header if none of its cells (beyond those skipped) is a number, or if
// its first cell is empty.
enum class CsvHeader { detect, present, absent };

// Bytes of a line beyond which a file is taken for something else.
inline constexpr std::size_t longest_csv_line = std::size_t{16} << 20;

// Numbers separated by commas, a sample a line; the first `skip_columns` columns are left out.
// Blanks around a number, a carriage return before the end of a line, a byte-order mark and empty
// lines at the end are allowed; a number too small for double precision is 0. A header has as many
// cells as the rows, or as many as they have without what is skipped; a first column without a name
// is refused unless it is skipped. Complaints name the row (counted without the header), the column
// and the line: of a cell that is no finite number within the range of Real, a row of another
// length than the first, an empty line between others; and a file without numbers is refused.
FileValues read_csv(const std::filesystem::path& file, std::size_t samples = 0,
                    CsvHeader header = CsvHeader::detect, std::size_t skip_columns = 0);

// NumPy's format, versions 1 to 3. The first dimension counts the samples; further ones are
// flattened, so one dimension is one feature. Numbers are '<f4' and '<f8' as they are, and '|u1'
// ('<u1' is the same) scaled like the bytes of every other image file. Other dtypes, headers beyond
// 1 MiB, big-endian numbers, Fortran order,
// no dimension or an empty one, and missing or additional bytes are refused, as are NaN and
// infinity in a row that is kept.
FileValues read_npy(const std::filesystem::path& file, std::size_t samples = 0);

// Writes version 1.0, C order, '<f8' (in a single-precision build '<f4'); replaced as a whole or
// not at all (core/file.hpp).
void write_npy(const std::filesystem::path& file, const Array& x);

// colour: 3072 values, the 32x32 red ones, then the green, then the blue, as the file has them.
// grey: 1024 values 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
enum class Cifar { colour, grey };

// CIFAR-10 batches in their binary form, one after another: any number of records of a label 0..9,
// which is checked and dropped, and 3072 bytes, scaled to [0, 1]. The checksum is that of the 3072
// bytes of each row.
FileValues read_cifar(const std::vector<std::filesystem::path>& files, Cifar kind,
                      std::size_t samples = 0);

// The batches of a folder: data_batch_*.bin, in the order of their names, or else test_batch.bin.
// Empty where there are none.
std::vector<std::filesystem::path> cifar_batches(const std::filesystem::path& folder);

}  // namespace data
}  // namespace hourglass
