#pragma once

#include <hourglass/report/axis.hpp>
#include <hourglass/report/figure.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hourglass {

// A rectangle in pixels from the lower left corner of the figure.
struct Frame {
  double left, right, bottom, top;
};

// The name of a curve beside its panel, with a line from the curve's end where it had to move.
struct EndLabel {
  std::string text;
  std::size_t style;      // which colour: equal for equal labels in all panels
  double end_x, end_y;    // where the curve ends
  double text_x, text_y;  // where the text starts, at half its height
};

struct PanelLayout {
  Frame main, deviation;
  std::vector<EndLabel> labels;
};

// Where everything of a figure goes.
struct Layout {
  double width, height;
  Axis x, y, deviation;
  bool has_deviation, has_measured, has_predicted;
  std::vector<PanelLayout> panels;
  std::vector<std::string> styles;  // the distinct labels, in order of appearance

  std::size_t style_of(const std::string& label) const;
};

Layout layout_of(const Figure& figure);

// measured - predicted at each place, divided by |predicted| if relative; NaN where one of them is
// missing.
std::vector<double> deviations(const Curve& curve, bool relative);

}  // namespace hourglass
