#pragma once

// Philox4x32-10 once more, a block at a time, from the paper: what the vectors are checked against.

#include <cstdint>

namespace hourglass {

struct PhiloxWords {
  std::uint32_t word[4];
  bool operator==(const PhiloxWords&) const = default;
};

// The low half of the key is its first word.
constexpr PhiloxWords philox(PhiloxWords counter, std::uint64_t key) {
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const auto& c = counter.word;
    const std::uint64_t first = std::uint64_t{0xD2511F53} * c[0];
    const std::uint64_t second = std::uint64_t{0xCD9E8D57} * c[2];
    counter = {
        {static_cast<std::uint32_t>(second >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(second),
         static_cast<std::uint32_t>(first >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(first)}};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return counter;
}

}  // namespace hourglass
