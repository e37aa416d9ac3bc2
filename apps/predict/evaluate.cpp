#include "cases.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

// Between JSON and the values of formulas.
namespace hourglass::predict {
namespace {

using nlohmann::json;

// Each reads x, and returns whether it is of that type; the other types are no inputs.
bool read(const json&, auto&) { return false; }
bool read(const json& x, double& number) {
  if (x.is_number()) number = x.get<double>();
  return x.is_number() && std::isfinite(number);
}
bool read(const json& x, std::size_t& count) {
  double number = -1;
  const bool whole = read(x, number) && number >= 0 && std::floor(number) == number;
  if (whole && number < 1e15) count = static_cast<std::size_t>(number);
  return whole && number < 1e15;
}
bool read(const json& x, bool& flag) {
  flag = x == true;
  return x.is_boolean();
}
bool read(const json& x, std::string& text) {
  if (x.is_string()) text = x.get<std::string>();
  return x.is_string();
}
template <class T>
bool read(const json& x, std::vector<T>& list) {
  bool good = x.is_array();
  for (std::size_t i = 0; good && i < x.size(); ++i) good = read(x[i], list.emplace_back());
  return good;
}
bool read(const json& x, Array64& matrix) {
  std::vector<List> rows;
  if (!read(x, rows) || rows.empty() || rows[0].empty()) return false;
  for (const List& row : rows)
    if (row.size() != rows[0].size()) return false;
  matrix = stacked(rows);
  return true;
}

json json_of(const auto& x) { return x; }
json json_of(std::monostate) { return nullptr; }
json json_of(const Array64& matrix) {
  json rows = json::array();
  for (std::size_t i = 0; i < matrix.shape()[0]; ++i) {
    const double* row = &matrix(i, 0);
    rows.push_back(List(row, row + matrix.shape()[1]));
  }
  return rows;
}
json json_of(const Matrices& matrices) {
  json all = json::array();
  for (const Array64& matrix : matrices) all.push_back(json_of(matrix));
  return all;
}

std::string shown(const json& x) {
  const std::string text = x.is_number_float() && !std::isfinite(x.get<double>())
                               ? "not a finite number"
                               : x.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

Value input(const Field& field, const json& inputs) {
  const auto found = inputs.find(field.name);
  if (found == inputs.end()) {
    if (field.conditional || field.optional) return {};
    reject_missing(field);
  }
  Value value = field.type;
  if (!std::visit([&](auto& into) { return read(*found, into); }, value))
    reject(field.name, shown(*found), describe(field.type));
  if (const auto* matrix = std::get_if<Array64>(&value)) {  // as its singular values cost
    const auto [rows, columns] = shape_of(*matrix);
    const double size = static_cast<double>(matrix->size());
    theory::spend(10 * size * static_cast<double>(std::min(rows, columns)), field.name, size);
  }
  return value;
}

void require_known(const Formula& formula, const json& inputs) {
  if (!inputs.is_object())
    throw InputError("field 'inputs' is " + shown(inputs) + "; expected an object");
  std::string names;
  for (const Field& field : formula.inputs)
    names += (names.empty() ? "" : ", ") + std::string(field.name);
  for (const auto& [name, value] : inputs.items())
    if (std::none_of(formula.inputs.begin(), formula.inputs.end(),
                     [&name = name](const Field& field) { return field.name == name; }))
      reject(name.c_str(), "unknown", names);
}

// Each is whether all numbers are; those of another type are.
bool finite(const auto&, bool) { return true; }
bool finite(double x, bool or_null) { return std::isfinite(x) || (or_null && std::isnan(x)); }
bool finite(const List& list, bool or_null) {
  return std::all_of(list.begin(), list.end(), [=](double x) { return finite(x, or_null); });
}
bool finite(const Array64& matrix, bool or_null) {
  return std::all_of(matrix.begin(), matrix.end(), [=](double x) { return finite(x, or_null); });
}
bool finite(const Matrices& all, bool or_null) {
  return std::all_of(all.begin(), all.end(), [=](const auto& x) { return finite(x, or_null); });
}
bool finite(const Numbers& all, bool or_null) {
  return std::all_of(all.begin(), all.end(),
                     [=](const auto& x) { return finite(x.second, or_null); });
}

void require_finite(const Field& output, const Value& value) {
  if (!std::visit([&](const auto& x) { return finite(x, output.conditional); }, value))
    throw InputError("output '" + std::string(output.name) +
                     "' is not finite: these inputs lead beyond the range of numbers");
}

json outputs(const Formula& formula, const json& inputs) {
  require_known(formula, inputs);
  const theory::WorkLimit limit(most_work);
  std::vector<Value> given;
  for (const Field& field : formula.inputs) given.push_back(input(field, inputs));
  const std::vector<Value> found = formula.outputs_of(given);
  json result;
  for (std::size_t i = 0; i < found.size(); ++i) require_finite(formula.outputs[i], found[i]);
  for (std::size_t i = 0; i < found.size(); ++i)
    result[formula.outputs[i].name] =
        std::visit([](const auto& x) { return json_of(x); }, found[i]);
  return result;
}

}  // namespace

std::string shown(const Value& value) {
  return shown(std::visit([](const auto& x) { return json_of(x); }, value));
}

json evaluate(const Formula& formula, const json& inputs, const std::string& where) {
  const auto refusal = [&](const std::exception& problem) {
    return InputError(where + ": " + formula.id + ": " + problem.what());
  };
  try {
    return outputs(formula, inputs);
  } catch (const InputError& problem) {
    throw refusal(problem);
  } catch (const std::logic_error& outside) {  // DomainError here, ArgumentError from core
    throw refusal(outside);
  } catch (const std::bad_alloc&) {
    throw InputError(where + ": " + formula.id + ": needs more memory than there is");
  }
}

}  // namespace hourglass::predict
