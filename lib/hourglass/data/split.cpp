#include <hourglass/core/error.hpp>
#include <hourglass/data/shuffle.hpp>
#include <hourglass/data/split.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace hourglass {
namespace {

using Rows = std::vector<std::uint32_t>;

// A stream of the seed that nothing else of data/ draws from.
constexpr std::uint32_t split_stream = 0x5a3f;

std::size_t held_back(std::size_t samples, double fraction) {
  if (!(fraction >= 0 && fraction < 1))
    throw ArgumentError("split: the fraction " + std::to_string(fraction) + " is not in [0, 1)");
  if (fraction == 0) return 0;
  const double count = std::round(fraction * static_cast<double>(samples));
  return std::max<std::size_t>(static_cast<std::size_t>(count), 1);
}

Dataset part(const Dataset& dataset, Rows rows, const char* name) {
  std::sort(rows.begin(), rows.end());
  Dataset result{dataset.name + name, empty({rows.size(), dataset.features()}), dataset.checksum};
  data::gather(dataset.x, rows, {result.x.data(), result.x.size()});
  return result;
}

}  // namespace

Split data::split(const Dataset& dataset, double fraction, std::uint64_t seed, Held held) {
  const std::size_t samples = dataset.samples(), back = held_back(samples, fraction);
  if (back >= samples)
    throw ArgumentError("split: " + std::to_string(back) + " of " + std::to_string(samples) +
                        " samples leave none to train on");
  Rows order(samples);
  std::iota(order.begin(), order.end(), 0u);
  if (held == Held::random) {
    Shuffle shuffle(samples, {seed, split_stream});
    const auto shuffled = shuffle.order(0);
    order.assign(shuffled.begin(), shuffled.end());
  }
  const auto boundary = order.end() - static_cast<std::ptrdiff_t>(back);
  return {part(dataset, {order.begin(), boundary}, ", training part"),
          part(dataset, {boundary, order.end()}, ", validation part")};
}

}  // namespace hourglass
