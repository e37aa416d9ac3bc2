#include <hourglass/core/error.hpp>
#include <hourglass/report/figure.hpp>
#include <hourglass/report/file.hpp>
#include <hourglass/report/gnuplot.hpp>
#include <hourglass/report/plot.hpp>

#include <algorithm>
#include <cctype>

namespace hourglass {
namespace {

[[noreturn]] void fail(const Figure& figure, const std::string& what) {
  throw ArgumentError("figure '" + figure.name + "': " + what);
}

// The name becomes part of file names and of the script.
void check_name(const Figure& figure) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  if (figure.name.empty() || !std::all_of(figure.name.begin(), figure.name.end(), allowed))
    fail(figure, "the name may consist of letters, digits, '-' and '_'");
}

void check_curve(const Figure& figure, const Curve& curve) {
  for (const auto* values : {&curve.measured, &curve.predicted, &curve.low, &curve.high})
    if (!values->empty() && values->size() != curve.x.size())
      fail(figure, "curve '" + curve.label + "' has " + std::to_string(curve.x.size()) +
                       " places and " + std::to_string(values->size()) + " values");
  if (curve.low.empty() != curve.high.empty())
    fail(figure, "curve '" + curve.label + "' has only one edge of a band");
}

void check(const Figure& figure) {
  check_name(figure);
  if (figure.panels.empty()) fail(figure, "has no panels");
  if (figure.y_min >= figure.y_max) fail(figure, "y_min is not below y_max");
  if (figure.log_y && (figure.y_min <= 0 || figure.y_max <= 0))
    fail(figure, "a logarithmic axis needs positive y_min and y_max");
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) check_curve(figure, curve);
}

// gnuplot may end well with half a drawing, on a full disk for example.
void check_whole(const std::filesystem::path& svg) {
  if (read_file(svg).find("</svg>") == std::string::npos)
    throw SystemError("gnuplot left half a drawing in " + svg.filename().string());
}

}  // namespace

std::filesystem::path write_figure(const Figure& figure, const std::filesystem::path& folder) {
  check(figure);
  const std::string svg = figure.name + ".svg", script = figure.name + ".gp",
                    data = figure.name + ".dat";
  const StagingFolder staging(folder);
  write_file(staging.path() / data, plot_data(figure));
  write_file(staging.path() / script, plot_script(figure));
  run_gnuplot(staging.path(), script);
  check_whole(staging.path() / svg);
  for (const auto& name : {data, script, svg}) staging.publish(name);
  return folder / svg;
}

}  // namespace hourglass
