#pragma once

// What the fuzz targets share. A target gives `samples`, valid inputs from which mutations start,
// so that no corpus has to be kept, and LLVMFuzzerTestOneInput. Whatever is thrown but InputError
// is a finding, as are what the sanitizers see, 10 seconds (-timeout) and 2 GiB (-rss_limit_mb).

#include <hourglass/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace hourglass::testing {

std::vector<std::string> samples();  // of each target

// A file of memory that holds the fuzzer's bytes.
class FuzzedFile {
 public:
  FuzzedFile() : descriptor_(memfd_create("fuzzed", 0)) {}
  FuzzedFile(const FuzzedFile&) = delete;
  FuzzedFile& operator=(const FuzzedFile&) = delete;
  ~FuzzedFile() { close(descriptor_); }

  std::filesystem::path holding(const std::uint8_t* data, std::size_t size) const {
    if (ftruncate(descriptor_, 0) != 0) __builtin_trap();
    if (pwrite(descriptor_, data, size, 0) != static_cast<ssize_t>(size)) __builtin_trap();
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

// Reads the bytes as a file, which may be refused.
template <class Read>
int read_or_refuse(const std::uint8_t* data, std::size_t size, Read read) {
  static const FuzzedFile file;
  try {
    read(file.holding(data, size));
  } catch (const InputError&) {
  }
  return 0;
}

inline std::size_t put(const std::string& text, std::uint8_t* data, std::size_t most) {
  const std::size_t size = std::min(text.size(), most);
  std::copy_n(text.begin(), size, data);
  return size;
}

// One of the samples now and then, and where there is nothing yet.
inline bool starts_anew(std::uint8_t* data, std::size_t& size, std::size_t most, unsigned seed) {
  if (size > 1 && seed % 64 != 0) return false;
  static const std::vector<std::string> all = samples();
  size = put(all[seed / 64 % all.size()], data, most);
  return true;
}

}  // namespace hourglass::testing

#define HOURGLASS_MUTATES_SAMPLES                                                      \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, \
                                                 std::size_t most, unsigned seed) {    \
    if (hourglass::testing::starts_anew(data, size, most, seed)) return size;          \
    return LLVMFuzzerMutate(data, size, most);                                         \
  }
