#include "cases.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/theory/domain.hpp>

#include <cmath>

#include <nlohmann/json.hpp>

namespace hourglass::predict {
namespace {

using nlohmann::json;
using theory::shortest;

struct Tolerance {
  double rel, abs;
  double allowed(double expected) const { return abs + rel * std::abs(expected); }
};

const json& member(const json& one, const char* name, const char* kind, const std::string& where) {
  if (!one.is_object())
    throw InputError(where + " is a JSON " + one.type_name() + "; expected an object");
  const auto found = one.find(name);
  if (found == one.end())
    throw InputError(where + ": field '" + name + "' is missing; expected " + kind);
  return *found;
}

std::string formula_id(const json& one, const std::string& where) {
  const json& id = member(one, "formula", "the id of a formula", where);
  if (id.is_string()) return id.get<std::string>();
  throw InputError(where + ": field 'formula' is a JSON " + id.type_name() +
                   "; expected the id of a formula");
}

double bound(const json& tolerance, const char* name, const std::string& where) {
  const json& x = member(tolerance, name, "a number >= 0", where + ": field 'tolerance'");
  if (x.is_number() && x.get<double>() >= 0) return x.get<double>();
  throw InputError(where + ": field 'tolerance." + name + "' is " + x.dump() +
                   "; expected a number >= 0");
}

Tolerance tolerance_of(const json& one, const std::string& where) {
  const json& tolerance = member(one, "tolerance", "an object with rel and abs", where);
  return {bound(tolerance, "rel", where), bound(tolerance, "abs", where)};
}

std::string shown(const json& x) {
  if (x.is_array()) return "a list of " + std::to_string(x.size());
  return x.is_number() ? shortest(x.get<double>()) : x.dump();
}

bool is_absent(const json& x) {
  return x.is_null() || (x.is_number_float() && std::isnan(x.get<double>()));
}

// Walks both values together and keeps the element farthest outside its tolerance.
struct Comparison {
  Tolerance tolerance;
  double worst_excess = 1;  // deviation over allowed; more than 1 disagrees
  Disagreement worst{};

  void visit(const json& found, const json& expected, const std::string& index) {
    if (found.is_array() && expected.is_array() && found.size() == expected.size()) {
      for (std::size_t k = 0; k < found.size(); ++k)
        visit(found[k], expected[k], index + "[" + std::to_string(k) + "]");
    } else if (found.is_object() && expected.is_object() && found.size() == expected.size()) {
      for (const auto& [name, value] : expected.items())
        visit(found.value(name, json()), value, index + "." + name);
    } else if (found.is_number() && expected.is_number() && !is_absent(found)) {
      compare(found.get<double>(), expected.get<double>(), index);
    } else if (!(is_absent(found) && is_absent(expected))) {
      keep(INFINITY, {"", index, shown(found), shown(expected), "the same shape"});
    }
  }
  void compare(double found, double expected, const std::string& index) {
    const double allowed = tolerance.allowed(expected), deviation = std::abs(found - expected);
    if (deviation <= allowed) return;
    const double excess = std::isnan(deviation) ? INFINITY : deviation / allowed;
    keep(excess, {"", index, shortest(found), shortest(expected), shortest(allowed)});
  }
  void keep(double excess, const Disagreement& found) {
    if (worst_excess > 1 && excess <= worst_excess) return;  // the first of equals
    worst_excess = excess;
    worst = found;
  }
};

std::vector<Disagreement> compare(const json& found, const json& expected, Tolerance tolerance) {
  std::vector<Disagreement> disagreements;
  for (const auto& [field, value] : expected.items()) {
    Comparison comparison{tolerance};
    if (found.contains(field)) {
      comparison.visit(found[field], value, "");
    } else {
      comparison.keep(INFINITY, {"", "", "no such output", shown(value), "an output that exists"});
    }
    if (comparison.worst_excess <= 1) continue;
    comparison.worst.field = field;
    disagreements.push_back(comparison.worst);
  }
  return disagreements;
}

}  // namespace

std::string case_label(const std::string& file, std::size_t position, const json& one) {
  std::string label = file + ": case " + std::to_string(position);
  if (one.is_object() && one.contains("name") && one["name"].is_string())
    label += " (" + one["name"].get<std::string>() + ")";
  return label;
}

json evaluate_case(const json& one, const std::string& where) {
  const std::string id = formula_id(one, where);
  const Formula* formula = find_formula(id);
  if (!formula)
    throw InputError(where + ": field 'formula' is '" + id +
                     "', which is unknown; expected one of those that --list prints");
  const json outputs = evaluate(*formula, member(one, "inputs", "an object", where), where);
  json result{{"formula", id}, {"outputs", outputs}};
  if (one.contains("name")) result["name"] = one["name"];
  return result;
}

CheckedCase check_case(const json& one, const std::string& where) {
  if (one.is_object() && !one.contains("formula")) return {CaseVerdict::reference, {}};
  if (!find_formula(formula_id(one, where))) return {CaseVerdict::unknown_formula, {}};
  const Tolerance tolerance = tolerance_of(one, where);
  const json& expected = member(one, "outputs", "an object", where);
  if (!expected.is_object() || expected.empty())
    throw InputError(where + ": field 'outputs' is " + expected.dump() +
                     "; expected an object with the outputs to compare");
  auto disagreements = compare(evaluate_case(one, where)["outputs"], expected, tolerance);
  const CaseVerdict verdict = disagreements.empty() ? CaseVerdict::agrees : CaseVerdict::differs;
  return {verdict, std::move(disagreements)};
}

}  // namespace hourglass::predict
