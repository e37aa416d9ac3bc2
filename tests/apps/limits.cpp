// Numeric options of the studies at the edges: refused by name, or a run that ends. long_time takes
// too long for it.

#include "program.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

struct App {
  std::string name, arguments;  // of a run that takes a moment
};

std::string rows() {
  std::string text;
  for (int k = 0; k < 30; ++k) {
    for (int d = 0; d < 6; ++d)
      text += (d > 0 ? "," : "") + std::to_string(((k * (2 * d + 3)) % 17 - 8) / (d + 1.0));
    text += "\n";
  }
  return text;
}

std::vector<App> apps(const std::string& data) {
  return {{"linear_dae", "--hidden 3 --steps 20 --data " + data},
          {"relu_dae", "--samples 30 --hidden 4 --modes 2 --steps 10 --data " + data},
          {"landscape", "--hidden 2 --dimensions 4 --steps 500 --data " + data},
          {"train", "--encoder 6,2 --epochs 1 --data " + data},
          {"online_sgd", "--features 40 --time 1 --seeds 1"},
          {"recover", "--n 16 --m 8 --steps 10 --batch 32 --seeds 1"},
          {"small_noise", "--steps 10 --sigmas 1 --samples 4 --draws 4 --levels 3"},
          {"noise_vs_decay", "--steps 40 --paths 1 --scan 1 --lambdas 1 --variances 1"}};
}

// The options of --help that take a number or several.
std::vector<std::string> numeric_options(const std::string& app, const Scratch& scratch) {
  const ProgramRun help = run_program(app, "--help", scratch);
  REQUIRE(help.status == 0);
  std::vector<std::string> found;
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, unit;
    words >> name >> unit;
    unit = unit.substr(0, unit.find('='));
    const bool takes_value =
        !unit.empty() && std::isupper(static_cast<unsigned char>(unit[0])) &&
        std::none_of(unit.begin(), unit.end(), [](unsigned char c) { return std::islower(c); });
    const std::vector<std::string> texts{"NAME",  "NAME|PATH", "DIR", "FILE",
                                         "NOISE", "PENALTY",   "RULE"};
    if (name.starts_with("--") && takes_value &&
        std::find(texts.begin(), texts.end(), unit) == texts.end())
      found.push_back(name);
  }
  REQUIRE(found.size() > 3);
  return found;
}

// What a run needs beside this option.
std::string without(const std::string& arguments, const std::string& option) {
  std::string kept;
  std::istringstream words(arguments);
  for (std::string name, value; words >> name >> value;)
    if (name != option) kept += name + " " + value + " ";
  return kept;
}

}  // namespace

TEST_CASE("limits: each number of the studies is refused by name, or the run ends well") {
  const Scratch scratch;
  for (const App& app : apps(scratch.file("rows.csv", rows())))
    for (const std::string& option : numeric_options(app.name, scratch))
      for (const char* value : {"nan", "-1", "1e18"}) {
        const ProgramRun run =
            run_program(app.name,
                        without(app.arguments, option) + option + "=" + value + " --quiet --out " +
                            (scratch.path() / "out").string(),
                        scratch, "timeout 60");
        const std::string what = app.name + " " + option + "=" + value + ": " + run.err;
        CAPTURE(what);
        CAPTURE(run.status);
        if (run.status == 2)
          CHECK((run.err.find("--") != std::string::npos ||  // readers name file and rows
                 run.err.find("rows.csv: ") != std::string::npos));
        else if (run.status == 1)  // a start or a rate that no bound is known of
          CHECK(run.err.find("diverged") != std::string::npos);
        else
          CHECK((run.status == 0 || run.status == 3));
      }
}
