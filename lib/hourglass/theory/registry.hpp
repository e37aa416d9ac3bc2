#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace hourglass::theory {

// Every formula of the theory under a name, from JSON to JSON: what `predict` calculates with and
// what the golden files are checked against.

enum class Kind { number, count, flag, text, list, counts, matrix, matrices, object };
std::string describe(Kind kind);  // "a number", "a list of numbers", ...

// One input or output of a formula.
struct Field {
  const char* name;
  Kind kind;
  const char* meaning;       // one line, with its unit
  bool conditional = false;  // needed only for some values of the other inputs
  bool optional = false;     // may always be left out; the meaning says what that is
};

class Inputs;

struct Formula {
  const char* id;      // "linear.balanced"
  const char* source;  // file in docs/theory and section, and the paper where there is one
  std::vector<Field> inputs, outputs;
  nlohmann::json (*outputs_of)(const Inputs&);
};

const std::vector<Formula>& formulas();              // in the order of `predict --list`
const Formula* find_formula(const std::string& id);  // nullptr if there is none

// The outputs of a formula: an object with every output it lists. An output that does not exist,
// such as the half time of a mode that dies, is NaN (null once printed). Inputs that the formula
// does not list are ignored. Throws InputError, starting with `where` ("case 3 (name)"), if an
// input is missing, has the wrong type, is not finite, or lies outside the formula's domain.
nlohmann::json evaluate(const Formula& formula, const nlohmann::json& inputs,
                        const std::string& where);

}  // namespace hourglass::theory
