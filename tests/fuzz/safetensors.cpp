#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/safetensors.hpp>

using namespace hourglass;
using namespace hourglass::testing;

std::vector<std::string> hourglass::testing::samples() {
  return {
      safetensors(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":)"
                  R"([0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}})",
                  "12345678x"),
      safetensors(R"({"a":{"dtype":"F64","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"U64",)"
                  R"("shape":[1],"data_offsets":[0,8]}})",
                  "12345678")};
}

// Most of the time the header changes and its length is put right.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  if (starts_anew(data, size, most, seed)) return size;
  const std::size_t length = size > 9 ? data[0] + 256u * data[1] : size;
  if (seed % 4 == 0 || 8 + length > size) return LLVMFuzzerMutate(data, size, most);
  std::vector<std::uint8_t> header(data + 8, data + 8 + length);
  header.resize(length + 64);
  header.resize(LLVMFuzzerMutate(header.data(), length, header.size()));
  return put(safetensors({header.begin(), header.end()}, {data + 8 + length, data + size}), data,
             most);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [](const auto& file) {
    const Tensors tensors = data::read_safetensors(file);
    for (const Tensor& tensor : tensors.tensors) try {
        tensor.dtype == Dtype::u64 ? void(tensors.list(tensor.name))
                                   : void(tensors.array(tensor.name, true));
      } catch (const InputError&) {
      }
  });
}
