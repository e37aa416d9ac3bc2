#include "tensor_header.hpp"

#include "refuse.hpp"
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

namespace hourglass {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

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

// One file's header, and how to complain about it.
class Header {
 public:
  Header(const fs::path& file, const std::string& text) : file_(file) {
    try {
      root_ = Json::parse(text, [this](int depth, Json::parse_event_t event, const Json& parsed) {
        return watch(depth, event, parsed);
      });
    } catch (const Json::exception& error) {
      data::refuse(file, std::string("header: found no JSON (") + error.what() + ")");
    }
    if (!root_.is_object())
      data::refuse(
          file, std::string("header: found a JSON ") + root_.type_name() + ", expected an object");
  }

  std::map<std::string, std::string> metadata() const {
    std::map<std::string, std::string> texts;
    const auto found = root_.find("__metadata__");
    if (found == root_.end()) return texts;
    if (!found->is_object()) wrong("__metadata__", *found, "an object");
    for (const auto& [key, value] : found->items()) {
      if (!value.is_string()) wrong("__metadata__, " + key, value, "a string");
      texts[key] = value.get<std::string>();
    }
    return texts;
  }

  struct Placed {
    Tensor tensor;
    std::uint64_t begin, end;
  };
  std::vector<Placed> tensors() const {
    std::vector<Placed> placed;
    for (const auto& [name, entry] : root_.items())
      if (name != "__metadata__") placed.push_back(read(name, entry));
    return placed;
  }

  [[noreturn]] void wrong(const std::string& field, const Json& found, const char* expected) const {
    std::string text = found.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 60) + "...";
    data::refuse(file_, field + ": found " + text + ", expected " + expected);
  }

 private:
  // JSON's reader would take the last of two equal keys, and nest as deep as a file asks.
  bool watch(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > 4) data::refuse(file_, "header: nested too deep");
    if (event != Json::parse_event_t::key || depth > 2) return true;
    if (depth == 1) keys_[1].clear();
    if (!keys_[depth - 1].insert(parsed.get<std::string>()).second)
      data::refuse(file_, "header: " + parsed.dump() + " occurs twice");
    return true;
  }

  const Json& field(const std::string& name, const Json& entry, const char* key) const {
    const auto found = entry.find(key);
    if (found == entry.end()) data::refuse(file_, "tensor " + name + ": has no " + key);
    return *found;
  }

  std::vector<std::uint64_t> sizes(const std::string& name, const Json& entry,
                                   const char* key) const {
    const Json& found = field(name, entry, key);
    const bool good =
        found.is_array() && std::all_of(found.begin(), found.end(),
                                        [](const Json& n) { return n.is_number_unsigned(); });
    if (!good) wrong("tensor " + name + ": " + key, found, "a list of whole numbers");
    return found.get<std::vector<std::uint64_t>>();
  }

  Dtype dtype(const std::string& name, const Json& entry) const {
    const Json& found = field(name, entry, "dtype");
    for (const Kind& kind : kinds)
      if (found == kind.name) return kind.dtype;
    wrong("tensor " + name + ": dtype", found, "F32, F64, I64, U64 or U8");
  }

  Placed read(const std::string& name, const Json& entry) const {
    if (!entry.is_object()) wrong("tensor " + name, entry, "an object");
    Tensor tensor{name, dtype(name, entry), sizes(name, entry, "shape")};
    const auto offsets = sizes(name, entry, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      wrong("tensor " + name + ": data_offsets", field(name, entry, "data_offsets"),
            "a begin and an end");
    const auto bytes = data::byte_count(tensor);
    const std::string what = to_string(tensor.dtype) + " of shape " + tensor.shape_text();
    if (!bytes)
      data::refuse(file_, "tensor " + name + ": shape: " + what + " is beyond 2^64 bytes");
    if (offsets[1] - offsets[0] != *bytes)
      wrong("tensor " + name + ": data_offsets", field(name, entry, "data_offsets"),
            (std::to_string(*bytes) + " bytes for " + what).c_str());
    return {std::move(tensor), offsets[0], offsets[1]};
  }

  fs::path file_;
  Json root_;
  std::array<std::set<std::string>, 2> keys_;
};

// In order, each begins where the one before ends, and the last ends with the file.
void check_places(const fs::path& file, const std::vector<Header::Placed>& placed,
                  std::uint64_t data_size) {
  std::uint64_t end = 0;
  for (const auto& [tensor, begin, own_end] : placed) {
    if (begin != end)
      data::refuse(file, "tensor " + tensor.name + ": data_offsets: begins at byte " +
                             std::to_string(begin) + ", expected " + std::to_string(end) +
                             (begin < end ? " (it overlaps" : " (there is a gap to") +
                             " the tensor before)");
    end = own_end;
    if (end > data_size)
      data::refuse(file, "tensor " + tensor.name + ": data_offsets: ends at byte " +
                             std::to_string(end) + ", but the file holds " +
                             std::to_string(data_size) + " bytes of data (is it cut off?)");
  }
  if (end < data_size)
    data::refuse(file,
                 "data: found " + std::to_string(data_size - end) + " bytes after the last tensor");
}

void check_writable(const Tensor& tensor) {
  if (tensor.name == "__metadata__")
    throw ArgumentError("write_safetensors: no tensor can be called __metadata__");
  if (data::byte_count(tensor) != tensor.bytes.size())
    throw ArgumentError("write_safetensors: tensor " + tensor.name + ": " +
                        std::to_string(tensor.bytes.size()) + " bytes are no " +
                        to_string(tensor.dtype) + " of shape " + tensor.shape_text());
}

}  // namespace

std::optional<std::uint64_t> data::byte_count(const Tensor& tensor) {
  std::uint64_t count = kind_of(tensor.dtype).size;
  for (const std::uint64_t size : tensor.shape)
    if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
  return count;
}

std::string to_string(Dtype dtype) { return kind_of(dtype).name; }

std::string Tensor::shape_text() const {
  std::string text;
  for (const std::uint64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

std::vector<const Tensor*> data::tensor_order(const Tensors& tensors) {
  std::vector<const Tensor*> order;
  std::set<std::string> names;
  for (const Tensor& tensor : tensors.tensors) {
    check_writable(tensor);
    if (!names.insert(tensor.name).second)
      throw ArgumentError("write_safetensors: two tensors are called " + tensor.name);
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const Tensor* a, const Tensor* b) {
    const std::uint64_t wide = kind_of(a->dtype).size, other = kind_of(b->dtype).size;
    return wide != other ? wide > other : a->name < b->name;
  });
  return order;
}

std::string data::tensor_header(const Tensors& tensors, const std::vector<const Tensor*>& order) {
  auto root = nlohmann::ordered_json::object();  // in the order of the data
  if (!tensors.metadata.empty()) root["__metadata__"] = tensors.metadata;
  std::uint64_t offset = 0;
  for (const Tensor* tensor : order) {
    const std::uint64_t end = offset + tensor->bytes.size();
    root[tensor->name] = {{"dtype", to_string(tensor->dtype)},
                          {"shape", tensor->shape},
                          {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = root.dump();
  } catch (const Json::exception& error) {
    throw ArgumentError(std::string("write_safetensors: ") + error.what());
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string header;
  for (int shift = 0; shift < 64; shift += 8)
    header += static_cast<char>(text.size() >> shift & 255);
  return header + text;
}

std::uint64_t data::header_length(const fs::path& file, std::uint64_t claimed,
                                  std::uint64_t file_size) {
  if (file_size < 8)
    refuse(file,
           "header length: the file ends after " + std::to_string(file_size) + " of its 8 bytes");
  if (claimed > file_size - 8)
    refuse(file, "header length: found " + std::to_string(claimed) + ", expected at most the " +
                     std::to_string(file_size - 8) + " bytes that follow (is it cut off?)");
  return claimed;
}

Tensors data::parse_tensor_header(const fs::path& file, const std::string& text,
                                  std::uint64_t data_size) {
  const Header header(file, text);
  Tensors result{.metadata = header.metadata(), .source = file.string()};
  auto placed = header.tensors();
  std::sort(placed.begin(), placed.end(), [](const Header::Placed& a, const Header::Placed& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_places(file, placed, data_size);
  for (auto& [tensor, begin, end] : placed) {
    tensor.bytes.resize(end - begin);
    result.tensors.push_back(std::move(tensor));
  }
  return result;
}

}  // namespace hourglass
