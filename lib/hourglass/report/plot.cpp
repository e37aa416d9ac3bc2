#include <hourglass/report/layout.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/placement.hpp>
#include <hourglass/report/plot.hpp>

#include <array>
#include <cmath>
#include <sstream>

namespace hourglass {
namespace {

// Okabe and Ito's palette without its yellow, which is too faint for lines on white.
constexpr std::array<const char*, 7> palette{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                             "#E69F00", "#56B4E9", "#000000"};
// A second round of colours gets squares and dashes, a third triangles and dots.
constexpr std::array<int, 3> marks{6, 4, 8}, dashes{1, 2, 3};
constexpr const char *grey = "#666666", *pale = "#BBBBBB";
constexpr std::size_t marks_per_curve = 40;

std::string colour(std::size_t style) { return palette[style % palette.size()]; }

// Free text inside gnuplot's single quotes, where nothing but the quote itself is special.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "'";
}

double value_at(const std::vector<double>& values, std::size_t k) {
  return values.empty() ? NAN : values[k];
}

std::string cell(double value) { return std::isfinite(value) ? round_trip(value) : "NaN"; }

// Evenly along the curve as it is drawn, so that a steep rise has its share.
std::vector<double> thinned_marks(const Curve& curve, const Axis& x, const Axis& y) {
  std::vector<double> places(curve.x.size(), NAN), result(curve.x.size(), NAN);
  double length = 0, last_x = NAN, last_y = NAN;
  for (std::size_t k = 0; k < curve.x.size(); ++k) {
    const double at_x = x.fraction(curve.x[k]), at_y = y.fraction(value_at(curve.measured, k));
    if (!std::isfinite(at_x) || !std::isfinite(at_y)) continue;
    if (std::isfinite(last_x)) length += std::hypot(at_x - last_x, at_y - last_y);
    places[k] = length, last_x = at_x, last_y = at_y;
  }
  for (double& place : places) place /= length > 0 ? length : 1;
  for (const std::size_t k : thinned(places, marks_per_curve)) result[k] = curve.measured[k];
  return result;
}

void write_block(std::ostream& out, const Curve& curve, const Layout& layout, bool relative) {
  const std::vector<double> deviation = deviations(curve, relative),
                            drawn = thinned_marks(curve, layout.x, layout.y);
  for (std::size_t k = 0; k < curve.x.size(); ++k)
    out << cell(curve.x[k]) << ' ' << cell(value_at(curve.measured, k)) << ' '
        << cell(value_at(curve.predicted, k)) << ' ' << cell(deviation[k]) << ' ' << cell(drawn[k])
        << ' ' << cell(value_at(curve.low, k)) << ' ' << cell(value_at(curve.high, k)) << '\n';
  if (curve.x.empty()) out << "NaN NaN NaN NaN NaN NaN NaN\n";  // keeps the count of blocks
}

// Writes the script; positions in pixels become fractions of the canvas.
class Script {
 public:
  Script(std::ostream& out, const Figure& figure, const Layout& layout)
      : out_(out), figure_(figure), layout_(layout) {}

  void write() {
    head();
    key();
    y_title(figure_.y_label, layout_.panels.front().main);
    if (layout_.has_deviation) y_title("deviation", layout_.panels.front().deviation);
    std::size_t block = 0;
    for (std::size_t p = 0; p < layout_.panels.size(); ++p) {
      main_panel(p, block);
      if (layout_.has_deviation) deviation_panel(p, block);
      block += figure_.panels[p].curves.size();
    }
    out_ << "unset multiplot\n";
  }

 private:
  std::string at(double x, double y) const {
    std::ostringstream text;
    text << "screen " << x / layout_.width << ", screen " << y / layout_.height;
    return text.str();
  }

  void head() {
    out_ << "# " << figure_.name << ": theory as lines, measurement as marks. Redraw with\n"
         << "#   gnuplot " << figure_.name << ".gp\n"
         << "# Columns of the data: x, measured, predicted, deviation, mark, band from, to.\n"
         << "set encoding utf8\n"
         << "set terminal svg size " << std::ceil(layout_.width) << ',' << std::ceil(layout_.height)
         << " dynamic enhanced font 'Helvetica,15' background 'white'\n"
         << "set output '" << figure_.name << ".svg'\n"
         << "data = '" << figure_.name << ".dat'\n"
         << "set datafile missing 'NaN'\n"
         << "unset key\n"
         << "set border 3 lw 1 lc rgb '" << grey << "'\n"
         << "set tics nomirror out scale 0.7,0.35 textcolor rgb 'black'\n"
         << "set multiplot\n";
  }

  // A line and a mark with their meanings, right-aligned above the panels.
  void key() {
    const double y = layout_.height - 20;
    double x = layout_.panels.front().main.left;
    if (layout_.has_predicted) {
      out_ << "set arrow from " << at(x, y) << " to " << at(x + 28, y) << " nohead lw 2.5 lc rgb '"
           << grey << "'\n";
      key_text("theory", x += 34, y);
      x += 66;
    }
    if (layout_.has_measured) {
      out_ << "set label '' at " << at(x, y) << " point pt 6 ps 0.7 lw 1.4 lc rgb '" << grey
           << "'\n";
      key_text("measured", x += 12, y);
      x += 84;
    }
    if (!figure_.level_meaning.empty()) {
      out_ << "set arrow from " << at(x, y) << " to " << at(x + 28, y)
           << " nohead lw 1.2 dt 2 lc rgb '" << grey << "'\n";
      key_text(figure_.level_meaning, x += 34, y);
      x += 9.0 * double(figure_.level_meaning.size()) + 12;
    }
    if (layout_.has_deviation)
      key_text(figure_.relative_deviation ? "below: measured / theory \u2212 1"
                                          : "below: measured \u2212 theory",
               x, y);
  }

  void key_text(const std::string& text, double x, double y) {
    out_ << "set label '" << text << "' at " << at(x, y) << " left textcolor rgb '" << grey
         << "'\n";
  }

  void y_title(const std::string& text, const Frame& frame) {
    out_ << "set label " << quoted(text) << " at " << at(16, (frame.bottom + frame.top) / 2)
         << " center rotate by 90 noenhanced\n";
  }

  void frame(const Frame& f) {
    out_ << "set lmargin at screen " << f.left / layout_.width << "; set rmargin at screen "
         << f.right / layout_.width << "; set bmargin at screen " << f.bottom / layout_.height
         << "; set tmargin at screen " << f.top / layout_.height << '\n';
  }

  void axis(const char* name, const Axis& a, bool labelled) {
    out_ << (a.log ? "set" : "unset") << " logscale " << name << '\n'
         << "set " << name << "range [" << round_trip(a.low) << ':' << round_trip(a.high) << "]\n"
         << "set " << name << "tics (";
    const char* separator = "";
    for (const Tic& tic : a.tics) {
      out_ << separator << '\'' << (labelled ? tic.label : "") << "' " << round_trip(tic.value)
           << (tic.label.empty() ? " 1" : "");
      separator = ", ";
    }
    out_ << ")\n";
  }

  void x_title(const Frame& f) {
    out_ << "set label " << quoted(figure_.x_label) << " at "
         << at((f.left + f.right) / 2, f.bottom - 48) << " center noenhanced\n";
  }

  void panel_title(const std::string& text, const Frame& f) {
    if (text.empty()) return;
    out_ << "set label " << quoted(text) << " at " << at((f.left + f.right) / 2, f.top + 14)
         << " center noenhanced font 'Helvetica Bold,15'\n";
  }

  void end_label(const EndLabel& label) {
    const std::string paint = "rgb '" + colour(label.style) + "'";
    out_ << "set arrow from " << at(label.end_x + 3, label.end_y) << " to "
         << at(label.text_x - 3, label.text_y) << " nohead lw 1 lc " << paint << '\n'
         << "set label " << quoted(label.text) << " at " << at(label.text_x, label.text_y)
         << " left noenhanced textcolor " << paint << '\n';
  }

  // There is no key to show it in, but a browser shows it under the pointer.
  static std::string title(const Curve& curve, const char* what) {
    return " title " + quoted(curve.label + " " + what) + " noenhanced";
  }

  // Labels and arrows belong to the next plot only.
  void plot(const std::string& curves) {
    out_ << "plot " << (curves.empty() ? "NaN" : curves) << "\nunset label\nunset arrow\n\n";
  }

  void draw(const Level& level, const Frame& f) {
    const double height = layout_.y.fraction(level.value);
    if (!(height >= 0 && height <= 1)) return;
    const double y = f.bottom + height * (f.top - f.bottom);
    out_ << "set arrow from " << at(f.left, y) << " to " << at(f.right, y)
         << " nohead back lw 1.2 dt 2 lc rgb '" << grey << "'\n"
         << "set label " << quoted(level.label) << " at " << at(f.left + 6, y + 9)
         << " left noenhanced textcolor rgb '" << grey << "'\n";
  }

  // Behind all lines and marks.
  std::string bands(std::size_t p, std::size_t block) const {
    std::ostringstream text;
    for (const Curve& curve : figure_.panels[p].curves) {
      if (!curve.low.empty())
        text << (text.tellp() > 0 ? ", \\\n     " : "") << "data index " << block
             << " using 1:6:7 with filledcurves fs transparent solid 0.2 noborder lc rgb '"
             << colour(layout_.style_of(curve.label)) << '\'' << title(curve, "band");
      ++block;
    }
    return text.str();
  }

  void main_panel(std::size_t p, std::size_t block) {
    const PanelLayout& place = layout_.panels[p];
    out_ << "\n# " << quoted(figure_.panels[p].title) << '\n';
    frame(place.main);
    axis("x", layout_.x, !layout_.has_deviation);
    axis("y", layout_.y, p == 0);
    panel_title(figure_.panels[p].title, place.main);
    if (!layout_.has_deviation) x_title(place.main);
    for (const EndLabel& label : place.labels) end_label(label);
    for (const Level& level : figure_.panels[p].levels) draw(level, place.main);
    std::ostringstream curves;
    curves << bands(p, block);
    for (const Curve& curve : figure_.panels[p].curves) {
      const std::size_t style = layout_.style_of(curve.label), round = style / palette.size() % 3;
      const std::string paint = " lc rgb '" + colour(style) + "'";
      curves << (curves.tellp() > 0 ? ", \\\n     " : "") << "data index " << block
             << " using 1:3 with lines "
             << (curve.context ? "lw 1 lc rgb '" + std::string(pale) + "'"
                               : "lw 2.2 dt " + std::to_string(dashes[round]) + paint)
             << title(curve, curve.context ? "" : "theory") << ", \\\n     data index " << block
             << " using 1:5 with points pt " << marks[round] << " ps 0.7 lw 1.5" << paint
             << title(curve, "measured");
      ++block;
    }
    plot(curves.str());
  }

  void deviation_panel(std::size_t p, std::size_t block) {
    const PanelLayout& place = layout_.panels[p];
    frame(place.deviation);
    axis("x", layout_.x, true);
    axis("y", layout_.deviation, p == 0);
    x_title(place.deviation);
    std::ostringstream curves;
    curves << "0 with lines lw 1 lc rgb '" << pale << '\'';
    for (const Curve& curve : figure_.panels[p].curves)
      curves << ", \\\n     data index " << block++ << " using 1:4 with lines lw 1.3 lc rgb '"
             << colour(layout_.style_of(curve.label)) << '\'' << title(curve, "deviation");
    plot(curves.str());
  }

  std::ostream& out_;
  const Figure& figure_;
  const Layout& layout_;
};

}  // namespace

std::string plot_data(const Figure& figure) {
  const Layout layout = layout_of(figure);
  std::ostringstream out;
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) {
      out << "# " << quoted(panel.title) << ' ' << quoted(curve.label)
          << "\n# x measured predicted deviation mark low high\n";
      write_block(out, curve, layout, figure.relative_deviation);
      out << "\n\n";
    }
  return out.str();
}

std::string plot_script(const Figure& figure) {
  const Layout layout = layout_of(figure);
  std::ostringstream out;
  Script(out, figure, layout).write();
  return out.str();
}

}  // namespace hourglass
