#include <hourglass/report/placement.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

// Where the line ends, or the marks where there is no line. False if there is nothing to see.
bool find_end(EndLabel& label, const Axis& x, const Axis& y) {
  for (const auto* values : {&label.curve->predicted, &label.curve->measured})
    for (std::size_t k = values->size(); k-- > 0;) {
      label.x = x.fraction(label.curve->x[k]);
      label.y = y.fraction((*values)[k]);
      if (!std::isfinite(label.x) || !std::isfinite(label.y)) continue;
      label.y = std::clamp(label.y, 0.0, 1.0);
      return true;
    }
  return false;
}

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

std::vector<double> marks(const Curve& curve, const Axis& x, const Axis& y, std::size_t count) {
  std::vector<double> places(curve.x.size(), NAN), result(curve.x.size(), NAN);
  double length = 0, last_x = NAN, last_y = NAN;
  for (std::size_t k = 0; k < curve.measured.size(); ++k) {
    const double at_x = x.fraction(curve.x[k]), at_y = y.fraction(curve.measured[k]);
    if (!std::isfinite(at_x) || !std::isfinite(at_y)) continue;
    if (std::isfinite(last_x)) length += std::hypot(at_x - last_x, at_y - last_y);
    places[k] = length, last_x = at_x, last_y = at_y;
  }
  for (double& place : places) place /= length > 0 ? length : 1;
  for (const std::size_t k : thinned(places, count)) result[k] = curve.measured[k];
  return result;
}

std::vector<EndLabel> end_labels(const Panel& panel, const Axis& x, const Axis& y, double gap) {
  std::vector<EndLabel> labels;
  std::vector<double> heights;
  for (auto curve = panel.curves.rbegin(); curve != panel.curves.rend(); ++curve) {
    EndLabel label{&*curve, 0, 0, 0};
    if (curve->label.empty() || !find_end(label, x, y)) continue;
    labels.push_back(label);
    heights.push_back(std::round(label.y * 256) / 256);  // to about a pixel
  }
  heights = spread(heights, gap, gap / 2, 1 - gap / 2);
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k].text_y = heights[k];
  return labels;
}

}  // namespace hourglass
