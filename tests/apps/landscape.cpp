#include "landscape/experiment.hpp"
#include "program.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/synthetic.hpp>

#include <cmath>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

namespace {

GaussianDataset small_data(const std::vector<double>& spectrum) {
  return data::gaussian({.spectrum = spectrum, .samples = 500, .seed = 2});
}

double last(const Comparison& comparison, const std::string& series) {
  const Trace& trace = comparison.measured;
  return trace.values(trace.find({series})).back();
}

}  // namespace

TEST_CASE("landscape: training ends in the closed-form minima and orders units at the rate") {
  const auto dataset = small_data({6, 4, 2.5, 1.5, 1, 0.6, 0.3});
  const auto result = run_landscape({.hidden = 3, .dimensions = 7, .steps = 15000}, dataset);
  for (const Agreement& a : result.comparison.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.verdict() != Verdict::disagrees);
  }
  CHECK(result.comparison.agreements.size() == 5 * 3 + 5 * 2 + 2 + 3 + 1 + 2);
  CHECK(last(result.comparison, "sum transpose distance") < 1e-6);
  // nothing makes the factors transposes of each other, or their columns axes
  for (const std::string run : {"none", "product"}) {
    CHECK(last(result.comparison, run + " transpose distance") > 1e-2);
    CHECK(last(result.comparison, run + " ordered axis distance") > 1e-2);
  }
  CHECK(last(result.comparison, "sum ordered axis distance") > 1e-2);
}

TEST_CASE("landscape: settings that make no sense are named") {
  const auto dataset = small_data({3, 2, 1, 0.5});
  const auto message = [&](LandscapeConfig config) {
    try {
      run_landscape(config, dataset);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message({.hidden = 2, .dimensions = 5}).find("--dimensions: found 5") == 0);
  CHECK(message({.hidden = 4, .dimensions = 4}).find("--hidden: found 4") == 0);
  CHECK(message({.hidden = 2, .dimensions = 4, .share = 1}).find("--share: found 1") == 0);
  CHECK(message({.hidden = 2, .dimensions = 4, .rho = NAN}).find("--rho: found nan") == 0);
  CHECK(message({.hidden = 2, .dimensions = 4, .steps = 1}).find("--steps: found 1") == 0);
  const auto few = small_data({3, 2, 0, 0});
  CHECK_THROWS_WITH_AS(run_landscape({.hidden = 2, .dimensions = 4}, few),
                       doctest::Contains("--dimensions: found 4"), InputError);
  Dataset twins{"twins",
                Array{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 0.5}, {0, 0, -0.5}}, ""};
  try {
    run_landscape({.hidden = 2, .dimensions = 3}, twins);
    FAIL("equal eigenvalues were taken");
  } catch (const InputError& e) {
    CHECK(std::string(e.what()).find("eigenvalues 1 and 2 are equal") != std::string::npos);
  }
}

namespace {

// Rows of six numbers, each axis weaker than the one before.
std::string rows(std::size_t count) {
  const auto dataset =
      data::gaussian({.spectrum = {6, 4, 2.5, 1.5, 1, 0.6}, .samples = count, .seed = 3});
  std::string text;
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t d = 0; d < 6; ++d)
      text += std::to_string(dataset.x(n, d)) + (d == 5 ? "\n" : ",");
  return text;
}

}  // namespace

TEST_CASE("landscape: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const std::string data = scratch.file("rows.csv", rows(300));
  const ProgramRun run = run_program(
      "landscape",
      "--strict --hidden 2 --dimensions 5 --steps 10000 --data " + data + " --out " + out.string(),
      scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["config"]["dimensions"] == 5);
  CHECK(summary["comparisons"].size() == 5 * 2 + 5 * 2 + 2 + 3 + 1 + 1);
  for (const char* name : {"singular_values", "distances", "ordering"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("ends in the closed-form minima") != std::string::npos);
}

TEST_CASE("landscape: bad usage exits 2 and leaves nothing in --out") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const std::string data = scratch.file("rows.csv", rows(20));
  for (const char* arguments : {"--hidden 1", "--hidden 6 --dimensions 6", "--dimensions 7",
                                "--share 1", "--rho nan", "--steps 1", "--records 1"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("landscape",
                    std::string(arguments) + " --data " + data + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("landscape: "));
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

TEST_CASE(
    "landscape: rates that its own defaults make unstable are refused by what makes them so") {
  const auto dataset = small_data({6, 4, 2.5, 1.5, 1, 0.6, 0.3});
  LandscapeConfig config{.hidden = 3, .dimensions = 7, .steps = 40};
  CHECK_THROWS_WITH_AS(run_landscape(config, dataset), doctest::Contains("--steps: found 40"),
                       InputError);
  config.steps = 3000, config.rho = 1000;
  CHECK_THROWS_WITH_AS(run_landscape(config, dataset), doctest::Contains("--rho: found 1000"),
                       InputError);
  const auto equal = data::gaussian(
      {.spectrum = {4, 2, 2, 1, 0.6, 0.3, 0.1}, .samples = 500, .seed = 2, .exact_moments = true});
  CHECK_THROWS_WITH_AS(run_landscape({.hidden = 3, .dimensions = 7}, equal),
                       doctest::Contains("are not determined"), InputError);
}
