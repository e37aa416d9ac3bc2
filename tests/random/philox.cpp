#include "../../lib/hourglass/random/fill.hpp"
#include "philox_reference.hpp"
#include <hourglass/core/instruction_set.hpp>

#include <string>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// The known answers that Random123 ships for philox4x32 10.
struct Answer {
  PhiloxWords counter;
  std::uint64_t key;
  PhiloxWords expected;
};

constexpr Answer answers[] = {
    {{{0, 0, 0, 0}}, 0, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
    {{{~0u, ~0u, ~0u, ~0u}}, ~0ull, {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
    {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
     0x299f31d0a4093822,
     {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}}};

// The uniform made of all the words it takes.
Number uniform_of(const PhiloxWords& words, std::size_t position) {
  if constexpr (sizeof(Number) == 4) {
    const std::uint32_t top = words.word[position] >> 9;
    return (static_cast<Number>(top) + Number(0.5)) / Number(1u << 23);
  } else {
    const std::uint64_t both =
        words.word[2 * position] | std::uint64_t{words.word[2 * position + 1]} << 32;
    return (static_cast<Number>(both >> 12) + Number(0.5)) / Number(1ull << 52);
  }
}

}  // namespace

TEST_CASE("philox: known answers of Random123") {
  for (const Answer& a : answers) CHECK(philox(a.counter, a.key) == a.expected);
}

TEST_CASE("philox: known answers through the fills of every instruction set") {
  for (const InstructionSet set : available_instruction_sets())
    for (const Answer& a : answers) {
      INFO("instruction set: " << std::string(name_of(set)));
      const auto& c = a.counter.word;
      Number found[random::per_block];
      const random::Fill fill{
          .key = {static_cast<std::uint32_t>(a.key), static_cast<std::uint32_t>(a.key >> 32)},
          .first_block = c[0],
          .first_row = c[1],
          .words = {c[2], c[3]},
          .rows = 1,
          .columns = random::per_block,
          .x = nullptr,
          .deviation = 1,
          .out = found};
      kernels_for<random::FillKernels>(set).uniforms(fill);
      for (std::size_t i = 0; i < random::per_block; ++i)
        CHECK(found[i] == uniform_of(a.expected, i));
    }
}

TEST_CASE("philox: every bit of counter and key matters") {
  const PhiloxWords zero = philox({}, 0);
  for (int bit = 0; bit < 128; ++bit) {
    PhiloxWords counter{};
    counter.word[bit / 32] = 1u << bit % 32;
    CHECK(!(philox(counter, 0) == zero));
  }
  for (int bit = 0; bit < 64; ++bit) CHECK(!(philox({}, 1ull << bit) == zero));
}
