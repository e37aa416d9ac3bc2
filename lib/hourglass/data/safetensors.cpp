#include "byte_reader.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/file.hpp>
#include <hourglass/data/safetensors.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

namespace hourglass {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using data::refuse;

constexpr std::uint64_t longest_header = 16 << 20;  // bytes; JSON takes many times that in memory

// One file's header, and how to complain about it.
class Header {
 public:
  Header(const fs::path& file, const std::string& text) : file_(file) {
    try {
      root_ = Json::parse(text, [this](int depth, Json::parse_event_t event, const Json& parsed) {
        return watch(depth, event, parsed);
      });
    } catch (const Json::exception& error) {
      refuse(file, std::string("header: found no JSON (") + error.what() + ")");
    }
    if (!root_.is_object())
      refuse(file,
             std::string("header: found a JSON ") + root_.type_name() + ", expected an object");
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
    refuse(file_, field + ": found " + text + ", expected " + expected);
  }

 private:
  // JSON's reader would take the last of two equal keys, and nest as deep as a file asks.
  bool watch(int depth, Json::parse_event_t event, const Json& parsed) {
    if (depth > 4) refuse(file_, "header: nested too deep");
    if (event != Json::parse_event_t::key || depth > 2) return true;
    if (depth == 1) keys_[1].clear();
    if (!keys_[depth - 1].insert(parsed.get<std::string>()).second)
      refuse(file_, "header: " + parsed.dump() + " occurs twice");
    return true;
  }

  const Json& field(const std::string& name, const Json& entry, const char* key) const {
    const auto found = entry.find(key);
    if (found == entry.end()) refuse(file_, "tensor " + name + ": has no " + key);
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
    for (const Dtype dtype : {Dtype::f32, Dtype::f64, Dtype::i64, Dtype::u64, Dtype::u8})
      if (found == to_string(dtype)) return dtype;
    wrong("tensor " + name + ": dtype", found, "F32, F64, I64, U64 or U8");
  }

  Placed read(const std::string& name, const Json& entry) const {
    if (!entry.is_object()) wrong("tensor " + name, entry, "an object");
    Tensor tensor{name, dtype(name, entry), sizes(name, entry, "shape")};
    const auto offsets = sizes(name, entry, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      wrong("tensor " + name + ": data_offsets", field(name, entry, "data_offsets"),
            "a begin and an end");
    const auto bytes = tensor.byte_count();
    const std::string what = to_string(tensor.dtype) + " of shape " + tensor.shape_text();
    if (!bytes) refuse(file_, "tensor " + name + ": shape: " + what + " is beyond 2^64 bytes");
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
      refuse(file, "tensor " + tensor.name + ": data_offsets: begins at byte " +
                       std::to_string(begin) + ", expected " + std::to_string(end) +
                       (begin < end ? " (it overlaps" : " (there is a gap to") +
                       " the tensor before)");
    end = own_end;
    if (end > data_size)
      refuse(file, "tensor " + tensor.name + ": data_offsets: ends at byte " + std::to_string(end) +
                       ", but the file holds " + std::to_string(data_size) +
                       " bytes of data (is it cut off?)");
  }
  if (end < data_size)
    refuse(file, "data: found " + std::to_string(data_size - end) + " bytes after the last tensor");
}

void check_writable(const Tensor& tensor) {
  if (tensor.name == "__metadata__")
    throw ArgumentError("write_safetensors: no tensor can be called __metadata__");
  if (tensor.byte_count() != tensor.bytes.size())
    throw ArgumentError("write_safetensors: tensor " + tensor.name + ": " +
                        std::to_string(tensor.bytes.size()) + " bytes are no " +
                        to_string(tensor.dtype) + " of shape " + tensor.shape_text());
}

// In the order in which a file holds them.
std::vector<const Tensor*> tensor_order(const Tensors& tensors) {
  std::vector<const Tensor*> order;
  std::set<std::string> names;
  for (const Tensor& tensor : tensors.tensors) {
    check_writable(tensor);
    if (!names.insert(tensor.name).second)
      throw ArgumentError("write_safetensors: two tensors are called " + tensor.name);
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const Tensor* a, const Tensor* b) {
    const std::size_t wide = size_of(a->dtype), other = size_of(b->dtype);
    return wide != other ? wide > other : a->name < b->name;
  });
  return order;
}

// The length and the JSON, padded with spaces to a multiple of 8.
std::string tensor_header(const Tensors& tensors, const std::vector<const Tensor*>& order) {
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

std::uint64_t header_length(const fs::path& file, std::uint64_t claimed, std::uint64_t file_size) {
  if (file_size < 8)
    refuse(file,
           "header length: the file ends after " + std::to_string(file_size) + " of its 8 bytes");
  if (claimed > file_size - 8)
    refuse(file, "header length: found " + std::to_string(claimed) + ", expected at most the " +
                     std::to_string(file_size - 8) + " bytes that follow (is it cut off?)");
  if (claimed > longest_header)
    refuse(file, "header length: found " + std::to_string(claimed) + ", expected at most " +
                     std::to_string(longest_header));
  return claimed;
}

// The tensors have their bytes, not yet filled.
Tensors parse_tensor_header(const fs::path& file, const std::string& text,
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

}  // namespace

void data::write_safetensors(const fs::path& file, const Tensors& tensors) {
  const auto order = tensor_order(tensors);
  std::string content = tensor_header(tensors, order);
  for (const Tensor* tensor : order) content += tensor->bytes;
  write_file(file, content);
}

Tensors data::read_safetensors(const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error) && !fs::is_regular_file(file, error))
    refuse(file, "is no regular file, expected a safetensors file");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) refuse(file, std::string("cannot be opened: ") + std::strerror(errno));
  const std::uint64_t size = fs::file_size(file, error);
  if (error) refuse(file, "cannot be read: " + error.message());
  std::array<char, 8> length_bytes{};
  in.read(length_bytes.data(), std::min<std::streamsize>(static_cast<std::streamsize>(size), 8));
  std::string header(header_length(file, std::bit_cast<std::uint64_t>(length_bytes), size), '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  Tensors tensors = parse_tensor_header(file, header, size - 8 - header.size());
  for (Tensor& tensor : tensors.tensors)
    in.read(tensor.bytes.data(), static_cast<std::streamsize>(tensor.bytes.size()));
  if (!in) refuse(file, "cannot be read to its end");
  return tensors;
}

}  // namespace hourglass
