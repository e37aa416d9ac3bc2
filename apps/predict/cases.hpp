#pragma once

#include "formula.hpp"

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hourglass::predict {

// What one case may take: some seconds.
inline constexpr double most_work = 5e9;  // operations, of theory/work.hpp

// The outputs of a formula: an object with every output it lists. An output that does not exist,
// such as the half time of a mode that dies, is NaN (null once printed). Throws InputError,
// starting with `where` ("case 3 (name)"), if an input is missing or unknown, has the wrong type,
// is not finite, or lies outside the formula's domain; if an output would not be finite; and beyond
// `most_work`.
nlohmann::json evaluate(const Formula& formula, const nlohmann::json& inputs,
                        const std::string& where);

// Cases of a file: {"formula": id, "inputs": {...}}, optionally "name"; to be checked also
// "outputs" and "tolerance": {"rel", "abs"}. A case without "formula" is a reference case: numbers
// that some other program compares. `where` names the case in messages.

// "FILE: case 3 (name)", counted from 1.
std::string case_label(const std::string& file, std::size_t position, const nlohmann::json& one);

// {"formula", "name" if given, "outputs"}; throws InputError if the case is not complete, its
// formula is unknown or an input is bad.
nlohmann::json evaluate_case(const nlohmann::json& one, const std::string& where);

// The worst element of one output: |found - expected| > allowed = abs + rel |expected|, or another
// shape.
struct Disagreement {
  std::string field, index;  // "mode_strengths", "[2][1]"
  std::string found, expected, allowed;
};

// Compares every output that the case lists; null agrees with an output that does not exist.
enum class CaseVerdict { agrees, differs, unknown_formula, reference };
struct CheckedCase {
  CaseVerdict verdict;
  std::vector<Disagreement> disagreements;
};
CheckedCase check_case(const nlohmann::json& one, const std::string& where);

}  // namespace hourglass::predict
