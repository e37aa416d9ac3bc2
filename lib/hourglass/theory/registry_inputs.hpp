#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/theory/registry.hpp>

#include <nlohmann/json.hpp>

namespace hourglass::theory {

// The inputs of one case, validated against the fields of its formula. Included only by the
// registry_*.cpp that define formulas.
class Inputs {
 public:
  Inputs(const Formula& formula, const nlohmann::json& values, std::string where);

  bool has(const char* name) const;  // whether an optional input is given
  double number(const char* name) const;
  std::size_t count(const char* name) const;
  bool flag(const char* name) const;
  std::string text(const char* name) const;
  std::vector<double> list(const char* name) const;
  std::vector<std::size_t> counts(const char* name) const;
  Array64 matrix(const char* name) const;

  // Throws InputError: "<where>: <formula>: input '<name>' is <found>; expected <expected>".
  [[noreturn]] void reject(const char* name, const std::string& found,
                           const std::string& expected) const;

 private:
  const nlohmann::json& at(const char* name) const;
  void validate(const Field& field) const;

  const Formula& formula_;
  const nlohmann::json& values_;
  std::string where_;
};

nlohmann::json rows_of(const Array64& matrix);

// f over every element of a list, as a JSON list.
template <typename Values, typename F>
nlohmann::json mapped(const Values& values, F f) {
  nlohmann::json result = nlohmann::json::array();
  for (const auto& x : values) result.push_back(f(x));
  return result;
}

// The formulas of each part of the handbook, in its order.
std::vector<Formula> linear_mode_formulas();     // sections 3 to 5 and the scalar part of 7
std::vector<Formula> linear_network_formulas();  // sections 1, 2 and 8
std::vector<Formula> deep_linear_formulas();     // section 6
std::vector<Formula> landscape_formulas();       // section 9 and the network part of 7
std::vector<Formula> denoising_formulas();       // sections 10 and 11
std::vector<Formula> shallow_formulas();         // nonlinear.md, sections 2, 3 and 6.2
std::vector<Formula> shallow_run_formulas();     // nonlinear.md, sections 3.3, 3.6, 4 and 5

// Those of generative models: docs/theory/generative.md.
std::vector<Formula> generative_formulas();           // sections 3, 6 and 10
std::vector<Formula> generative_dynamics_formulas();  // sections 4 and 5

}  // namespace hourglass::theory
