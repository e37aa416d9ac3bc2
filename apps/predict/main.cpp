// The theory as a calculator: evaluates formulas on JSON cases, or checks them.

#include "../cli/strict_json.hpp"
#include "cases.hpp"
#include <hourglass/core/error.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace hourglass::predict;
using hourglass::InputError;
using nlohmann::json;

std::string read_all(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream file(path);
  if (!file) throw InputError(path + ": cannot be opened; expected a file of JSON cases");
  try {
    return {std::istreambuf_iterator<char>(file), {}};
  } catch (const std::ios_base::failure&) {  // a folder opens, but cannot be read
    throw InputError(path + ": cannot be read; expected a file of JSON cases");
  }
}

json parsed(const std::string& text, const std::string& name) {
  constexpr int most_nested = 20;  // a case has six
  std::size_t cases = 0;
  const auto where = [&] { return name + (cases > 0 ? ": case " + std::to_string(cases) : ""); };
  hourglass::StrictJson strict(
      most_nested,
      [&] {
        throw InputError(where() + ": more than " + std::to_string(most_nested) +
                         " nested lists or objects");
      },
      [&](const std::string& key) {
        throw InputError(where() + ": field '" + key + "' is given twice; expected once");
      });
  try {
    return json::parse(text, [&](int depth, json::parse_event_t event, const json& value) {
      if (event == json::parse_event_t::object_start && depth == 1) ++cases;
      return strict(depth, event, value);
    });
  } catch (const json::exception& problem) {
    const std::string what = problem.what();  // "[json.exception...] message": keep the message
    throw InputError(name + ": not JSON: " + what.substr(what.find("] ") + 2));
  }
}

// use(case, what messages call it) for each case of a file; - is standard input.
void for_each_case(const std::string& path, const auto& use) {
  const std::string name = path == "-" ? "standard input" : path;
  const json cases = parsed(read_all(path), name);
  if (!cases.is_array())
    throw InputError(name + ": found a JSON " + cases.type_name() + "; expected an array of cases");
  for (std::size_t k = 0; k < cases.size(); ++k) use(cases[k], case_label(name, k + 1, cases[k]));
}

int evaluate(const std::string& path) {
  std::string lines;
  for_each_case(path, [&](const json& one, const std::string& where) {
    lines += (lines.empty() ? "\n" : ",\n") + evaluate_case(one, where).dump();
  });
  std::cout << '[' << lines << "\n]\n";
  return 0;
}

int check(const std::string& path) {
  std::size_t count[4] = {};  // by verdict
  for_each_case(path, [&](const json& one, const std::string& where) {
    const auto [verdict, disagreements] = check_case(one, where);
    ++count[static_cast<int>(verdict)];
    for (const auto& d : disagreements)
      std::cout << where << ": " << d.field << d.index << " found " << d.found << ", expected "
                << d.expected << ", allowed " << d.allowed << '\n';
    if (verdict == CaseVerdict::unknown_formula)
      std::cout << where << ": unknown formula " << one["formula"] << '\n';
  });
  const auto [agree, differ, unknown, reference] = count;
  std::cout << agree << " agree, " << differ << " differ";
  if (unknown > 0) std::cout << ", " << unknown << " without a known formula";
  if (reference > 0) std::cout << ", " << reference << " reference cases skipped";
  std::cout << '\n';
  return differ > 0 ? 3 : unknown > 0 ? 2 : 0;
}

void print_fields(const char* title, const std::vector<Field>& fields) {
  std::cout << "  " << title << '\n';
  for (const auto& field : fields)
    std::cout << "    " << field.name << ": " << describe(field.type)
              << (field.optional ? ", optional; " : "; ") << field.meaning << '\n';
}

int list() {
  for (const auto& formula : formulas()) {
    std::cout << formula.id << "\n  source: " << formula.source << '\n';
    print_fields("inputs", formula.inputs);
    print_fields("outputs", formula.outputs);
  }
  return 0;
}

// Output that was lost, on a full disk, is a failure.
int written(int status) {
  if (!std::cout.flush()) throw hourglass::SystemError("standard output: could not be written");
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Theory as a calculator. Reads JSON cases [{\"formula\": id, \"inputs\": {...}}] and prints "
      "their outputs as JSON. Exit status: 0 done, 1 failure, 2 bad usage or input, 3 a case of "
      "--check disagrees.",
      "predict");
  std::string cases = "-", golden;
  bool listing = false;
  auto* file = app.add_option("cases", cases, "file of cases; - is standard input");
  auto* checked = app.add_option("--check", golden,
                                 "compare the cases of this file with their outputs: "
                                 "|found - expected| <= abs + rel |expected|");
  auto* listed = app.add_flag("--list", listing, "print each formula: inputs, outputs, source");
  file->type_name("FILE")->capture_default_str()->excludes(checked)->excludes(listed);
  checked->type_name("FILE")->excludes(listed);
  try {
    app.parse(argc, argv);
    return written(listing ? list() : checked->count() > 0 ? check(golden) : evaluate(cases));
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& usage) {
    std::cerr << "predict: " << usage.what() << " (see --help)\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "predict: " << problem.what() << '\n';
    return dynamic_cast<const InputError*>(&problem) ? 2 : 1;
  }
}
