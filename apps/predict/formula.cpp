#include "formula.hpp"

#include <hourglass/core/error.hpp>

#include <algorithm>

namespace hourglass::predict {

std::string describe(const Value& type) {
  static constexpr const char* words[] = {"nothing",
                                          "a number",
                                          "a whole number >= 0",
                                          "true or false",
                                          "a text",
                                          "a list of numbers",
                                          "a list of whole numbers >= 0",
                                          "a matrix (list of rows of equal length)",
                                          "a list of matrices",
                                          "an object of numbers"};
  return words[type.index()];
}

const std::vector<Formula>& formulas() {
  static const std::vector<Formula> everything = [] {
    std::vector<Formula> all;
    for (const auto* part : {&linear_networks, &linear_modes, &deep_linear, &landscape, &denoising,
                             &shallow, &generative})
      all.insert(all.end(), part->begin(), part->end());
    return all;
  }();
  return everything;
}

const Formula* find_formula(const std::string& id) {
  const auto& all = formulas();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const Formula& f) { return f.id == id; });
  return at == all.end() ? nullptr : &*at;
}

void reject(const char* name, const std::string& found, const std::string& expected) {
  throw InputError("input '" + std::string(name) + "' is " + found + "; expected " + expected);
}

void reject_missing(const Field& field) {
  reject(field.name, "missing", describe(field.type) + " (" + field.meaning + ")");
}

Array64 stacked(const std::vector<List>& rows) {
  Array64 result = empty64({rows.size(), rows.empty() ? 0 : rows[0].size()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy(rows[i].begin(), rows[i].end(), &result(i, 0));
  return result;
}

}  // namespace hourglass::predict
