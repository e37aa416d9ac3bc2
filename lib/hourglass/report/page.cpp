#include <hourglass/core/error.hpp>
#include <hourglass/report/markup.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/page.hpp>
#include <hourglass/report/page_style.hpp>
#include <hourglass/report/svg.hpp>

#include <sstream>

namespace hourglass {
namespace {

void write_head(std::ostream& out, const std::string& title) {
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
      << escaped(title) << "</title>\n<style>" << page_style << "</style>\n</head>\n";
}

void write_answer(std::ostream& out, const Run& run, const std::string& title) {
  const std::string answer = run.answer.empty() ? answer_of(run.comparison) : run.answer;
  out << "<header>\n<h1>" << escaped(title) << "</h1>\n<p class=\"answer "
      << (run.comparison.agrees() ? "good" : "bad") << "\">" << escaped(answer) << "</p>\n";
  if (!run.question.empty()) out << "<p class=\"question\">" << escaped(run.question) << "</p>\n";
  out << "</header>\n";
}

void write_figures(std::ostream& out, const Run& run, const std::vector<std::string>& drawings) {
  for (std::size_t k = 0; k < drawings.size(); ++k) {
    const Figure& figure = run.figures[k];
    const std::string described =
        figure.caption.empty() ? figure.y_label + " by " + figure.x_label : figure.caption;
    // numbered too: two figures may carry the same name
    out << "<figure>\n<div class=\"scroll\">"
        << inline_svg(drawings[k], figure.name + "-" + std::to_string(k) + "-", described)
        << "</div>\n";
    if (!figure.caption.empty())
      out << "<figcaption>" << escaped(figure.caption) << "</figcaption>\n";
    out << "</figure>\n";
  }
}

void write_pictures(std::ostream& out, const std::vector<Picture>& pictures) {
  for (const Picture& picture : pictures)
    out << "<figure>\n<div class=\"scroll\"><img class=\"pixels\" alt=\""
        << escaped(picture.caption) << "\" style=\"width: " << 2 * picture.width << "px\" src=\""
        << to_data_uri(picture) << "\"/></div>\n<figcaption>" << escaped(picture.caption)
        << "</figcaption>\n</figure>\n";
}

void write_table_head(std::ostream& out, const Comparison& comparison) {
  const std::vector<std::string> names = quantity_names(comparison);
  out << "<thead>\n<tr><th colspan=\"3\"></th>";
  for (const std::string& name : names) {
    std::string unit;
    for (const Agreement& a : comparison.agreements)
      if (const Quantity* q = find_quantity(a, name); q && unit.empty()) unit = q->unit;
    out << "<th colspan=\"3\" class=\"group\">" << escaped(name)
        << (unit.empty() ? "" : " <small>(" + escaped(unit) + ")</small>") << "</th>";
  }
  out << "<th colspan=\"2\" class=\"group\">largest along the curve</th></tr>\n<tr>"
      << "<th class=\"name\">series</th><th>index</th><th class=\"name\">verdict</th>";
  for (std::size_t k = 0; k < names.size(); ++k)
    out << "<th>measured</th><th>predicted</th><th>deviation</th>";
  out << "<th>deviation</th><th>at step</th></tr>\n"
      << "</thead>\n";
}

// A relative deviation as a percentage.
std::string share(double value, bool relative) {
  if (!relative || std::isnan(value)) return number_markup(value, 3);
  return number_markup(100 * value, 3) + "&#8239;%";
}

// A deviation beside its tolerance, marked where it is beyond it.
void write_deviation(std::ostream& out, double deviation, double tolerance, bool relative) {
  const bool is_judged = !std::isnan(deviation) && !std::isnan(tolerance);
  const bool too_far = is_judged && !(std::abs(deviation) <= tolerance);
  out << "<td" << (too_far ? " class=\"bad\"" : "") << ">" << share(deviation, relative);
  if (is_judged) out << " <small>of " << share(tolerance, relative) << "</small>";
  out << "</td>";
}

void write_quantity(std::ostream& out, const Quantity* q) {
  if (!q) {
    out << "<td></td><td></td><td></td>";
    return;
  }
  out << "<td>" << number_markup(q->measured) << "</td><td>" << number_markup(q->predicted)
      << "</td>";
  write_deviation(out, q->deviation(), q->tolerance, q->relative);
}

void write_row(std::ostream& out, const Agreement& a, const std::vector<std::string>& names) {
  out << "<tr><td class=\"name\">" << escaped(a.column.series) << "</td><td>"
      << (a.column.index == 0 ? "" : std::to_string(a.column.index)) << "</td><td class=\"name "
      << (!is_judged(a) ? "open"
          : a.agrees()  ? "good"
                        : "bad")
      << "\">"
      << (!is_judged(a) ? "not judged"
          : a.agrees()  ? "agrees"
                        : "disagrees")
      << "</td>";
  for (const std::string& name : names) write_quantity(out, find_quantity(a, name));
  write_deviation(out, a.max_abs_deviation, a.tolerance, false);
  out << "<td>" << number_markup(a.worst_step, 6) << "</td></tr>\n";
}

void write_comparisons(std::ostream& out, const Comparison& comparison) {
  if (comparison.agreements.empty()) return;
  const std::vector<std::string> names = quantity_names(comparison);
  out << "<section>\n<h2>Deviations</h2>\n<div class=\"scroll\"><table class=\"numbers\">\n";
  write_table_head(out, comparison);
  out << "<tbody>\n";
  for (const Agreement& agreement : comparison.agreements) write_row(out, agreement, names);
  out << "</tbody>\n</table></div>\n"
      << "<p class=\"remark\">A deviation is measured minus predicted; in percent, of the "
         "predicted "
         "value. Small print is its tolerance.</p>\n</section>\n";
}

void write_setting(std::ostream& out, const std::string& name, const std::string& value) {
  out << "<tr><th>" << escaped(name) << "</th><td>" << escaped(value) << "</td></tr>\n";
}

void write_settings(std::ostream& out, const Run& run) {
  out << "<section>\n<h2>Settings</h2>\n<table class=\"settings\">\n";
  for (const Setting& s : run.config) {
    const std::string value = text_of(s.value);
    write_setting(out, s.name, s.unit.empty() || value == "none" ? value : value + " " + s.unit);
  }
  if (!run.data.name.empty())
    write_setting(out, "data used",
                  run.data.name + ": " + std::to_string(run.data.samples) + " samples of " +
                      std::to_string(run.data.features) + " features, checksum " +
                      run.data.checksum);
  write_setting(
      out, "arithmetic",
      run.environment.precision + " precision, " + std::to_string(run.environment.threads) +
          " threads" +
          (run.environment.blas_core.empty() ? "" : ", BLAS for " + run.environment.blas_core));
  if (!std::isnan(run.wall_seconds))
    write_setting(out, "time", rounded(run.wall_seconds, 3) + " s");
  if (!std::isnan(run.steps_per_second))
    write_setting(out, "steps per second", rounded(run.steps_per_second, 3));
  write_setting(out, "version", run.app + " of hourglass " + run.version);
  out << "</table>\n</section>\n";
}

void write_notes(std::ostream& out, const std::vector<std::string>& notes) {
  if (notes.empty()) return;
  out << "<section>\n<h2>Notes</h2>\n<ul>\n";
  for (const std::string& note : notes) out << "<li>" << escaped(note) << "</li>\n";
  out << "</ul>\n</section>\n";
}

void write_link(std::ostream& out, const std::string& file, const std::string& what) {
  out << "<li><a href=\"" << escaped(file) << "\">" << escaped(file) << "</a>" << escaped(what)
      << "</li>\n";
}

void write_files(std::ostream& out, const Run& run) {
  out << "<section>\n<h2>Files beside this page</h2>\n<ul>\n";
  write_link(out, "trajectory.csv", ": every recorded value, measured and predicted");
  write_link(out, "summary.json", ": the settings and the comparisons above");
  for (const Figure& figure : run.figures) {
    const std::string stem = "figures/" + figure.name;
    write_link(out, stem + ".svg", ": the figure");
    write_link(out, stem + ".gp", ": the gnuplot script that draws it, to restyle");
    write_link(out, stem + ".dat", ": its data");
  }
  for (const Picture& picture : run.pictures)
    write_link(out, "figures/" + picture.name + ".png", ": the images");
  out << "</ul>\n</section>\n";
}

}  // namespace

std::string to_html(const Run& run, const std::vector<std::string>& drawings) {
  if (drawings.size() != run.figures.size())
    throw ArgumentError("page: found " + std::to_string(drawings.size()) + " drawings, expected " +
                        std::to_string(run.figures.size()));
  const std::string title = run.title.empty() ? run.app : run.title;
  std::ostringstream out;
  write_head(out, title);
  out << "<body>\n<main>\n";
  write_answer(out, run, title);
  write_figures(out, run, drawings);
  write_pictures(out, run.pictures);
  write_comparisons(out, run.comparison);
  write_notes(out, run.notes);
  write_settings(out, run);
  if (!run.command.empty())
    out << "<section>\n<h2>Command</h2>\n<pre>" << escaped(run.command) << "</pre>\n</section>\n";
  write_files(out, run);
  out << "</main>\n</body>\n</html>\n";
  return out.str();
}

}  // namespace hourglass
