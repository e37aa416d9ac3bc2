#include "paths.hpp"
#include "program.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace {

ProgramRun predict(const Scratch& scratch, const std::string& arguments) {
  return run_program("predict", arguments, scratch);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string balanced =
    R"({"formula": "linear.balanced", "name": "one", "inputs": {"u0": 0.1, "lambda": 1,
        "sigma2": 0.5, "gamma": 0, "alpha": 0.01, "times": [0, 1e12]},
        "outputs": {"u": [0.1, 0.6666666666666666]}, "tolerance": {"rel": 1e-12, "abs": 0}})";

void check_refused(const ProgramRun& run, const std::vector<std::string>& parts) {
  CHECK(run.status == 2);
  CHECK(run.out == "");
  CHECK(run.err.find('\n') == run.err.size() - 1);  // one line
  for (const auto& part : parts) CHECK_MESSAGE(contains(run.err, part), run.err);
}

}  // namespace

TEST_CASE("predict: evaluates cases from a file, and from standard input in two ways") {
  const Scratch scratch;
  const std::string path = scratch.file("cases.json", "[" + balanced + "," + balanced + "]");
  const ProgramRun run = predict(scratch, path);
  REQUIRE(run.status == 0);
  const json outputs = json::parse(run.out);
  REQUIRE(outputs.size() == 2);
  CHECK(outputs[0]["formula"] == "linear.balanced");
  CHECK(outputs[0]["name"] == "one");
  CHECK(outputs[0]["outputs"]["u"][0].get<double>() == 0.1);
  CHECK(outputs[0]["outputs"]["u"][1].get<double>() == doctest::Approx(2.0 / 3).epsilon(1e-15));
  CHECK(predict(scratch, "- < " + path).out == run.out);
  CHECK(predict(scratch, "< " + path).out == run.out);
  CHECK(predict(scratch, scratch.file("none.json", "[]")).out == "[\n]\n");
}

TEST_CASE("predict --check: agreement, disagreement, unknown formulas and reference cases") {
  const Scratch scratch;
  const auto check = [&](const std::string& cases) {
    return predict(scratch, "--check " + scratch.file("cases.json", "[" + cases + "]"));
  };
  const auto ends_with = [](const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
  };
  const std::string unknown = R"({"formula": "linear.nothing", "name": "two", "inputs": {}})";
  const std::string reference = R"({"name": "three", "outputs": {"x": 1}})";
  std::string wrong = balanced;
  wrong.replace(wrong.find("0.6666666666666666"), 18, "0.6667");

  const ProgramRun agree = check(balanced);
  CHECK(agree.status == 0);
  CHECK(agree.out == "1 agree, 0 differ\n");

  const ProgramRun differ = check(balanced + "," + wrong);
  CHECK(differ.status == 3);
  CHECK(contains(differ.out, "case 2 (one): u[1] found 0.666666666666666"));
  CHECK(contains(differ.out, ", expected 0.6667, allowed 6.667e-13\n"));
  CHECK(ends_with(differ.out, "\n1 agree, 1 differ\n"));

  const ProgramRun mixed = check(reference + "," + unknown + "," + balanced);
  CHECK(mixed.status == 2);
  CHECK(contains(mixed.out, "case 2 (two): unknown formula \"linear.nothing\"\n"));
  CHECK(ends_with(mixed.out,
                  "1 agree, 0 differ, 1 without a known formula, 1 reference cases skipped\n"));

  const ProgramRun skipped = check(reference);
  CHECK(skipped.status == 0);
  CHECK(skipped.out == "0 agree, 0 differ, 1 reference cases skipped\n");
  CHECK(check(unknown + "," + wrong).status == 3);
}

TEST_CASE("predict: bad input is one line naming file, case, field, what was found and expected") {
  const Scratch scratch;
  const auto run = [&](const std::string& cases) {
    return predict(scratch, scratch.file("bad.json", cases));
  };
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string text = balanced;
    return "[" + text.replace(text.find(from), from.size(), to) + "]";
  };
  check_refused(predict(scratch, "/nowhere/cases.json"), {"/nowhere/cases.json: cannot be opened"});
  check_refused(predict(scratch, scratch.path().string()), {"expected a file of JSON cases"});
  check_refused(run("[{]"), {"bad.json: not JSON: ", "line 1"});
  check_refused(run(""), {"bad.json: not JSON: "});
  check_refused(run("[NaN]"), {"bad.json: not JSON: "});
  check_refused(run("{}"), {"bad.json: found a JSON object; expected an array of cases"});
  check_refused(run("[3]"), {"bad.json: case 1 is a JSON number; expected an object"});
  check_refused(run("[{}]"), {"bad.json: case 1: field 'formula' is missing"});
  check_refused(run(changed("linear.balanced", "linear.balance")),
                {"case 1 (one): field 'formula' is 'linear.balance', which is unknown"});
  check_refused(run(changed("\"alpha\": 0.01, ", "")),
                {"case 1 (one): linear.balanced: input 'alpha' is missing; expected a number"});
  check_refused(run(changed("0.01", "\"fast\"")), {"input 'alpha' is \"fast\"; expected a number"});
  check_refused(run(changed("0.01", "null")), {"input 'alpha' is null; expected a number"});
  check_refused(run(changed("0.01", "1e999")), {"bad.json: not JSON: "});
  check_refused(run(changed("0.01", "-0.01")), {"alpha = -0.01: a learning rate is > 0"});
  check_refused(predict(scratch, "--check " + scratch.file("c.json", changed("\"rel\"", "\"r\""))),
                {"c.json: case 1 (one): field 'tolerance'", "'rel' is missing"});
  check_refused(predict(scratch, "--check /nowhere.json"), {"/nowhere.json: cannot be opened"});
  check_refused(predict(scratch, "< /dev/null"), {"standard input: not JSON: "});
  check_refused(run(changed("\"gamma\": 0", "\"gamma\": 0, \"gamma\": 1")),
                {"bad.json: case 1: field 'gamma' is given twice; expected once"});
  check_refused(run(changed("\"name\"", "\"inputs\": {}, \"name\"")),
                {"bad.json: case 1: field 'inputs' is given twice; expected once"});
  const std::string brackets(200'000, '[');
  check_refused(run(changed("0.01", brackets + std::string(200'000, ']'))),
                {"bad.json: case 1: more than 20 nested lists or objects"});
  check_refused(run(brackets), {"bad.json: more than 20 nested lists or objects"});
  check_refused(run(changed("\"gamma\": 0", "\"gamma\": 0, \"gama\": 1")),
                {"case 1 (one): linear.balanced: input 'gama' is unknown; expected u0, lambda"});
}

TEST_CASE("predict: --list, --help and bad usage") {
  const Scratch scratch;
  const ProgramRun list = predict(scratch, "--list");
  CHECK(list.status == 0);
  CHECK(contains(list.out, "\nlinear.balanced\n  source: linear.md, section 4"));
  CHECK(contains(list.out, "    u0: a number; strength w1 w2 at the start\n"));
  const ProgramRun help = predict(scratch, "--help");
  CHECK(help.status == 0);
  CHECK(contains(help.out, "--check"));
  const ProgramRun lost = predict(scratch, "--list > /dev/full");
  CHECK(lost.status == 1);
  CHECK(contains(lost.err, "standard output"));
  CHECK(predict(scratch, "--nonsense").status == 2);
  CHECK(predict(scratch, "--check").status == 2);
  CHECK(predict(scratch, "--list --check x.json").status == 2);
}

TEST_CASE("predict --check: the golden files") {
  const Scratch scratch;
  const ProgramRun run = predict(scratch, "--check " GOLDEN_DIR "/linear.json");
  CHECK(run.out == "73 agree, 0 differ\n");
  CHECK(run.status == 0);
  const ProgramRun nonlinear = predict(scratch, "--check " GOLDEN_DIR "/nonlinear.json");
  CHECK(nonlinear.out == "73 agree, 0 differ, 16 reference cases skipped\n");
  CHECK(nonlinear.status == 0);
}
