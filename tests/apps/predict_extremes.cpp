#include "paths.hpp"
#include "predict/cases.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/theory/work.hpp>

#include <ctime>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;
using namespace hourglass::predict;
using nlohmann::json;

namespace {

// Of the processor: others may use it too.
double seconds_since(std::clock_t start) { return double(std::clock() - start) / CLOCKS_PER_SEC; }

// Two golden cases of each formula, if it has as many: inputs that are good.
std::vector<json> good_cases() {
  std::map<std::string, int> seen;
  std::vector<json> cases;
  for (const char* file : {"linear.json", "nonlinear.json", "generative.json"})
    for (const json& one : json::parse(std::ifstream(std::string(GOLDEN_DIR "/") + file)))
      if (one.contains("formula") && ++seen[one["formula"]] <= 2) cases.push_back(one);
  return cases;
}

const std::vector<json> numbers{
    0,    -1,    7,     5e-324, 1e-308, -1e-308, 1e-160,          1e-16,           1e6, 1e9, 1e12,
    1e16, 1e160, 1e300, 1e308,  4096,   -1e308,  999999999999999, 9007199254740992};

// `x` with every number, or the first alone, replaced.
json filled(json x, const json& value, bool first_only) {
  if (!x.is_array()) return value;
  for (json& element : x) {
    element = filled(element, value, first_only);
    if (first_only) break;
  }
  return x;
}

json repeated(const json& element, std::size_t count) {
  json list = json::array();
  for (std::size_t k = 0; k < count; ++k) list.push_back(element);
  return list;
}

// Values of an input that nobody means.
std::vector<json> extremes(const json& good) {
  std::vector<json> all{json::array(), json::array({json::array()}), json::object(), "", true};
  if (good.is_boolean()) all.push_back(!good.get<bool>());
  if (good.is_string()) all.push_back("1e308 * 1e308^s");
  if (good.is_number()) all.insert(all.end(), numbers.begin(), numbers.end());
  if (!good.is_array() || good.empty()) return all;
  for (const json& number : numbers) {
    all.push_back(filled(good, number, false));
    all.push_back(filled(good, number, true));
  }
  all.push_back(repeated(good[0], 1));
  all.push_back(repeated(good[0], 300));
  if (!good[0].is_array()) {
    all.push_back(repeated(good.back(), 30'000));
  } else {
    all.push_back(repeated(repeated(good[0][0], 300), 300));
    all.push_back(repeated(repeated(good[0][0], 3000), 3));
  }
  return all;
}

struct Slowest {
  double seconds = 0;
  std::string what;
};

}  // namespace

TEST_CASE("calculator: any value of any input gets an answer or a refusal, soon") {
  std::size_t answers = 0, refusals = 0;
  Slowest slowest;
  for (const json& one : good_cases())
    for (const auto& [name, good] : one["inputs"].items())
      for (const json& value : extremes(good)) {
        json changed = one;
        changed["inputs"][name] = value;
        const std::string text = value.dump();
        const std::string what =
            std::string(one["formula"]) + " " + name + " = " + text.substr(0, 60);
        CAPTURE(what);
        const auto begun = std::clock();
        try {
          const theory::WorkLimit limit(most_work /
                                        100);  // what refuses then takes less than 0.1 s
          evaluate_case(changed, "case");
          ++answers;
        } catch (const InputError& refusal) {
          ++refusals;
        }
        const double seconds = seconds_since(begun);
        if (seconds > slowest.seconds) slowest = {seconds, what};
      }
  CHECK(answers > 1000);
  CHECK(refusals > 1000);
  CHECK_MESSAGE(slowest.seconds < 10, slowest.what);
}

TEST_CASE("calculator: what would take long is refused before, and says why") {
  const auto refusal = [](json one, const char* input, const json& value) {
    one["inputs"][input] = value;
    try {
      const theory::WorkLimit limit(most_work / 100);
      evaluate_case(one, "case");
    } catch (const InputError& problem) {
      return std::string(problem.what());
    }
    return std::string("an answer");
  };
  const auto of = [](const char* formula) {
    for (const json& one : good_cases())
      if (one["formula"] == formula) return one;
    return json();
  };
  const std::string limit = ": takes more than 5e+07 operations";
  CHECK(refusal(of("linear.half_time_delay"), "alphas", {1e-300}) ==
        "case: linear.half_time_delay: alpha = 1e-300: more than 1e10 steps lead to the half time");
  CHECK(refusal(of("linear.scalar_descent"), "steps", {1e12}) ==
        "case: linear.scalar_descent: steps = 1e+12" + limit);
  CHECK(refusal(of("shallow.trajectory"), "t", {1e9}) ==
        "case: shallow.trajectory: t = 1e+09" + limit);
  json search = of("shallow.relu_optimum");
  search["inputs"]["ell"] = {0.4, 0.3, 0.2, 0.1};
  CHECK(refusal(search, "K", 16) == "case: shallow.relu_optimum: K = 16" + limit);
  CHECK(refusal(of("generative.nonnegative_bias_floor"), "m", 1e12) ==
        "case: generative.nonnegative_bias_floor: m = 1e+12" + limit);
  CHECK(refusal(of("linear.balanced"), "alpha", 1e308).find("output 'u' is not finite") !=
        std::string::npos);
  CHECK(
      refusal(of("linear.balanced"), "alfa", 1) ==
      "case: linear.balanced: input 'alfa' is unknown; expected u0, lambda, sigma2, gamma, alpha, "
      "times");
}
