#include "target.hpp"
#include <hourglass/data/readers.hpp>

#include <cmath>
#include <cstdlib>

using namespace hourglass;
using namespace hourglass::testing;

std::vector<std::string> hourglass::testing::samples() {
  return {"1,2\n3,4\n", "a,b\n1.5e-400,+2\r\n-inf,nan\n\n", "\xef\xbb\xbf\"a, b\",c\n.5,5.\n",
          ",0,1\n0,1e308,2\n", "x\ty\n1;2\n"};
}

HOURGLASS_MUTATES_SAMPLES

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [&](const auto& file) {
    const auto header = static_cast<data::CsvHeader>(size % 3);
    const auto found = data::read_csv(file, size / 3 % 3, header, size / 9 % 3);
    for (const Real value : found.x)
      if (!std::isfinite(value)) std::abort();
  });
}
