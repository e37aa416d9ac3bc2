#pragma once

#include <hourglass/core/array.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// Of the entries; the types that hourglass writes. Others are refused.
enum class Dtype { f32, f64, i64, u64, u8 };
std::string to_string(Dtype dtype);  // as files call it: "F32"
std::size_t size_of(Dtype dtype);    // bytes of a number

// Named numbers of any rank, row-major and little-endian.
struct Tensor {
  std::string name;
  Dtype dtype = Dtype::f64;
  std::vector<std::uint64_t> shape = {};  // {} holds one number
  std::string bytes = {};
  std::string shape_text() const;  // "[2, 3]"
  // What type and shape need; nothing where that does not fit into 64 bits.
  std::optional<std::uint64_t> byte_count() const;
};

// Named arrays and strings: what a checkpoint holds. After read_safetensors the complaints of the
// accessors begin with the file's name.
struct Tensors {
  std::map<std::string, std::string> metadata = {};
  std::vector<Tensor> tensors = {};  // a name occurs once
  std::string source = "tensors";    // where they come from, for messages

  void add(const std::string& name, const Array& x);                          // F32 or F64: Real
  void add(const std::string& name, const std::vector<std::uint64_t>& list);  // U64, one dimension

  bool holds(const std::string& name) const;  // such a tensor
  // These throw InputError where the name is missing or the tensor is of another kind.
  const Tensor& find(const std::string& name) const;
  const std::string& text(const std::string& key) const;  // of the metadata
  // Rank 0 and 1 become one row. Numbers of the other precision are refused: a run continued with
  // rounded weights is another run. With `convert` they are rounded or widened, and refused where
  // they become infinite.
  Array array(const std::string& name, bool convert = false) const;
  // Refuses any other shape.
  Array array(const std::string& name, Shape expected, bool convert = false) const;
  std::vector<std::uint64_t> list(const std::string& name) const;  // U64 of rank 1
};

namespace data {

// The safetensors format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON
// header {"__metadata__": {key: text}, name: {"dtype", "shape", "data_offsets"}}, then the numbers
// without gaps. The same tensors give the same bytes whatever their order: wide types first, then
// by name, as the format's own library does; numbers begin at a multiple of 8. The file is replaced
// as a whole or not at all (core/file.hpp). Throws ArgumentError for a name twice, a name
// that JSON cannot hold, or bytes that do not fit the shape.
void write_safetensors(const std::filesystem::path& file, const Tensors& tensors);

// Tensors come in the order of the file. Throws InputError, naming the file and the tensor, for
// anything the format forbids: a header longer than the file or 16 MiB, or no JSON, fields that are
// missing or unknown, dtypes other than those above, offsets that do not fit the shape, overlap,
// leave gaps or reach beyond the file, names that occur twice, bytes after the last tensor.
Tensors read_safetensors(const std::filesystem::path& file);

}  // namespace data
}  // namespace hourglass
