#include <hourglass/report/summary.hpp>

#include <nlohmann/json.hpp>

namespace hourglass {
namespace {

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

Json to_object(const Quantity& q) {
  return {{"name", q.name},
          {"unit", q.unit},
          {"measured", q.measured},
          {"predicted", q.predicted},
          {"deviation", q.deviation()},
          {"relative", q.relative},
          {"tolerance", q.tolerance},
          {"agrees", q.agrees()}};
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
          {"agrees", agreement.agrees()},
          {"quantities", quantities}};
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
                        {"comparisons", comparisons},
                        {"timing", timing}};
  return summary.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace hourglass
