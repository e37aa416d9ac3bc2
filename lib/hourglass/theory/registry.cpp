#include <hourglass/core/error.hpp>
#include <hourglass/theory/registry_inputs.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::theory {
namespace {

using nlohmann::json;

bool all(const json& values, bool (*holds)(const json&)) {
  return values.is_array() && std::all_of(values.begin(), values.end(), holds);
}
bool is_finite_number(const json& x) { return x.is_number() && std::isfinite(x.get<double>()); }
bool is_count(const json& x) {
  return is_finite_number(x) && x.get<double>() >= 0 && x.get<double>() < 1e15 &&
         std::floor(x.get<double>()) == x.get<double>();
}
bool is_list(const json& x) { return all(x, is_finite_number); }
bool is_matrix(const json& x) {
  if (!all(x, is_list) || x.empty() || x[0].empty()) return false;
  return std::all_of(x.begin(), x.end(),
                     [&](const json& row) { return row.size() == x[0].size(); });
}

bool matches(Kind kind, const json& x) {
  switch (kind) {
    case Kind::number:
      return is_finite_number(x);
    case Kind::count:
      return is_count(x);
    case Kind::flag:
      return x.is_boolean();
    case Kind::text:
      return x.is_string();
    case Kind::list:
      return is_list(x);
    case Kind::counts:
      return all(x, is_count);
    case Kind::matrix:
      return is_matrix(x);
    case Kind::matrices:
      return all(x, is_matrix);
    case Kind::object:
      return x.is_object();
  }
  return false;
}

// What was found, short enough for a line.
std::string shown(const json& x) {
  const std::string text = x.is_number_float() && !std::isfinite(x.get<double>())
                               ? "not a finite number"
                               : x.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

const Field* field_of(const Formula& formula, const char* name) {
  for (const Field& field : formula.inputs)
    if (std::string(name) == field.name) return &field;
  return nullptr;
}

std::vector<Formula> collect() {
  std::vector<Formula> everything;
  for (const auto part : {linear_network_formulas, linear_mode_formulas, deep_linear_formulas,
                          landscape_formulas, denoising_formulas, shallow_formulas,
                          shallow_run_formulas, generative_formulas, generative_dynamics_formulas})
    for (const Formula& formula : part()) everything.push_back(formula);
  return everything;
}

}  // namespace

std::string describe(Kind kind) {
  switch (kind) {
    case Kind::number:
      return "a number";
    case Kind::count:
      return "a whole number >= 0";
    case Kind::flag:
      return "true or false";
    case Kind::text:
      return "a text";
    case Kind::list:
      return "a list of numbers";
    case Kind::counts:
      return "a list of whole numbers >= 0";
    case Kind::matrix:
      return "a matrix (list of rows of equal length)";
    case Kind::matrices:
      return "a list of matrices";
    case Kind::object:
      return "an object of numbers";
  }
  return "";
}

const std::vector<Formula>& formulas() {
  static const std::vector<Formula> everything = collect();
  return everything;
}

const Formula* find_formula(const std::string& id) {
  const auto& all = formulas();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Formula& f) { return f.id == id; });
  return at == all.end() ? nullptr : &*at;
}

json evaluate(const Formula& formula, const json& inputs, const std::string& where) {
  const Inputs validated(formula, inputs, where);
  try {
    return formula.outputs_of(validated);
  } catch (const std::logic_error& outside) {  // DomainError here, ArgumentError from core
    throw InputError(where + ": " + formula.id + ": " + outside.what());
  }
}

Inputs::Inputs(const Formula& formula, const json& values, std::string where)
    : formula_(formula), values_(values), where_(std::move(where)) {
  if (!values.is_object())
    throw InputError(where_ + ": " + formula.id + ": field 'inputs' is " + shown(values) +
                     "; expected an object");
  for (const Field& field : formula.inputs) validate(field);
}

void Inputs::validate(const Field& field) const {
  if ((field.conditional || field.optional) && !values_.contains(field.name)) return;
  const json& x = at(field.name);
  if (!matches(field.kind, x)) reject(field.name, shown(x), describe(field.kind));
}

void Inputs::reject(const char* name, const std::string& found, const std::string& expected) const {
  throw InputError(where_ + ": " + formula_.id + ": input '" + name + "' is " + found +
                   "; expected " + expected);
}

const json& Inputs::at(const char* name) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return *found;
  const Field* field = field_of(formula_, name);
  if (!field) throw UsageError(std::string("input '") + name + "' is not listed");
  reject(name, "missing", describe(field->kind) + " (" + field->meaning + ")");
}

bool Inputs::has(const char* name) const { return values_.contains(name); }

double Inputs::number(const char* name) const { return at(name).get<double>(); }
std::size_t Inputs::count(const char* name) const {
  return static_cast<std::size_t>(at(name).get<double>());
}
bool Inputs::flag(const char* name) const { return at(name).get<bool>(); }
std::string Inputs::text(const char* name) const { return at(name).get<std::string>(); }
std::vector<double> Inputs::list(const char* name) const {
  return at(name).get<std::vector<double>>();
}

std::vector<std::size_t> Inputs::counts(const char* name) const {
  std::vector<std::size_t> result;
  for (const double x : list(name)) result.push_back(static_cast<std::size_t>(x));
  return result;
}

Array64 Inputs::matrix(const char* name) const {
  const json& rows = at(name);
  Array64 result = empty64({rows.size(), rows[0].size()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[0].size(); ++j) result(i, j) = rows[i][j].get<double>();
  return result;
}

json rows_of(const Array64& matrix) {
  json rows = json::array();
  for (std::size_t i = 0; i < matrix.shape()[0]; ++i) {
    json row = json::array();
    for (std::size_t j = 0; j < matrix.shape()[1]; ++j) row.push_back(matrix(i, j));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace hourglass::theory
