#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/readers.hpp>

using namespace hourglass;
using namespace hourglass::testing;

// Members of a gzip file are cut, changed and put together; what is read is what gzread and a
// reader of plain files would find, or refused.
std::vector<std::string> hourglass::testing::samples() {
  const auto stored = [](const std::string& text) { return gzip(text, 0); };  // bytes show
  const std::string a = gzip("1,2\n3,"), b = stored("4\n5,6\n");
  return {a + b, a + b + std::string(5, '\0'), gzip("") + b, stored("1,2\n") + stored("")};
}

HOURGLASS_MUTATES_SAMPLES

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [](const auto& file) { data::read_csv(file); });
}
