#include <hourglass/report/layout.hpp>
#include <hourglass/report/placement.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hourglass {
namespace {

// Pixels, for text of 15 pixels: readable at half size.
constexpr double letter = 7.8, line = 17, top_margin = 62, bottom_margin = 60, main_height = 262,
                 deviation_height = 74, between_heights = 16, between_panels = 22, leader = 20;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;

  bool empty() const { return !(low <= high); }
  void include(double value, bool positive_only) {
    if (!std::isfinite(value) || (positive_only && value <= 0)) return;
    low = std::min(low, value), high = std::max(high, value);
  }
  void include(const std::vector<double>& values, bool positive_only) {
    for (const double value : values) include(value, positive_only);
  }
};

template <class Visit>
void for_each_curve(const Figure& figure, Visit visit) {
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) visit(curve);
}

// A range of no width, up to rounding, cannot be drawn.
Axis widened(Range range, bool log, int tics) {
  if (range.empty()) range = log ? Range{1, 10} : Range{0, 1};
  if (range.high - range.low <= 1e-12 * std::max(std::abs(range.low), std::abs(range.high))) {
    const double room = range.low == 0 ? 1 : std::abs(range.low) / 2;
    range = log ? Range{range.low / 2, range.high * 2} : Range{range.low - room, range.high + room};
  }
  return log ? log_axis(range.low, range.high) : linear_axis(range.low, range.high, tics);
}

Axis x_axis(const Figure& figure) {
  Range range;
  for_each_curve(figure, [&](const Curve& c) { range.include(c.x, figure.log_x); });
  return widened(range, figure.log_x, figure.panels.size() > 1 ? 3 : 5);
}

// A little room above and below, so that marks at the edge are whole.
Axis y_axis(const Figure& figure) {
  Range range;
  for_each_curve(figure, [&](const Curve& c) {
    range.include(c.measured, figure.log_y);
    range.include(c.predicted, figure.log_y);
    range.include(c.low, figure.log_y);
    range.include(c.high, figure.log_y);
  });
  for (const Panel& panel : figure.panels)
    for (const Level& level : panel.levels) range.include(level.value, figure.log_y);
  if (!range.empty()) {
    const double room =
        figure.log_y ? std::pow(range.high / range.low, 0.05) : 0.05 * (range.high - range.low);
    range = figure.log_y ? Range{range.low / room, range.high * room}
                         : Range{range.low - room, range.high + room};
  }
  if (!std::isnan(figure.y_min)) range.low = figure.y_min;
  if (!std::isnan(figure.y_max)) range.high = figure.y_max;
  return widened(range, figure.log_y, 5);
}

double largest_deviation(const Figure& figure) {
  double largest = NAN;
  for_each_curve(figure, [&](const Curve& curve) {
    for (const double d : deviations(curve, figure.relative_deviation))
      if (std::isfinite(d)) largest = std::fmax(largest, std::abs(d));
  });
  return largest;
}

bool any(const Figure& figure, std::vector<double> Curve::*values) {
  bool found = false;
  for_each_curve(figure, [&](const Curve& curve) {
    for (const double value : curve.*values) found = found || std::isfinite(value);
  });
  return found;
}

// Characters of UTF-8 text as it shows: without the marks of raised text, which is smaller too.
double text_width(const std::string& text) {
  double width = 0;
  for (const unsigned char c : text)
    if ((c & 0xc0) != 0x80 && c != '^' && c != '{' && c != '}') width += letter;
  return width;
}

double widest_tic(const Layout& layout) {
  double widest = 0;
  for (const Axis* axis : {&layout.y, &layout.deviation})
    for (const Tic& tic : axis->tics) widest = std::max(widest, text_width(tic.label));
  return widest;
}

double widest_label(const Panel& panel) {
  double widest = 0;
  for (const Curve& curve : panel.curves) widest = std::max(widest, text_width(curve.label));
  return widest > 0 ? widest + leader : 0;
}

// Where the line ends, or the marks where there is no line. False if there is nothing to see.
bool end_of(const Curve& curve, const Axis& x, const Axis& y, double& at_x, double& at_y) {
  for (const auto* values : {&curve.predicted, &curve.measured})
    for (std::size_t k = values->size(); k-- > 0;) {
      at_x = x.fraction(curve.x[k]), at_y = y.fraction((*values)[k]);
      if (std::isfinite(at_x) && std::isfinite(at_y)) return true;
    }
  return false;
}

// From the last curve to the first: where curves end within a pixel of each other, the first is
// then labelled on top.
std::vector<EndLabel> labels_of(const Panel& panel, const Layout& layout, const Frame& frame) {
  std::vector<EndLabel> labels;
  std::vector<double> heights;
  for (auto curve = panel.curves.rbegin(); curve != panel.curves.rend(); ++curve) {
    double x = 0, y = 0;
    if (curve->label.empty() || !end_of(*curve, layout.x, layout.y, x, y)) continue;
    x = frame.left + x * (frame.right - frame.left);
    y = frame.bottom + std::clamp(y, 0.0, 1.0) * (frame.top - frame.bottom);
    labels.push_back({curve->label, layout.style_of(curve->label), x, y, frame.right + leader, y});
    heights.push_back(std::round(y));
  }
  heights = spread(heights, line, frame.bottom + line / 2, frame.top - line / 2);
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k].text_y = heights[k];
  return labels;
}

double panel_width(std::size_t panels) {
  constexpr std::array<double, 4> widths{520, 360, 270, 230};
  return widths[std::min(panels, widths.size()) - 1];
}

}  // namespace

std::vector<double> deviations(const Curve& curve, bool relative) {
  if (curve.measured.empty() || curve.predicted.empty())
    return std::vector<double>(curve.x.size(), NAN);
  std::vector<double> result(curve.x.size());
  std::transform(curve.measured.begin(), curve.measured.end(), curve.predicted.begin(),
                 result.begin(), [relative](double measured, double predicted) {
                   return (measured - predicted) / (relative ? std::abs(predicted) : 1);
                 });
  return result;
}

std::size_t Layout::style_of(const std::string& label) const {
  return static_cast<std::size_t>(std::find(styles.begin(), styles.end(), label) - styles.begin());
}

Layout layout_of(const Figure& figure) {
  const double worst = largest_deviation(figure);
  Layout layout{0,
                0,
                x_axis(figure),
                y_axis(figure),
                symmetric_axis(worst),
                !std::isnan(worst),
                any(figure, &Curve::measured),
                any(figure, &Curve::predicted),
                {},
                {}};
  for_each_curve(figure, [&](const Curve& curve) {
    if (!curve.context && layout.style_of(curve.label) == layout.styles.size())
      layout.styles.push_back(curve.label);
  });
  const double below = layout.has_deviation ? deviation_height + between_heights : 0;
  layout.height = bottom_margin + below + main_height + top_margin;
  double left = 58 + widest_tic(layout);
  for (const Panel& panel : figure.panels) {
    const double right = left + panel_width(figure.panels.size());
    const Frame main{left, right, bottom_margin + below, bottom_margin + below + main_height};
    const Frame deviation{left, right, bottom_margin, bottom_margin + deviation_height};
    layout.panels.push_back({main, deviation, labels_of(panel, layout, main)});
    left = right + widest_label(panel) + between_panels;
  }
  layout.width = left;
  return layout;
}

}  // namespace hourglass
