#include "../data/files.hpp"
#include "target.hpp"
#include <hourglass/data/safetensors.hpp>
#include <hourglass/measure/checkpoint.hpp>
#include <hourglass/measure/fit.hpp>
#include <hourglass/model/initialisers.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>

#include <zlib.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

const RunIdentity identity{{"seed", "5"}};

// A run of three parameters that has made a few records.
struct Sample {
  Autoencoder model = shallow_autoencoder(3, 2, {.activation = Activation::tanh, .biases = true});
  Optimiser optimiser;
  RunState state{.step = 7, .loss_sum = 0.5, .curve = Trace(learning_curve(false))};

  explicit Sample(const char* rule) : optimiser(optimiser_named(rule)) {
    init::gaussian(model.parameters(), 0.5, {.seed = 5});
    for (const double step : {0.0, 3.0, 7.0})
      state.curve.add(step, std::vector<double>(state.curve.columns().size(), 0.25));
    optimiser.step(model.parameters());
  }
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// As measure/checkpoint.cpp writes it.
std::string checksum(const Tensors& file) {
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : file.tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(),
            [](const Tensor* a, const Tensor* b) { return a->name < b->name; });
  uLong sum = crc32(0, nullptr, 0);
  for (const Tensor* tensor : order)
    for (const std::string* text : {&tensor->name, &tensor->bytes})
      sum = crc32_z(sum, reinterpret_cast<const Bytef*>(text->data()), text->size());
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08lx", static_cast<unsigned long>(sum));
  return digits;
}

std::size_t mutated(std::string& bytes, std::size_t most) {
  const std::size_t size = bytes.size();
  bytes.resize(std::max(most, size) + 1);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, most));
  return bytes.size();
}

// One tensor gets other numbers, another number of them, another name, or none at all.
void change(Tensors& file, unsigned seed) {
  if (file.tensors.empty()) return;
  const std::size_t k = seed / 8 % file.tensors.size();
  Tensor& tensor = file.tensors[k];
  switch (seed % 8) {
    case 0:
      return void(file.tensors.erase(file.tensors.begin() + static_cast<std::ptrdiff_t>(k)));
    case 1:
      return void(mutated(tensor.name, 40));
    case 2:
      tensor.shape = {tensor.bytes.size() / size_of(tensor.dtype)};
      return;
    case 3:
      tensor.shape = {1, 0}, tensor.bytes.clear();
      return;
    case 4:
      tensor.dtype = Dtype::u8, tensor.shape = {tensor.bytes.size()};
      return;
    case 5:
      tensor.bytes += std::string(8, '\1');
      tensor.shape = {1, tensor.bytes.size() / size_of(tensor.dtype)};
      return;
    default: {
      const std::size_t size = tensor.bytes.size();
      mutated(tensor.bytes, size);
      tensor.bytes.resize(size);
    }
  }
}

}  // namespace

std::vector<std::string> hourglass::testing::samples() {
  std::vector<std::string> all;
  for (const char* rule : {"sgd:0.1", "rmsprop:0.1", "adam:0.01"}) {
    Sample sample(rule);
    const auto file = std::filesystem::temp_directory_path() /
                      ("hourglass-fuzz-" + std::to_string(getpid()) + ".safetensors");
    save_checkpoint(file, identity, sample.state, sample.model.parameters(), sample.optimiser);
    all.push_back(content_of(file));
    std::filesystem::remove(file);
  }
  return all;
}

// A whole file whose tensors change and whose checksum is put right, or any bytes.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  if (starts_anew(data, size, most, seed)) return size;
  if (seed % 8 == 1) return LLVMFuzzerMutate(data, size, most);
  static const FuzzedFile in, out;
  try {
    Tensors tensors = data::read_safetensors(in.holding(data, size));
    change(tensors, seed / 64);
    tensors.metadata["checksum"] = checksum(tensors);
    const auto file = std::filesystem::temp_directory_path() /
                      ("hourglass-fuzz-" + std::to_string(getpid()) + ".safetensors");
    data::write_safetensors(file, tensors);
    const std::string content = content_of(file);
    std::filesystem::remove(file);
    return put(content, data, most);
  } catch (const Error&) {
    return LLVMFuzzerMutate(data, size, most);
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return read_or_refuse(data, size, [](const auto& file) {
    static Sample sample("adam:0.01");
    load_checkpoint(file, identity, sample.state.curve.columns(), sample.model.parameters(),
                    sample.optimiser);
  });
}
