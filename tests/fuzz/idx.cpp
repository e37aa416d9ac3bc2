#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/readers.hpp>

using namespace hourglass;
using namespace hourglass::testing;

std::vector<std::string> hourglass::testing::samples() {
  const std::string one = idx_header(8, {3}) + "abc", three = idx_header(8, {2, 1, 2}) + "abcd";
  return {one, three, gzip(three), gzip(one.substr(0, 6)) + gzip(one.substr(6))};
}

HOURGLASS_MUTATES_SAMPLES

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [&](const auto& file) { data::read_idx(file, size % 3); });
}
