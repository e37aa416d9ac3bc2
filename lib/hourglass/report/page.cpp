#include <hourglass/core/error.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/write.hpp>

#include <locale>
#include <map>
#include <sstream>

namespace hourglass {
namespace {

// The page's style sheet: light in any browser setting, wide parts scroll on small screens and
// shrink on paper.
constexpr const char* page_style = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f6; color: #1c1e21;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 1.05rem; font-weight: 600; color: #555b63; margin: 0 0 8px; }
h2 { font-size: 1.05rem; margin: 0 0 10px; }
header { margin: 0 0 20px; }
.answer { font-size: 1.35rem; line-height: 1.35; font-weight: 600; margin: 0 0 8px;
  padding-left: 14px; border-left: 5px solid #a3a9b0; max-width: 60rem; }
.answer.good { border-color: #009e73; }
.answer.bad { border-color: #c04a00; }
.answer small { color: #555b63; font-weight: 400; font-size: 1rem; white-space: nowrap; }
.question, .remark { color: #555b63; margin: 8px 0 0; }
.remark { font-size: .85rem; }
figure, section { background: #fff; border: 1px solid #dfe2e5; border-radius: 8px;
  padding: 16px; margin: 0 0 16px; }
figcaption { color: #555b63; font-size: .9rem; margin-top: 8px; }
.scroll { overflow-x: auto; }
sup { line-height: 0; }
figure svg { display: block; width: 100%; min-width: 640px; max-width: 1280px; height: auto;
  margin: 0 auto; }
.pixels { display: block; max-width: 100%; height: auto; margin: 0 auto; image-rendering: pixelated; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
.numbers { width: 100%; white-space: nowrap; font-size: .85rem; }
.numbers th, .numbers td { text-align: right; padding: 5px; }
.numbers th { font-weight: 600; color: #555b63; font-size: .8rem; vertical-align: bottom; }
.numbers .group { text-align: center; border-bottom: 1px solid #c9cdd2; }
.numbers .name { text-align: left; }
.numbers tbody tr { border-top: 1px solid #eceef0; }
.numbers small { color: #6b7178; }
td.open { color: #666; }
td.good { color: #00694d; }
td.bad { color: #a63f00; font-weight: 600; }
.settings { width: 100%; }
.settings th { text-align: left; font-weight: 500; color: #555b63; padding: 3px 16px 3px 0;
  vertical-align: top; width: 14rem; }
.settings td { padding: 3px 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 12px; background: #f4f5f6; border-radius: 6px; font-size: .85rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 20px; overflow-wrap: anywhere; }
a { color: #005a8f; }
@media (max-width: 600px) {
  .answer { font-size: 1.15rem; }
  .settings th { width: 8rem; }
}
@media print {
  body { background: #fff; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  figure, section { border: 0; padding: 0; break-inside: avoid; }
  sup { line-height: 0; }
figure svg { min-width: 0; }
  .scroll { overflow: visible; }
  .numbers { font-size: 6.5pt; }
  .numbers th { font-size: 6.5pt; white-space: normal; }
  .numbers th, .numbers td { padding: 2px; }
}
)css";

// Text for HTML, between tags or inside a quoted attribute. Control characters become spaces.
std::string escaped(const std::string& text) {
  static const std::map<char, std::string> names{
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
  std::string result;
  for (const char c : text) {
    const auto name = names.find(c);
    const bool shows = static_cast<unsigned char>(c) >= ' ' || c == '\n';
    result += name != names.end() ? name->second : std::string(1, shows ? c : ' ');
  }
  return result;
}

std::string with_minus(const std::string& number) {
  return number.starts_with('-') ? "\u2212" + number.substr(1) : number;
}

// rounded(value) with a true minus sign and raised exponents; a dash for NaN.
std::string number_markup(double value, int digits = 4) {
  if (std::isnan(value)) return "\u2013";
  if (std::isinf(value)) return value < 0 ? "\u2212\u221e" : "\u221e";
  const std::string text = rounded(value, digits);
  const Scientific parts = split_exponent(text);
  if (parts.exponent == 0) return with_minus(text);
  return with_minus(parts.mantissa) + "\u00d710<sup>" + with_minus(std::to_string(parts.exponent)) +
         "</sup>";
}

// A drawing as a part of the page. Its marks are defined under the same names in every drawing:
// here they all start with `prefix`.
std::string inlined(const std::string& svg, const std::string& prefix) {
  const std::size_t start = svg.find("<svg");
  if (start == std::string::npos) throw ArgumentError("the drawing has no <svg> element");
  std::string text;
  bool in_tag = false;
  for (std::size_t at = start; at < svg.size(); ++at) {
    text += svg[at];
    in_tag = svg[at] == '<' || (in_tag && svg[at] != '>');
    for (const char* name_follows : {" id='", " id=\"", "href='#", "href=\"#", "url(#"})
      if (in_tag && text.ends_with(name_follows)) text += prefix;
  }
  return text;
}

void write_head(std::ostream& out, const std::string& title) {
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
      << escaped(title) << "</title>\n<style>" << page_style << "</style>\n</head>\n";
}

// The class that colours a verdict.
const char* class_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::agrees:
      return "good";
    case Verdict::disagrees:
      return "bad";
    case Verdict::not_judged:
      break;
  }
  return "open";
}

// The count of what is judged follows, where the answer does not have it.
void write_answer(std::ostream& out, const Run& run, const std::string& title) {
  const std::string answer = run.answer.empty() ? answer_of(run.comparison) : run.answer;
  const Tally tally = run.comparison.tally();
  const std::string count = judged_of(tally);
  out << "<header>\n<h1>" << escaped(title) << "</h1>\n<p class=\"answer "
      << class_of(tally.verdict()) << "\">" << escaped(answer);
  if (answer.find(count) == std::string::npos) out << " <small>(" << count << ")</small>";
  out << "</p>\n";
  if (!run.question.empty()) out << "<p class=\"question\">" << escaped(run.question) << "</p>\n";
  out << "</header>\n";
}

void write_figures(std::ostream& out, const Run& run, const std::vector<std::string>& drawings) {
  for (std::size_t k = 0; k < drawings.size(); ++k) {
    const Figure& figure = run.figures[k];
    const std::string described =
        figure.caption.empty() ? figure.y_label + " by " + figure.x_label : figure.caption;
    // numbered too: two figures may carry the same name
    out << "<figure>\n<div class=\"scroll\" role=\"img\" aria-label=\"" << escaped(described)
        << "\">" << inlined(drawings[k], figure.name + "-" + std::to_string(k) + "-") << "</div>\n";
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
  out << "<thead>\n<tr><th colspan=\"2\"></th>";
  for (const std::string& name : names) {
    std::string unit;
    for (const Agreement& a : comparison.agreements)
      if (const Quantity* q = find_quantity(a, name); q && unit.empty()) unit = q->unit;
    out << "<th colspan=\"3\" class=\"group\">" << escaped(name)
        << (unit.empty() ? "" : " <small>(" + escaped(unit) + ")</small>") << "</th>";
  }
  out << "<th colspan=\"2\" class=\"group\">largest along the curve</th></tr>\n<tr>"
      << "<th class=\"name\">series</th><th>index</th>";
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

// A deviation in the colour of its verdict, which its small print says too.
void write_deviation(std::ostream& out, double deviation, double tolerance, bool relative,
                     Verdict verdict) {
  out << "<td class=\"" << class_of(verdict) << "\">" << share(deviation, relative);
  if (verdict == Verdict::not_judged)
    out << (std::isnan(deviation) ? "" : " <small>not judged</small>");
  else
    out << " <small>" << (verdict == Verdict::agrees ? "within " : "beyond ")
        << share(tolerance, relative) << "</small>";
  out << "</td>";
}

void write_quantity(std::ostream& out, const Quantity* q) {
  if (!q) {
    out << "<td></td><td></td><td></td>";
    return;
  }
  out << "<td>" << number_markup(q->measured) << "</td><td>" << number_markup(q->predicted)
      << "</td>";
  write_deviation(out, q->deviation(), q->tolerance, q->relative, q->verdict());
}

void write_row(std::ostream& out, const Agreement& a, const std::vector<std::string>& names) {
  out << "<tr><td class=\"name\">" << escaped(a.column.series) << "</td><td>"
      << (a.column.index == 0 ? "" : std::to_string(a.column.index)) << "</td>";
  for (const std::string& name : names) write_quantity(out, find_quantity(a, name));
  write_deviation(out, a.max_abs_deviation, a.tolerance, false, a.curve_verdict());
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
         "predicted value. Small print says whether it is within its tolerance.</p>\n</section>\n";
}

void write_setting(std::ostream& out, const std::string& name, const std::string& value) {
  out << "<tr><th>" << escaped(name) << "</th><td>" << escaped(value) << "</td></tr>\n";
}

void write_settings(std::ostream& out, const Run& run) {
  out << "<section>\n<h2>Settings</h2>\n<table class=\"settings\">\n";
  for (const Setting& s : run.config) write_setting(out, s.name, text_of(s.value));
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
  out.imbue(std::locale::classic());  // a width of 1,000 is none
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
