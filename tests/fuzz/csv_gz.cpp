#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/readers.hpp>

using namespace hourglass;
using namespace hourglass::testing;

// Members of a gzip file are cut, changed and put together; what is read is what gzread and a
// reader of plain files would find, or refused.
namespace {

std::string stored(const std::string& text) {  // without compression, so that bytes show
  z_stream stream{};
  deflateInit2(&stream, 0, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

std::vector<std::string> hourglass::testing::samples() {
  const std::string a = gzip("1,2\n3,"), b = stored("4\n5,6\n");
  return {a + b, a + b + std::string(5, '\0'), gzip("") + b, stored("1,2\n") + stored("")};
}

HOURGLASS_MUTATES_SAMPLES

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [](const auto& file) { data::read_csv(file); });
}
