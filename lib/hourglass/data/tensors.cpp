#include "byte_reader.hpp"
#include <hourglass/data/safetensors.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace hourglass {
namespace {

struct Kind {
  Dtype dtype;
  const char* name;
  std::uint64_t size;
};
constexpr std::array<Kind, 5> kinds{{{Dtype::f32, "F32", 4},
                                     {Dtype::f64, "F64", 8},
                                     {Dtype::i64, "I64", 8},
                                     {Dtype::u64, "U64", 8},
                                     {Dtype::u8, "U8", 1}}};

const Kind& kind_of(Dtype dtype) {
  return *std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.dtype == dtype; });
}

static_assert(std::endian::native == std::endian::little, "files hold numbers as memory does");

constexpr Dtype real_dtype = std::is_same_v<Real, float> ? Dtype::f32 : Dtype::f64;

template <class T>
std::string bytes_of(const T* data, std::size_t count) {
  return std::string(reinterpret_cast<const char*>(data), count * sizeof(T));
}

[[noreturn]] void wrong_kind(const Tensors& tensors, const Tensor& tensor, const char* field,
                             const std::string& found, const std::string& expected) {
  data::refuse(tensors.source, "tensor " + tensor.name + ": " + field + ": found " + found +
                                   ", expected " + expected);
}

// NaN and infinity are kept: what they mean is the caller's business.
template <class T>
void copy_as_real(const Tensors& tensors, const Tensor& tensor, Array& to) {
  for (std::size_t k = 0; k < to.size(); ++k) {
    T value;
    std::memcpy(&value, tensor.bytes.data() + k * sizeof(T), sizeof(T));
    to.data()[k] = static_cast<Real>(value);
    if (std::isinf(to.data()[k]) && std::isfinite(value))
      wrong_kind(tensors, tensor, ("value " + std::to_string(k + 1)).c_str(), data::shown(value),
                 data::number_within_range());
  }
}

// As a matrix: rank 0 and 1 are one row.
Shape matrix_shape(const Tensors& tensors, const Tensor& tensor) {
  const auto& shape = tensor.shape;
  if (shape.size() > 2)
    wrong_kind(tensors, tensor, "shape", tensor.shape_text(), "at most two dimensions");
  return {shape.size() == 2 ? shape[0] : 1, shape.empty() ? 1 : shape.back()};
}

}  // namespace

std::string to_string(Dtype dtype) { return kind_of(dtype).name; }
std::size_t size_of(Dtype dtype) { return kind_of(dtype).size; }

std::string Tensor::shape_text() const {
  std::string text;
  for (const std::uint64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

std::optional<std::uint64_t> Tensor::byte_count() const {
  std::uint64_t count = kind_of(dtype).size;
  for (const std::uint64_t size : shape)
    if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
  return count;
}

void Tensors::add(const std::string& name, const Array& x) {
  const Shape shape = shape_of(x);
  tensors.push_back({name, real_dtype, {shape.rows, shape.columns}, bytes_of(x.data(), x.size())});
}

void Tensors::add(const std::string& name, const std::vector<std::uint64_t>& list) {
  tensors.push_back({name, Dtype::u64, {list.size()}, bytes_of(list.data(), list.size())});
}

bool Tensors::holds(const std::string& name) const {
  for (const Tensor& tensor : tensors)
    if (tensor.name == name) return true;
  return false;
}

const Tensor& Tensors::find(const std::string& name) const {
  for (const Tensor& tensor : tensors) {
    if (tensor.name != name) continue;
    if (tensor.byte_count() != tensor.bytes.size())
      wrong_kind(*this, tensor, "data", std::to_string(tensor.bytes.size()) + " bytes",
                 "those of " + to_string(tensor.dtype) + " of shape " + tensor.shape_text());
    return tensor;
  }
  data::refuse(source, "tensor " + name + ": not there");
}

const std::string& Tensors::text(const std::string& key) const {
  const auto found = metadata.find(key);
  if (found == metadata.end()) data::refuse(source, "__metadata__: found no " + key);
  return found->second;
}

Array Tensors::array(const std::string& name, bool convert) const {
  const Tensor& tensor = find(name);
  const bool real = tensor.dtype == Dtype::f32 || tensor.dtype == Dtype::f64;
  if (!real || (!convert && tensor.dtype != real_dtype))
    wrong_kind(*this, tensor, "dtype", to_string(tensor.dtype),
               convert ? "F32 or F64" : to_string(real_dtype) + ", the precision of this build");
  Array x = empty(matrix_shape(*this, tensor));
  if (tensor.dtype == Dtype::f32)
    copy_as_real<float>(*this, tensor, x);
  else
    copy_as_real<double>(*this, tensor, x);
  return x;
}

Array Tensors::array(const std::string& name, Shape expected, bool convert) const {
  Array x = array(name, convert);
  if (shape_of(x) != expected)
    wrong_kind(*this, find(name), "shape", shape_of(x).str(), expected.str());
  return x;
}

std::vector<std::uint64_t> Tensors::list(const std::string& name) const {
  const Tensor& tensor = find(name);
  if (tensor.dtype != Dtype::u64)
    wrong_kind(*this, tensor, "dtype", to_string(tensor.dtype), "U64");
  if (tensor.shape.size() != 1)
    wrong_kind(*this, tensor, "shape", tensor.shape_text(), "one dimension");
  std::vector<std::uint64_t> values(tensor.shape[0]);
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

}  // namespace hourglass
