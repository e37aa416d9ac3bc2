#include <hourglass/core/file.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/results.hpp>
#include <hourglass/report/write.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

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

using Json = nlohmann::ordered_json;  // writes NaN and infinity as null

Json to_value(std::monostate) { return nullptr; }
Json to_value(const auto& value) { return value; }

Json to_object(const std::vector<Setting>& config) {
  Json object = Json::object();
  for (const Setting& setting : config)
    object[setting.name] =
        std::visit([](const auto& value) { return to_value(value); }, setting.value);
  return object;
}

// Null where nothing is judged.
Json to_value(Verdict verdict) {
  return verdict == Verdict::not_judged ? Json() : Json(verdict == Verdict::agrees);
}

Json to_object(const Quantity& q) {
  return {{"name", q.name},
          {"unit", q.unit},
          {"measured", q.measured},
          {"predicted", q.predicted},
          {"deviation", q.deviation()},
          {"relative", q.relative},
          {"tolerance", q.tolerance},
          {"agrees", to_value(q.verdict())}};
}

Json to_object(const Agreement& agreement) {
  Json quantities = Json::array();
  for (const Quantity& q : agreement.quantities) quantities.push_back(to_object(q));
  return {{"series", agreement.column.series},
          {"index", agreement.column.index},
          {"max_abs_deviation", agreement.max_abs_deviation},
          {"rms_deviation", agreement.rms_deviation},
          {"worst_step", agreement.worst_step},
          {"tolerance", agreement.tolerance},
          {"agrees", to_value(agreement.curve_verdict())},
          {"quantities", quantities}};
}

Json to_object(const Tally& tally) {
  return {{"agrees", to_value(tally.verdict())},
          {"compared", tally.compared},
          {"judged", tally.judged()},
          {"disagree", tally.disagree}};
}

Json to_object(const Environment& environment) {
  return {{"threads", environment.threads},
          {"blas_core", environment.blas_core},
          {"precision", environment.precision}};
}

Json to_object(const DataRecord& data) {
  return {{"name", data.name},
          {"samples", data.samples},
          {"features", data.features},
          {"checksum", data.checksum}};
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

std::string to_json(const Run& run) {
  Json comparisons = Json::array();
  for (const Agreement& agreement : run.comparison.agreements)
    comparisons.push_back(to_object(agreement));
  const Json timing = {{"wall_seconds", run.wall_seconds},
                       {"steps_per_second", run.steps_per_second}};
  const Json summary = {{"app", run.app},
                        {"version", run.version},
                        {"config", to_object(run.config)},
                        {"environment", to_object(run.environment)},
                        {"data", to_object(run.data)},
                        {"verdict", to_object(run.comparison.tally())},
                        {"comparisons", comparisons},
                        {"files", result_files(run)},
                        {"timing", timing}};
  return summary.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::filesystem::path write_report(const Run& run, const std::filesystem::path& out) {
  const StagingFolder staging(out);
  const std::filesystem::path &prepared = staging.path(), page = "report.html";
  write_file(prepared / "trajectory.csv", to_csv(run.comparison));
  write_file(prepared / "summary.json", to_json(run));
  try {
    std::vector<std::string> drawings;
    for (const Figure& figure : run.figures)
      drawings.push_back(read_file(write_figure(figure, prepared / "figures")));
    for (const Picture& picture : run.pictures)
      write_file(prepared / "figures" / (picture.name + ".png"), to_png(picture));
    write_file(prepared / page, to_html(run, drawings));
  } catch (...) {  // the numbers are there
    std::filesystem::remove_all(prepared / "figures");
    publish_results(prepared, out);
    throw;
  }
  publish_results(prepared, out);
  return out / page;
}

}  // namespace hourglass
