#include <hourglass/report/csv.hpp>
#include <hourglass/report/number.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace hourglass {
namespace {

struct Pair {
  double measured = NAN, predicted = NAN;
};

// By step: the traces may have been recorded at different ones.
using Rows = std::map<double, Pair>;

void collect(Rows& rows, const Trace& trace, const Column& column, double Pair::*side) {
  const std::size_t c = trace.find(column);
  if (c == trace.columns().size()) return;
  for (std::size_t k = 0; k < trace.steps().size(); ++k)
    rows[trace.steps()[k]].*side = trace.values(c)[k];
}

// RFC 4180: quotes where they are needed, doubled inside.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::vector<Column> columns_of(const Comparison& comparison) {
  std::vector<Column> columns = comparison.measured.columns();
  for (const Column& column : comparison.predicted.columns())
    if (std::find(columns.begin(), columns.end(), column) == columns.end())
      columns.push_back(column);
  return columns;
}

}  // namespace

std::string to_csv(const Comparison& comparison) {
  std::string text = "step,series,index,measured,predicted\n";
  for (const Column& column : columns_of(comparison)) {
    Rows rows;
    collect(rows, comparison.measured, column, &Pair::measured);
    collect(rows, comparison.predicted, column, &Pair::predicted);
    const std::string name = field(column.series) + ',' + std::to_string(column.index);
    for (const auto& [step, pair] : rows)
      text += round_trip(step) + ',' + name + ',' + round_trip(pair.measured) + ',' +
              round_trip(pair.predicted) + '\n';
  }
  return text;
}

}  // namespace hourglass
