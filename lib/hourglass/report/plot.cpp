#include <hourglass/report/number.hpp>
#include <hourglass/report/placement.hpp>
#include <hourglass/report/plot.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <locale>
#include <map>
#include <sstream>

namespace hourglass {
namespace {

// Okabe and Ito's palette without its yellow, which is too faint for lines on white.
constexpr std::array<const char*, 7> palette{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                             "#E69F00", "#56B4E9", "#000000"};
// A second round of colours gets squares and dashes, a third triangles and dots.
constexpr std::array<int, 3> points{6, 4, 8}, dashes{1, 2, 3};
constexpr const char *grey = "rgb '#666666'", *pale = "rgb '#BBBBBB'";
constexpr std::size_t marks_per_curve = 40;

// Pixels, for text of 15 pixels: readable at half size.
constexpr double glyph = 7.8, label_gap = 17, leader = 20, top = 62, bottom = 60, main_height = 262,
                 deviation_height = 74, between = 16;

// Free text as a string of gnuplot: what is special inside double quotes is written in octal.
// (Inside single quotes an apostrophe cannot stand first, nor two together.)
std::string quoted(const std::string& text) {
  static const std::map<char, std::string> special{
      {'"', "\\042"}, {'\\', "\\134"}, {'`', "\\140"}, {'@', "\\100"}};
  std::string result = "\"";
  for (const char c : text) {
    const auto found = special.find(c);
    result += found != special.end()
                  ? found->second
                  : std::string(1, static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  }
  return result + '"';
}

double width_of(const std::string& text) {
  return glyph * static_cast<double>(std::count_if(text.begin(), text.end(), [](unsigned char c) {
           return (c & 0xc0) != 0x80;  // a character of UTF-8
         }));
}

// Digits that tell ten tics of a linear axis apart.
int digits_of(const Axis& axis) {
  const double ratio = std::max(std::abs(axis.low), std::abs(axis.high)) / (axis.high - axis.low);
  return std::clamp(3 + static_cast<int>(std::floor(std::log10(ratio))), 6, 17);
}

// 0.04 of 0.047.
double first_digit(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  return std::floor(value / power * (1 + 1e-9)) * power;
}

double tic_width(const Axis& axis) {
  if (axis.log) return 4 * glyph;
  const double step = round_down((axis.high - axis.low) / 5);
  double widest = 0;
  for (const double places : {axis.low / step, 1.0, axis.high / step}) {
    const std::string text = rounded(std::trunc(places) * step, digits_of(axis));
    widest = std::max(widest, width_of(text) + (text.find('e') == text.npos ? 0 : 2 * glyph));
  }
  return widest;
}

double decades_of(const Axis& axis) { return std::log10(axis.high) - std::log10(axis.low); }

std::string format_of(const Axis& axis) {
  if (axis.log) {
    const bool plain = decades_of(axis) < 2 || (axis.low >= 1e-3 && axis.high < 1e4);
    return plain ? "'%h'" : "'10^{%T}'";
  }
  const int digits = digits_of(axis);
  return digits == 6 ? "'%h'" : "'%." + std::to_string(digits) + "h'";
}

// The commands for an axis called x or y. On a short logarithmic one 2 and 5 are labelled too, on a
// long one minor tics would run together. gnuplot steps well by itself, but from 9 to 30 decades,
// where it labels too many.
std::string axis_of(const std::string& name, const Axis& axis, std::string tics = "autofreq") {
  const double decades = axis.log ? decades_of(axis) : NAN;
  if (decades > 8 && decades < 30) tics = "1e" + std::to_string(1 + static_cast<int>(decades / 8));
  std::string text = "unset logscale " + name + "; set " + name + "range [" + round_trip(axis.low) +
                     ":" + round_trip(axis.high) + "]";
  if (axis.log) text += "; set logscale " + name;
  text += "; set " + name + "tics " + tics;
  if (decades < 2)
    text += "; set for [e=" + round_trip(std::floor(std::log10(axis.low))) + ":" +
            round_trip(std::floor(std::log10(axis.high))) + "] for [m in '2 5'] " + name +
            "tics add (m*10.**e)";
  if (decades > 8) text += "; unset m" + name + "tics";
  return text;
}

std::string x_axis_of(const Figure& figure, const Axis& axis) {
  if (axis.log) return axis_of("x", axis);
  const int tics = figure.panels.size() > 1 ? 3 : 5;  // as many as wide labels leave room for
  return axis_of("x", axis, round_trip(round_down((axis.high - axis.low) / tics * 1.5)));
}

bool any(const Figure& figure, std::vector<double> Curve::*values) {
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves)
      for (const double value : curve.*values)
        if (std::isfinite(value)) return true;
  return false;
}

std::string key_of(const Figure& figure, bool has_deviation) {
  std::string text;
  if (any(figure, &Curve::predicted)) text += "\u2501\u2501  theory    ";
  if (any(figure, &Curve::measured)) text += "\u25cb  measured    ";
  if (!figure.level_meaning.empty()) text += "\u2013 \u2013  " + figure.level_meaning + "    ";
  if (has_deviation) text += "below: measured ";
  if (has_deviation) text += figure.relative_deviation ? "/ theory \u2212 1" : "\u2212 theory";
  return text;
}

double label_width(const Figure& figure) {
  double widest = 0;
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) widest = std::max(widest, width_of(curve.label));
  return widest > 0 ? widest + leader : 0;
}

double panel_width(const Figure& figure) {
  constexpr std::array<double, 4> widths{520, 360, 270, 230};
  return widths[std::min(figure.panels.size(), widths.size()) - 1];
}

double value_at(const std::vector<double>& values, std::size_t k) {
  return values.empty() ? NAN : values[k];
}

std::string cell(double value) { return std::isfinite(value) ? round_trip(value) : "NaN"; }

// What the panels of a figure share.
struct Sheet {
  explicit Sheet(const Figure& drawn) : figure(drawn) {
    for (const Panel& panel : figure.panels)
      for (const Curve& curve : panel.curves)
        if (!curve.context && std::find(names.begin(), names.end(), curve.label) == names.end())
          names.push_back(curve.label);
  }

  const Figure& figure;
  Axis x = x_axis(figure), y = y_axis(figure);
  double worst = largest_deviation(figure);
  bool has_deviation = !std::isnan(worst);
  double scale = worst > 0 ? worst : 1;  // of the deviation
  Axis deviation{-1.2 * scale, 1.2 * scale, false};
  std::vector<std::string> names;  // of curves in order of appearance: their linetypes 1, 2, ...

  // Of lines, marks and text.
  std::string style_of(const Curve& curve) const {
    if (curve.context) return std::string("lc ") + pale;
    const auto found = std::find(names.begin(), names.end(), curve.label);
    return "lt " + std::to_string(1 + (found - names.begin()));
  }
};

void write_head(std::ostream& out, const Sheet& sheet) {
  const std::string& name = sheet.figure.name;
  out << "# " << name << ": theory as lines, measurement as marks. Redraw with\n"
      << "#   gnuplot " << name << ".gp\n"
      << "# Columns of the data: x, measured, predicted, deviation, mark, band from, to.\n"
      << "data = '" << name << ".dat'\n"
      << "x_title = " << quoted(sheet.figure.x_label) << '\n'
      << "y_title = " << quoted(sheet.figure.y_label) << "\n\n"
      << "# A colour, dash and mark for each name, the same in all panels.\n";
  for (std::size_t k = 0; k < sheet.names.size(); ++k) {
    const std::size_t round = k / palette.size() % points.size();
    out << "set linetype " << k + 1 << " lc rgb '" << palette[k % palette.size()] << "' dt "
        << dashes[round] << " pt " << points[round] << " ps 0.7 lw 1.5  # "
        << quoted(sheet.names[k]) << '\n';
  }
  out << "\nset encoding utf8\n"
      << "set datafile missing 'NaN'\n"
      << "set minussign\n"
      << "unset key\n"
      << "set border 3 lw 1 lc " << grey << '\n'
      << "set tics nomirror out scale 0.7,0.35 textcolor rgb 'black'\n"
      << x_axis_of(sheet.figure, sheet.x) << '\n';
}

// In gnuplot's layout all rows are equally high: the edges between the two of a panel are set
// apart.
void write_layout(std::ostream& out, const Sheet& sheet) {
  const auto panels = static_cast<int>(sheet.figure.panels.size());
  const double tics =
      std::max(tic_width(sheet.y), sheet.has_deviation ? tic_width(sheet.deviation) : 0);
  const double left = 56 + tics, right = 22 + label_width(sheet.figure);
  const double width = std::ceil(left + panels * (panel_width(sheet.figure) + right));
  const double below = sheet.has_deviation ? deviation_height + between : 0;
  const double height = bottom + below + main_height + top;
  const auto share = [](double part, double whole) { return rounded(part / whole, 5); };
  out << "set terminal svg name '" << sheet.figure.name << "' size " << rounded(width) << ','
      << rounded(height) << " dynamic enhanced font 'Helvetica,15' background 'white'\n"
      << "set output '" << sheet.figure.name << ".svg'\n"
      << "set multiplot layout " << (sheet.has_deviation ? 2 : 1) << ',' << panels
      << " columnsfirst margins screen " << share(left, width) << ", "
      << share(width - right, width) << ", " << share(bottom, height) << ", "
      << share(height - top, height) << " spacing screen " << share(right, width) << ", 0\n"
      << "set label " << quoted(key_of(sheet.figure, sheet.has_deviation)) << " at screen "
      << share(left, width) << ", screen 1 offset 0,-0.9 noenhanced textcolor " << grey << '\n';
  const std::string x_titled =
      "set xlabel x_title noenhanced offset 0,0.8; set format x " + format_of(sheet.x);
  const std::string y = axis_of("y", sheet.y);
  if (!sheet.has_deviation) {
    out << "main = \"" << y << "; " << x_titled << "\"\n\n";
    return;
  }
  const std::string tic = rounded(first_digit(sheet.scale), 6);
  out << "main = \"" << y << "; unset xlabel; set format x ''; set bmargin at screen "
      << share(bottom + below, height) << "\"\n"
      << "deviation = \"" << axis_of("y", sheet.deviation, "(-" + tic + ", 0, " + tic + ")") << "; "
      << x_titled << "; unset title; set tmargin at screen "
      << share(bottom + deviation_height, height) << "\"\n\n";
}

// The first column carries titles and tics for all.
void write_y_side(std::ostream& out, bool first, const std::string& title, const Axis& axis) {
  out << "set format y " << (first ? format_of(axis) : "''") << '\n';
  if (first) out << "set label " << title << " at char 1.5, graph 0.5 center rotate noenhanced\n";
}

void write_end_label(std::ostream& out, const Sheet& sheet, const EndLabel& label) {
  const std::string style = sheet.style_of(*label.curve);
  const std::string ink = label.curve->context ? grey : style;
  const double panel = panel_width(sheet.figure);
  const auto across = [](double part) { return "graph " + rounded(part, 5); };
  const auto up = [&](double part) {
    return ", first " + rounded(sheet.y.value_at(part), digits_of(sheet.y));
  };
  out << "set arrow from " << across(label.x + 3 / panel) << up(label.y) << " to "
      << across(1 + (leader - 3) / panel) << up(label.text_y) << " nohead " << style << " lw 1 dt 1"
      << "\nset label " << quoted(label.curve->label) << " at " << across(1 + leader / panel)
      << up(label.text_y) << " left noenhanced textcolor " << ink << '\n';
}

void write_level(std::ostream& out, const Sheet& sheet, const Level& level) {
  const double height = sheet.y.fraction(level.value);
  if (!(height >= 0 && height <= 1)) return;
  const std::string up = ", first " + round_trip(level.value);
  out << "set arrow from graph 0" << up << " to graph 1" << up << " nohead back lw 1.2 dt 2 lc "
      << grey << "\nset label " << quoted(level.label) << " at graph 0" << up
      << " left offset 0.6,0.4 noenhanced textcolor " << grey << '\n';
}

// One more curve of a plot. There is no key to show its title in, but a browser shows it under the
// pointer.
void write_curve(std::ostream& out, std::size_t block, const std::string& how,
                 const std::string& title) {
  out << ", \\\n     data index " << block << " using " << how << " title " << quoted(title)
      << " noenhanced";
}

// Labels and arrows belong to one plot only.
constexpr const char* end_of_plot = "\nunset label; unset arrow\n\n";

void write_main(std::ostream& out, const Sheet& sheet, std::size_t p, std::size_t block) {
  const Panel& panel = sheet.figure.panels[p];
  out << "eval main\nset title " << quoted(panel.title)
      << " noenhanced font 'Helvetica Bold,15' offset 0,-0.75\n";
  write_y_side(out, p == 0, "y_title", sheet.y);
  for (const EndLabel& label : end_labels(panel, sheet.x, sheet.y, label_gap / main_height))
    write_end_label(out, sheet, label);
  for (const Level& level : panel.levels) write_level(out, sheet, level);
  out << "plot NaN notitle";  // there may be no curve
  for (std::size_t k = 0; k < panel.curves.size(); ++k)
    if (const Curve& c = panel.curves[k]; !c.low.empty())
      write_curve(out, block + k,
                  "1:6:7 with filledcurves fs transparent solid 0.2 noborder " + sheet.style_of(c),
                  c.label + " band");
  for (const Curve& c : panel.curves) {
    const std::string style = sheet.style_of(c);
    write_curve(out, block, "1:3 with lines " + style + (c.context ? " lw 1" : " lw 2.2"),
                c.label + (c.context ? "" : " theory"));
    write_curve(out, block++, "1:5 with points " + style + " dt 1", c.label + " measured");
  }
  out << end_of_plot;
}

void write_deviation(std::ostream& out, const Sheet& sheet, std::size_t p, std::size_t block) {
  out << "eval deviation\n";
  write_y_side(out, p == 0, "'deviation'", sheet.deviation);
  out << "plot 0 with lines lw 1 lc " << pale << " notitle";
  for (const Curve& c : sheet.figure.panels[p].curves)
    write_curve(out, block++, "1:4 with lines " + sheet.style_of(c) + " lw 1.3 dt 1",
                c.label + " deviation");
  out << end_of_plot;
}

void write_block(std::ostream& out, const Curve& curve, const Sheet& sheet) {
  const std::vector<double> deviation = deviations(curve, sheet.figure.relative_deviation),
                            drawn = marks(curve, sheet.x, sheet.y, marks_per_curve);
  for (std::size_t k = 0; k < curve.x.size(); ++k)
    out << cell(curve.x[k]) << ' ' << cell(value_at(curve.measured, k)) << ' '
        << cell(value_at(curve.predicted, k)) << ' ' << cell(deviation[k]) << ' ' << cell(drawn[k])
        << ' ' << cell(value_at(curve.low, k)) << ' ' << cell(value_at(curve.high, k)) << '\n';
  if (curve.x.empty()) out << "NaN NaN NaN NaN NaN NaN NaN\n";  // keeps the count of blocks
}

}  // namespace

std::string plot_data(const Figure& figure) {
  const Sheet sheet(figure);
  std::ostringstream out;
  out.imbue(std::locale::classic());
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) {
      out << "# " << quoted(panel.title) << ' ' << quoted(curve.label)
          << "\n# x measured predicted deviation mark low high\n";
      write_block(out, curve, sheet);
      out << "\n\n";
    }
  return out.str();
}

std::string plot_script(const Figure& figure) {
  const Sheet sheet(figure);
  std::ostringstream out;
  out.imbue(std::locale::classic());
  write_head(out, sheet);
  write_layout(out, sheet);
  std::size_t block = 0;
  for (std::size_t p = 0; p < figure.panels.size(); ++p) {
    write_main(out, sheet, p, block);
    if (sheet.has_deviation) write_deviation(out, sheet, p, block);
    block += figure.panels[p].curves.size();
  }
  out << "unset multiplot\n";
  return out.str();
}

}  // namespace hourglass
