#pragma once

#include <hourglass/config.hpp>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// One mode: measured and predicted at the places x. NaN where one does not exist; `measured` or
// `predicted` may be empty where there is none at all.
struct Curve {
  std::string label = {};  // written at the end of the curve; also decides its colour
  std::vector<double> x = {}, measured = {}, predicted = {};
  std::vector<double> low = {}, high = {};  // a band behind the marks, e.g. over seeds; or empty
  bool context = false;  // not a theory to compare with but what it lies in: thin and grey
};

// A horizontal line across a panel with a name at its left end, e.g. the error of PCA.
struct Level {
  std::string label = {};
  double value = NAN;
};

// One pair of axes.
struct Panel {
  std::string title = {};
  std::vector<Curve> curves = {};
  std::vector<Level> levels = {};
};

// Panels side by side on the same axes: theory as lines, measurement as marks, and below each
// panel the deviation measured - predicted where there are both (or that over |predicted|). Values
// that a logarithmic axis cannot show are left out.
struct Figure {
  std::string name = {};  // of its files: letters, digits, '-', '_'
  std::string x_label = {}, y_label = {};
  bool log_x = false, log_y = false;
  bool relative_deviation = false;
  double y_min = NAN, y_max = NAN;  // NaN: from the data
  std::vector<Panel> panels = {};
  std::string level_meaning = {};  // of the panels' levels, for the key; empty: they have labels
  std::string caption = {};        // a sentence for the page; not drawn
};

// Draws a figure into `folder` as NAME.svg, with the script NAME.gp and the data NAME.dat that it
// was made from (`gnuplot NAME.gp` there draws it again). Returns the path of the SVG.
// Throws ArgumentError for a figure that makes no sense (odd name, no panels, lengths that
// differ, an impossible range), SystemError where gnuplot or writing fails. No file is ever
// left half written.
std::filesystem::path write_figure(const Figure& figure, const std::filesystem::path& folder);

// Before long work: throws SystemError where there is no gnuplot to draw with.
void require_gnuplot();

}  // namespace hourglass
