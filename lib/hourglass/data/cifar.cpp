#include "byte_reader.hpp"
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <array>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t pixels = 1024, image_bytes = 3 * pixels, record_bytes = 1 + image_bytes;

// Appends the images of a file to `images`, as long as fewer than `most` bytes are there.
// Returns the number of records.
std::uint64_t read_batch(const fs::path& file, std::uint64_t most, Bytes& images) {
  ByteReader reader(file, "a batch of CIFAR-10 images");
  std::array<unsigned char, record_bytes> record;
  std::uint64_t records = 0;
  while (const std::size_t found = reader.read(record.data(), record_bytes)) {
    const std::string field = "record " + std::to_string(++records);
    if (found < record_bytes)
      refuse(file, field + ": the file ends after " + std::to_string(found) + " of its " +
                       std::to_string(record_bytes) + " bytes");
    if (record[0] > 9)
      refuse(file, field + ": label: found " + std::to_string(record[0]) +
                       ", expected 0 to 9 (is this CIFAR-10 in binary form?)");
    if (images.size() < most) images.insert(images.end(), record.begin() + 1, record.end());
  }
  if (records == 0) refuse(file, "records: found none, expected at least one");
  return records;
}

Real grey(const unsigned char* image, std::size_t pixel) {
  const double sum =
      0.299 * image[pixel] + 0.587 * image[pixels + pixel] + 0.114 * image[2 * pixels + pixel];
  return static_cast<Real>(sum / 255);
}

}  // namespace

FileValues read_cifar(const std::vector<fs::path>& files, Cifar kind, std::size_t samples) {
  if (files.empty()) throw InputError("CIFAR-10: found no file, expected at least one batch");
  Bytes images;
  std::uint64_t there = 0;
  const std::uint64_t most = samples > 0 ? samples * std::uint64_t{image_bytes} : UINT64_MAX;
  for (const fs::path& file : files) there += read_batch(file, most, images);
  const fs::path source = files.size() == 1 ? files.front() : files.front().parent_path();
  const std::uint64_t rows = rows_to_keep(source, there, samples);
  const std::size_t features = kind == Cifar::grey ? pixels : image_bytes;
  FileValues result{empty({rows, features}), checksum(images.data(), images.size())};
  for (std::size_t r = 0; r < rows; ++r) {
    const unsigned char* image = images.data() + r * image_bytes;
    for (std::size_t c = 0; c < features; ++c)
      result.x(r, c) = kind == Cifar::grey ? grey(image, c) : static_cast<Real>(image[c]) / 255;
  }
  return result;
}

std::vector<fs::path> cifar_batches(const fs::path& folder) {
  std::vector<fs::path> batches;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) batches.push_back(entry.path());
  }
  std::sort(batches.begin(), batches.end());
  const fs::path test = folder / "test_batch.bin";
  if (batches.empty() && fs::is_regular_file(test)) batches.push_back(test);
  return batches;
}

}  // namespace hourglass::data
