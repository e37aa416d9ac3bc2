#include "sample.hpp"
#include <hourglass/report/number.hpp>
#include <hourglass/report/table.hpp>
#include <hourglass/report/write.hpp>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;
using namespace hourglass::testing;
using nlohmann::json;

TEST_CASE("numbers read back exactly, and people get short ones") {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 123456789.125, -2.5e17})
    CHECK(std::strtod(round_trip(value).c_str(), nullptr) == value);
  CHECK(round_trip(100000) == "100000");
  CHECK(round_trip(0.1) == "0.1");
  CHECK(round_trip(NAN) == "");
  CHECK(rounded(12345.6) == "12346");
  CHECK(rounded(0.123456) == "0.1235");
  CHECK(rounded(NAN) == "-");
  CHECK(split_exponent("3.2e-07").exponent == -7);
  CHECK(split_exponent("3.2e-07").mantissa == "3.2");
}

TEST_CASE("the CSV is tidy, with empty cells where a value does not exist") {
  CHECK(to_csv(sample_comparison()) ==
        "step,series,index,measured,predicted\n"
        "0,mode strength,1,0,0\n"
        "1,mode strength,1,0.1,0.1\n"
        "100,mode strength,1,1,1\n"
        "0,mode strength,2,0,0\n"
        "1,mode strength,2,0.05,\n"
        "100,mode strength,2,0.75,0.5\n");
}

TEST_CASE("the CSV merges traces of different steps and columns, and quotes") {
  Trace measured({{"a,\"b\"", 0}}), predicted({{"a,\"b\"", 0}, {"theory only", 0}});
  measured.add(2, {1.5});
  predicted.add(1, {2.5, 7});
  CHECK(to_csv({measured, predicted, {}}) ==
        "step,series,index,measured,predicted\n"
        "1,\"a,\"\"b\"\"\",0,,2.5\n"
        "2,\"a,\"\"b\"\"\",0,1.5,\n"
        "1,theory only,0,,7\n");
}

TEST_CASE("the summary holds every option, comparison and quantity") {
  const json summary = json::parse(to_json(sample_run()));
  CHECK(summary["app"] == "tryout");
  CHECK(summary["version"] == HOURGLASS_VERSION);
  CHECK(summary["config"]["samples"] == 60000);
  CHECK(summary["config"]["samples"].is_number_integer());
  CHECK(summary["config"]["strict"] == false);
  CHECK(summary["config"]["spectrum"] == json({2.0, 0.5}));
  CHECK(summary["environment"]["threads"] == 1);
  CHECK(summary["environment"]["precision"] == (HOURGLASS_SINGLE ? "single" : "double"));
  CHECK(summary["data"]["checksum"] == "cbf43926");
  CHECK(summary["timing"]["wall_seconds"] == 1.5);

  const json& first = summary["comparisons"][0];
  CHECK(first["series"] == "mode strength");
  CHECK(first["index"] == 1);
  CHECK(first["agrees"] == true);
  CHECK(first["tolerance"] == 0.125);
  CHECK(first["quantities"][0]["deviation"] == 0.0);
  const json& second = summary["comparisons"][1];
  CHECK(second["max_abs_deviation"] == 0.25);
  CHECK(second["worst_step"] == 100);
  CHECK(second["agrees"] == false);
  CHECK(second["quantities"][1]["deviation"] == 0.25);
  CHECK(summary["verdict"] ==
        json{{"agrees", false}, {"compared", 5}, {"judged", 4}, {"disagree", 2}});
}

TEST_CASE("the summary writes null where a number does not exist, and survives odd bytes") {
  Run run = sample_run();
  run.command = run.app = "\xff\xfe";
  const json summary = json::parse(to_json(run));
  CHECK(summary["config"]["limit"].is_null());
  CHECK(summary["timing"]["steps_per_second"].is_null());
  CHECK(summary["comparisons"][1]["quantities"][0]["measured"].is_null());
  CHECK(summary["comparisons"][1]["quantities"][1]["tolerance"].is_null());
}

TEST_CASE("the summary judges nothing that has no tolerance") {
  Run run = sample_run();
  for (Agreement& a : run.comparison.agreements) {
    a.tolerance = NAN;
    for (Quantity& q : a.quantities) q.tolerance = NAN;
  }
  const json summary = json::parse(to_json(run));
  CHECK(summary["verdict"]["agrees"].is_null());
  CHECK(summary["verdict"]["judged"] == 0);
  for (const json& comparison : summary["comparisons"]) {
    CHECK(comparison["agrees"].is_null());
    for (const json& quantity : comparison["quantities"]) CHECK(quantity["agrees"].is_null());
  }
}

TEST_CASE("the summary keeps the order of its fields") {
  const std::string text = to_json(sample_run());
  std::size_t last = 0;
  for (const char* field : {"\"app\"", "\"version\"", "\"config\"", "\"environment\"",
                            "\"data\": {", "\"comparisons\"", "\"timing\""}) {
    CHECK(text.find(field) > last);
    last = text.find(field);
  }
}

namespace {

void check_table(const Comparison& comparison, const std::vector<std::string>& lines) {
  std::ostringstream out;
  print_table(out, comparison);
  std::istringstream table(out.str());
  std::string found;
  for (const std::string& line : lines) {
    std::getline(table, found);
    CHECK(found == line);
  }
  CHECK(!std::getline(table, found));
}

}  // namespace

TEST_CASE("the terminal table is aligned, and marks what is judged") {
  Comparison comparison = sample_comparison();
  comparison.agreements[1].quantities.pop_back();
  check_table(comparison,
              {"                half time                          largest",
               "series           measured  predicted  deviation  deviation  tolerance    verdict",
               "mode strength 1        10         10        0%          0       0.125     agrees",
               "mode strength 2         -         40         -!      0.25!      0.125  DISAGREES",
               "4 of 4 comparisons judged, 2 beyond the tolerance (!)"});
  comparison.agreements.pop_back();
  comparison.agreements[0].tolerance = comparison.agreements[0].quantities[0].tolerance = NAN;
  check_table(comparison,
              {"                half time                          largest",
               "series           measured  predicted  deviation  deviation  tolerance     verdict",
               "mode strength 1        10         10       (0%)        (0)          -  not judged",
               "0 of 2 comparisons judged (not those in brackets)"});
}

TEST_CASE("a table that is too wide for a terminal leaves out predictions and tolerances") {
  check_table(sample_comparison(),
              {"                           half time          final value    largest",
               "series           measured  deviation  measured  deviation  deviation    verdict",
               "mode strength 1        10        0%                               0      agrees",
               "mode strength 2         -         -!      0.75     (0.25)      0.25!  DISAGREES",
               "4 of 5 comparisons judged (not those in brackets), 2 beyond the tolerance (!)"});
}

TEST_CASE("the answer says what agrees, how much is judged and where it is worst") {
  Comparison comparison = sample_comparison();
  CHECK(answer_of(comparison) ==
        "2 comparisons disagree with the theory (4 of 5 comparisons judged). Farthest off is the "
        "half time of mode strength 2: measured -, predicted 40 (tolerance 1 %).");
  comparison.agreements[1].quantities[0].predicted = NAN;
  CHECK(answer_of(comparison) ==
        "1 comparison disagrees with the theory (3 of 4 comparisons judged). Farthest off is mode "
        "strength 2, by 0.25 at step 100 (tolerance 0.125).");
  comparison.agreements[1].tolerance = NAN;  // the largest deviation of what is judged
  CHECK(answer_of(comparison) ==
        "All that is judged agrees with the theory (2 of 4 comparisons judged). The largest "
        "deviation along a curve is 0 (mode strength 1, step 0; tolerance 0.125).");
  comparison.agreements[0].tolerance = NAN;
  comparison.agreements[0].quantities.clear();
  CHECK(answer_of(comparison) ==
        "Nothing is judged: measurement and theory stand side by side (0 of 3 comparisons judged). "
        "The largest deviation along a curve is 0.25 (mode strength 2, step 100).");
  CHECK(answer_of({}).find("no prediction") != std::string::npos);
}
