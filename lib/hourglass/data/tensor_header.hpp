#pragma once

// The header of a safetensors file, from and to text. Not installed.

#include <hourglass/data/safetensors.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hourglass::data {

// What its type and shape need; nothing where that does not fit into 64 bits.
std::optional<std::uint64_t> byte_count(const Tensor& tensor);

// The tensors in the order in which a file holds them. Throws ArgumentError for tensors
// that no file can hold.
std::vector<const Tensor*> tensor_order(const Tensors& tensors);

// The length and the JSON, padded with spaces to a multiple of 8.
std::string tensor_header(const Tensors& tensors, const std::vector<const Tensor*>& order);

// Both throw InputError; see read_safetensors. The tensors have their bytes, not yet filled.
std::uint64_t header_length(const std::filesystem::path& file, std::uint64_t claimed,
                            std::uint64_t file_size);
Tensors parse_tensor_header(const std::filesystem::path& file, const std::string& header,
                            std::uint64_t data_size);

}  // namespace hourglass::data
