#pragma once

#include <cstdint>

namespace hourglass {

// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): four random words for each counter and key, with nothing kept in between.
inline constexpr std::uint32_t philox_multipliers[2] = {0xD2511F53, 0xCD9E8D57};
inline constexpr std::uint32_t philox_key_steps[2] = {0x9E3779B9, 0xBB67AE85};
inline constexpr int philox_rounds = 10;

struct PhiloxWords {
  std::uint32_t word[4];
  bool operator==(const PhiloxWords&) const = default;
};

// One block; the low half of the key is its first word. Stream's fills compute many at once.
constexpr PhiloxWords philox(PhiloxWords counter, std::uint64_t key) {
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < philox_rounds; ++round) {
    const auto& c = counter.word;
    const std::uint64_t first = std::uint64_t{philox_multipliers[0]} * c[0];
    const std::uint64_t second = std::uint64_t{philox_multipliers[1]} * c[2];
    counter = {
        {static_cast<std::uint32_t>(second >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(second),
         static_cast<std::uint32_t>(first >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(first)}};
    k0 += philox_key_steps[0];
    k1 += philox_key_steps[1];
  }
  return counter;
}

}  // namespace hourglass
