#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/readers.hpp>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

constexpr std::size_t start = 10;  // magic, version, length of the header

std::string text_of(const std::uint8_t* data, std::size_t size) { return {data, data + size}; }

std::string sample(const char* descr, const char* shape, const std::string& values) {
  return npy(
      std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': " + shape + "}\n",
      values);
}

}  // namespace

std::vector<std::string> hourglass::testing::samples() {
  const std::string f8 = sample("<f8", "(2, 1)", std::string(16, '\0'));
  return {sample("|u1", "(2, 3)", "abcdef"), sample("<f4", "(2L,)", "12345678"), f8, gzip(f8)};
}

// Half the time the header changes and its length is put right.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  if (starts_anew(data, size, most, seed)) return size;
  const std::size_t length = size > start ? data[8] + 256u * data[9] : size;
  if (seed % 2 == 0 || data[0] != 0x93 || start + length > size || most > 65000)
    return LLVMFuzzerMutate(data, size, most);
  std::vector<std::uint8_t> header(data + start, data + start + length);
  header.resize(length + 64);
  header.resize(LLVMFuzzerMutate(header.data(), length, header.size()));
  const std::string changed = text_of(data, 8) + little_endian(header.size(), 2) +
                              text_of(header.data(), header.size()) +
                              text_of(data + start + length, size - start - length);
  return put(changed, data, most);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [&](const auto& file) { data::read_npy(file, size % 3); });
}
