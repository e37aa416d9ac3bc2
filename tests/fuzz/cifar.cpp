#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/readers.hpp>

using namespace hourglass;
using namespace hourglass::testing;

std::vector<std::string> hourglass::testing::samples() {
  const std::string two = cifar_record(1, 2, 3, 4) + cifar_record(9, 5, 6, 7);
  return {cifar_record(0, 1, 2, 3), two, gzip(two)};
}

HOURGLASS_MUTATES_SAMPLES

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto kind = size % 2 == 0 ? data::Cifar::colour : data::Cifar::grey;
  return read_or_refuse(data, size, [&](const auto& file) {
    data::read_cifar({file, file}, kind, size % 5);
  });
}
