#include <hourglass/report/placement.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

struct Block {
  double sum;
  std::size_t count;
  double mean() const { return sum / static_cast<double>(count); }
};

// The nearest sequence that does not decrease (pool adjacent violators).
std::vector<double> monotone(const std::vector<double>& values) {
  std::vector<Block> blocks;
  for (const double value : values) {
    Block last{value, 1};
    while (!blocks.empty() && blocks.back().mean() > last.mean()) {
      last = {last.sum + blocks.back().sum, last.count + blocks.back().count};
      blocks.pop_back();
    }
    blocks.push_back(last);
  }
  std::vector<double> result;
  for (const Block& block : blocks) result.insert(result.end(), block.count, block.mean());
  return result;
}

}  // namespace

std::vector<double> spread(const std::vector<double>& wanted, double gap, double low, double high) {
  const std::size_t n = wanted.size();
  if (n == 0) return {};
  if (n > 1) gap = std::min(gap, (high - low) / static_cast<double>(n - 1));
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  // less its share of the gaps, a sequence with gaps is one that does not decrease
  std::vector<double> shifted(n);
  for (std::size_t k = 0; k < n; ++k) shifted[k] = wanted[order[k]] - gap * static_cast<double>(k);
  shifted = monotone(shifted);
  const double top = std::max(low, high - gap * static_cast<double>(n - 1));
  std::vector<double> result(n);
  for (std::size_t k = 0; k < n; ++k)
    result[order[k]] = std::clamp(shifted[k], low, top) + gap * static_cast<double>(k);
  return result;
}

std::vector<std::size_t> thinned(const std::vector<double>& fractions, std::size_t count) {
  std::vector<std::size_t> kept;
  long last = -1;
  for (std::size_t k = 0; k < fractions.size(); ++k) {
    if (!std::isfinite(fractions[k])) continue;
    const long part = std::lround(std::floor(fractions[k] * static_cast<double>(count)));
    if (!kept.empty() && part == last) continue;
    kept.push_back(k);
    last = part;
  }
  return kept;
}

}  // namespace hourglass
