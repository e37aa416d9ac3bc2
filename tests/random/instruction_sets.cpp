// The numbers of every instruction set against each other and against long double.

#include "../../lib/hourglass/random/fill.hpp"
#include "philox_reference.hpp"
#include <hourglass/core/instruction_set.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using random::Fill;
using random::FillKernels;

namespace {

constexpr std::uint64_t key = 0x0badcafe12345678;
constexpr std::size_t rows = 1001, columns = 1003;  // more than a million, no multiple of a vector

std::vector<Number> filled_by(InstructionSet set, void (*FillKernels::*kernel)(const Fill&)) {
  std::vector<Number> out(rows * columns);
  const Fill fill{.key = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)},
                  .first_block = 0,
                  .first_row = 0,
                  .words = {3, 4},
                  .rows = rows,
                  .columns = columns,
                  .x = nullptr,
                  .deviation = 1,
                  .out = out.data()};
  (kernels_for<random::FillKernels>(set).*kernel)(fill);
  return out;
}

// How many numbers lie between two of the same sign; enormous for different signs or NaN.
std::uint64_t ulps_between(Number a, Number b) {
  std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t> x, y;
  std::memcpy(&x, &a, sizeof a);
  std::memcpy(&y, &b, sizeof b);
  if (std::isnan(a) || std::isnan(b)) return ~std::uint64_t{0};
  return x > y ? x - y : y - x;
}

struct Polar {
  long double radius_uniform, quarter;  // u, and s: the angle is pi/2 (quadrant + s)
  unsigned quadrant;
};

// The bits of one pair of normals, as transform.hpp documents them.
Polar polar(const PhiloxWords& w, [[maybe_unused]] std::size_t pair) {
  if constexpr (sizeof(Number) == 4) {
    const std::uint32_t r = w.word[2 * pair], angle = w.word[2 * pair + 1];
    const float u = static_cast<float>(r >> 1) + 0.5f;
    const float s = static_cast<float>(static_cast<std::int32_t>(angle << 2 | 2));
    return {std::ldexp(u, -31), std::ldexp(s, -32), angle >> 30};
  } else {
    const std::uint64_t r = w.word[0] | std::uint64_t{w.word[1]} << 32;
    const std::uint64_t angle = w.word[2] | std::uint64_t{w.word[3]} << 32;
    const std::uint64_t low = (angle & ((std::uint64_t{1} << 52) - 1)) | 1;
    return {std::ldexp((r >> 12) + 0.5L, -52),
            std::ldexp(static_cast<long double>(low), -52) - 0.5L,
            static_cast<unsigned>(angle >> 62)};
  }
}

// Box and Muller in long double, of an even column and the next.
void exact_pair(std::uint32_t row, std::uint32_t column, long double (&normal)[2]) {
  const std::uint32_t block = column / random::per_block;
  const PhiloxWords words = philox({{block, row, 3, 4}}, key);
  const Polar p = polar(words, column % random::per_block / 2);
  const long double angle = std::numbers::pi_v<long double> / 2 * p.quarter;
  const long double radius = std::sqrt(-2 * std::log(p.radius_uniform));
  const long double c = std::cos(angle), d = std::sin(angle);
  const long double turned[4][2] = {{c, d}, {-d, c}, {-c, -d}, {d, -c}};
  for (int i = 0; i < 2; ++i) normal[i] = radius * turned[p.quadrant][i];
}

}  // namespace

TEST_CASE("instruction sets: uniforms are equal, normals agree within 4 ulp") {
  const auto uniforms = filled_by(InstructionSet::baseline, &FillKernels::uniforms);
  const auto normals = filled_by(InstructionSet::baseline, &FillKernels::normals);
  for (const InstructionSet set : available_instruction_sets()) {
    INFO("instruction set: " << std::string(name_of(set)));
    CHECK(filled_by(set, &FillKernels::uniforms) == uniforms);
    const auto others = filled_by(set, &FillKernels::normals);
    std::uint64_t worst = 0;
    for (std::size_t i = 0; i < normals.size(); ++i)
      worst = std::max(worst, ulps_between(normals[i], others[i]));
    CHECK(worst <= 4);
  }
}

TEST_CASE("instruction sets: normals are within 4 ulp of Box-Muller in long double") {
  for (const InstructionSet set : available_instruction_sets()) {
    INFO("instruction set: " << std::string(name_of(set)));
    const auto normals = filled_by(set, &FillKernels::normals);
    std::uint64_t worst = 0;
    for (std::uint32_t row = 0; row < 200; ++row)
      for (std::uint32_t column = 0; column + 1 < columns; column += 2) {
        long double exact[2];
        exact_pair(row, column, exact);
        for (int i = 0; i < 2; ++i)
          worst = std::max(worst, ulps_between(normals[row * columns + column + i],
                                               static_cast<Number>(exact[i])));
      }
    CHECK(worst <= 4);
  }
}

TEST_CASE("instruction sets: the measure of agreement sees differences") {
  const Number one = 1, next = std::nextafter(one, Number(2));
  CHECK(ulps_between(one, one) == 0);
  CHECK(ulps_between(one, next) == 1);
  CHECK(ulps_between(one, one + one) > 1000);
  CHECK(ulps_between(one, -one) > 1000);
  CHECK(ulps_between(one, std::numeric_limits<Number>::quiet_NaN()) > 1000);
}
