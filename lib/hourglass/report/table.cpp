#include <hourglass/report/number.hpp>
#include <hourglass/report/run.hpp>
#include <hourglass/report/table.hpp>

#include <algorithm>
#include <ostream>

namespace hourglass {
namespace {

using Row = std::vector<std::string>;

// What a terminal shows of UTF-8 text: one cell a code point.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

std::string deviation_text(const Quantity& q) {
  if (!q.relative) return rounded(q.deviation(), 3);
  return std::isnan(q.deviation()) ? "-" : rounded(100 * q.deviation(), 3) + "%";
}

// Two lines: the quantity above its three columns.
std::vector<Row> headings(const std::vector<std::string>& quantities) {
  Row upper{"", ""}, lower{"series", "index"};
  for (const std::string& name : quantities) {
    upper.insert(upper.end(), {name, "", ""});
    lower.insert(lower.end(), {"measured", "predicted", "deviation"});
  }
  upper.insert(upper.end(), {"largest", "", ""});
  lower.insert(lower.end(), {"deviation", "tolerance", "ok"});
  return {upper, lower};
}

Row row_of(const Agreement& agreement, const std::vector<std::string>& quantities) {
  Row row{agreement.column.series,
          agreement.column.index == 0 ? "" : std::to_string(agreement.column.index)};
  for (const std::string& name : quantities) {
    const Quantity* q = find_quantity(agreement, name);
    if (q)
      row.insert(row.end(), {rounded(q->measured), rounded(q->predicted), deviation_text(*q)});
    else
      row.insert(row.end(), {"", "", ""});
  }
  row.insert(row.end(), {rounded(agreement.max_abs_deviation, 3), rounded(agreement.tolerance, 3),
                         !is_judged(agreement) ? "-"
                         : agreement.agrees()  ? "yes"
                                               : "NO"});
  return row;
}

// Names to the left, everything else to the right.
void print(std::ostream& out, const Row& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t c = 0; c < row.size(); ++c) {
    const std::string gap(widths[c] - width_of(row[c]), ' ');
    line += (c > 0 ? "  " : "") + (c == 0 ? row[c] + gap : gap + row[c]);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace

void print_table(std::ostream& out, const Comparison& comparison) {
  const std::vector<std::string> quantities = quantity_names(comparison);
  std::vector<Row> rows = headings(quantities);
  for (const Agreement& agreement : comparison.agreements)
    rows.push_back(row_of(agreement, quantities));
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  for (const Row& row : rows) print(out, row, widths);
}

}  // namespace hourglass
