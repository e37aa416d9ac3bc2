#include "paths.hpp"
#include "predict/cases.hpp"
#include <hourglass/core/error.hpp>

#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;
using namespace hourglass::predict;
using nlohmann::json;

namespace {

struct GoldenFile {
  std::string name;
  json cases;
  std::size_t formulas, references;  // cases of either sort
};

const std::vector<GoldenFile>& golden_files() {
  const auto file = [](const std::string& name, std::size_t formulas, std::size_t references) {
    return GoldenFile{name, json::parse(std::ifstream(GOLDEN_DIR "/" + name)), formulas,
                      references};
  };
  static const std::vector<GoldenFile> files{
      file("linear.json", 73, 0), file("nonlinear.json", 73, 16), file("generative.json", 57, 37)};
  return files;
}

// The cases of every file that a formula of the calculator answers.
std::vector<json> golden() {
  std::vector<json> cases;
  for (const GoldenFile& file : golden_files())
    for (const json& one : file.cases)
      if (one.contains("formula")) cases.push_back(one);
  return cases;
}

json golden_case(const std::string& name) {
  for (const json& one : golden())
    if (one["name"] == name) return one;
  throw std::runtime_error("no golden case " + name);
}

}  // namespace

TEST_CASE("golden: every case of every file agrees, reference cases are left to other tests") {
  for (const GoldenFile& file : golden_files()) {
    std::size_t agree = 0, references = 0;
    for (std::size_t k = 0; k < file.cases.size(); ++k) {
      const json& one = file.cases[k];
      const std::string label = case_label(file.name, k + 1, one);
      const CheckedCase checked = check_case(one, label);
      for (const Disagreement& d : checked.disagreements)
        FAIL_CHECK(label << ": " << d.field << d.index << " found " << d.found << ", expected "
                         << d.expected << ", allowed " << d.allowed);
      CHECK_MESSAGE(checked.verdict != CaseVerdict::unknown_formula, label);
      agree += checked.verdict == CaseVerdict::agrees;
      references += checked.verdict == CaseVerdict::reference;
    }
    CHECK(agree == file.formulas);
    CHECK(references == file.references);
  }
}

TEST_CASE("golden: a number that is off by more than its tolerance is caught where it stands") {
  json one = golden_case("masking_loss");
  const double right = one["outputs"]["dW1"][1][2], allowed = 1e-12 + 1e-11 * std::abs(right);
  one["outputs"]["dW1"][1][2] = right + 0.9 * allowed;
  CHECK(check_case(one, "case").verdict == CaseVerdict::agrees);
  one["outputs"]["dW1"][1][2] = right + 1.1 * allowed;
  const CheckedCase checked = check_case(one, "case");
  CHECK(checked.verdict == CaseVerdict::differs);
  REQUIRE(checked.disagreements.size() == 1);
  CHECK(checked.disagreements[0].field == "dW1");
  CHECK(checked.disagreements[0].index == "[1][2]");
}

TEST_CASE("golden: another shape, a missing output and an absent value disagree") {
  json one = golden_case("scalar_generic");
  one["outputs"]["u"].push_back(1);
  one["outputs"]["speed"] = 1;
  one["outputs"]["w1"][0] = nullptr;
  const CheckedCase checked = check_case(one, "case");
  REQUIRE(checked.disagreements.size() == 3);  // in the order of the names
  CHECK(checked.disagreements[0].found == "no such output");
  CHECK(checked.disagreements[1].found == "a list of 7");
  CHECK(checked.disagreements[1].expected == "a list of 8");
  CHECK(checked.disagreements[2].index == "[0]");
}

TEST_CASE("golden: null agrees with an output that does not exist") {
  json one = golden_case("scalar_crossing_and_half_time");
  one["inputs"]["w1"] = 0.1;
  one["outputs"] = {{"t_cross", nullptr}};
  CHECK(check_case(one, "case").verdict == CaseVerdict::agrees);
  one["outputs"] = {{"t_cross", 3}};
  CHECK(check_case(one, "case").verdict == CaseVerdict::differs);
}

TEST_CASE("calculator: formulas are distinct, documented, and return exactly what they list") {
  std::set<std::string> ids;
  for (const Formula& formula : formulas()) {
    CHECK(ids.insert(formula.id).second);
    CHECK(std::string(formula.source).size() > 10);
    CHECK_FALSE(formula.inputs.empty());
  }
  std::set<std::string> covered;
  for (const json& one : golden()) {
    const Formula* formula = find_formula(one["formula"]);
    if (!formula) continue;
    covered.insert(formula->id);
    const json outputs = evaluate(*formula, one["inputs"], "case");
    CHECK(outputs.size() == formula->outputs.size());
    for (const Field& field : formula->outputs)
      CHECK_MESSAGE(outputs.contains(field.name), field.name);
  }
  CHECK(covered == ids);
}

TEST_CASE("calculator: every input that is missing, of another type or not finite is named") {
  std::size_t tried = 0;
  for (const json& one : golden()) {
    const Formula* formula = find_formula(one["formula"]);
    if (!formula) continue;
    for (const Field& field : formula->inputs) {
      if (!one["inputs"].contains(field.name)) continue;
      json inputs = one["inputs"];
      const std::string name = "input '" + std::string(field.name) + "' is ";
      const auto message = [&] {
        try {
          evaluate(*formula, inputs, "case 7 (x)");
        } catch (const InputError& problem) {
          return std::string(problem.what());
        }
        return std::string("no InputError");
      };
      inputs.erase(field.name);
      if (!field.optional)
        CHECK(message().find("case 7 (x): " + std::string(formula->id) + ": " + name + "missing") ==
              0);
      for (const json& wrong : {json::object(), json("ten"), json(NAN), json::array({"a"})}) {
        if (std::holds_alternative<std::string>(field.type) && wrong.is_string()) continue;
        inputs[field.name] = wrong;
        CHECK_MESSAGE(message().find(name) != std::string::npos, message());
        ++tried;
      }
    }
  }
  CHECK(tried > 500);
}

TEST_CASE("calculator: outside the domain the formula and its reason are named") {
  json one = golden_case("balanced_learning_times");
  one["inputs"]["gamma"] = -1;
  CHECK_THROWS_WITH_AS(evaluate_case(one, "case 2"),
                       "case 2: linear.balanced_times: gamma = -1: a weight decay is >= 0",
                       InputError);
  one["inputs"]["gamma"] = 0.2;
  one["inputs"]["fractions"] = {1.5};
  CHECK_THROWS_AS(evaluate_case(one, "case 2"), InputError);
}

TEST_CASE("calculator: ragged matrices, broken counts and incomplete cases are refused") {
  json one = golden_case("clean_loss");
  one["inputs"]["W1"][0].push_back(1);
  CHECK_THROWS_AS(evaluate_case(one, "case"), InputError);
  one = golden_case("clean_loss");
  one["inputs"]["noise"] = "salt";
  CHECK_THROWS_WITH_AS(evaluate_case(one, "case"),
                       "case: linear.expected_loss: input 'noise' is \"salt\"; expected none, "
                       "gaussian, gaussian_covariance or masking",
                       InputError);
  one["inputs"]["noise"] = "gaussian";  // and its sigma2 is not there
  CHECK_THROWS_AS(evaluate_case(one, "case"), InputError);
  one = golden_case("scalar_gd_map");
  one["inputs"]["steps"] = {0, 1.5};
  CHECK_THROWS_AS(evaluate_case(one, "case"), InputError);
  CHECK_THROWS_AS(evaluate_case(json{{"formula", "linear.nothing"}}, "case"), InputError);
  CHECK_THROWS_AS(evaluate_case(json{{"formula", 3}}, "case"), InputError);
  CHECK_THROWS_AS(evaluate_case(json(3), "case"), InputError);
  for (const char* member : {"tolerance", "outputs", "inputs"}) {
    one = golden_case("scalar_gd_map");
    one.erase(member);
    CHECK_THROWS_AS(check_case(one, "case"), InputError);
  }
  one = golden_case("scalar_gd_map");
  one["tolerance"]["rel"] = -1;
  CHECK_THROWS_AS(check_case(one, "case"), InputError);
}
