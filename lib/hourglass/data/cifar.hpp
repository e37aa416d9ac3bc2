#pragma once

#include <hourglass/data/file_values.hpp>

#include <cstddef>
#include <filesystem>
#include <vector>

namespace hourglass::data {

// colour: 3072 values, the 32x32 red ones, then the green, then the blue, as the file has them.
// grey: 1024 values 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
enum class Cifar { colour, grey };

// Reads CIFAR-10 batches in their binary form, one after another: records of a label 0..9, which is
// checked and dropped, and 3072 bytes, scaled to [0, 1]. Any number of records; plain or gzip.
// `samples` limits how many rows are kept (0: all); the files are checked to their end anyway.
// Throws InputError naming the file and the record for a label beyond 9, a record cut off, an empty
// file, or fewer samples than asked for. The checksum is that of the 3072 bytes of each row.
FileValues read_cifar(const std::vector<std::filesystem::path>& files, Cifar kind,
                      std::size_t samples = 0);

// The batches of a folder: data_batch_*.bin, in the order of their names, or else test_batch.bin.
// Empty where there are none.
std::vector<std::filesystem::path> cifar_batches(const std::filesystem::path& folder);

}  // namespace hourglass::data
