#include "../data/files.hpp"
#include "program.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

ProgramRun online_sgd(const Scratch& scratch, const std::string& arguments) {
  return run_program("online_sgd", "--out " + (scratch.path() / "out").string() + " " + arguments,
                     scratch);
}

// An IDX file of 300 images of 4x3 pixels that vary in every direction.
std::string images() {
  std::string file = hourglass::testing::idx_header(8, {300, 4, 3});
  std::uint32_t state = 1;
  for (int i = 0; i < 12 * 300; ++i) {
    state = state * 1664525u + 1013904223u;
    file += static_cast<char>((state >> 24) / (1 + i % 12));
  }
  return file;
}

}  // namespace

TEST_CASE("online_sgd app: the default run agrees under --strict and writes its results") {
  const Scratch scratch;
  const ProgramRun run = online_sgd(scratch, "--strict --seeds 3");
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  const auto out = scratch.path() / "out";
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "online_sgd");
  CHECK(summary["config"]["time"] == 100);
  CHECK(summary["config"]["strengths"] == std::vector<double>{5, 3});
  CHECK(summary["data"]["features"] == 500);
  CHECK(summary["comparisons"][0]["series"] == "error");
  CHECK(summary["timing"]["steps_per_second"] > 0);
  for (const char* name : {"error_log", "error_linear", "overlaps_log", "norms_linear"})
    CHECK(std::filesystem::exists(out / "figures" / (std::string(name) + ".svg")));
  const std::string page = text_of(out / "report.html");
  CHECK(page.find("Training follows the equations") != std::string::npos);
  CHECK(text_of(out / "figures" / "error_log.svg").find("PCA(2)") != std::string::npos);
}

TEST_CASE("online_sgd app: every rule, every data model, images and their surrogate") {
  const Scratch scratch;
  const std::string data = scratch.file("images", images());
  const std::string small = "--features 20 --time 1 --seeds 1 --records 5 ";
  for (const std::string& arguments : std::vector<std::string>{
           small + "--rule truncated --bias encoder", small + "--rule sanger --activation linear",
           small + "--rule tied-detached", small + "--tied --hidden 1",
           small + "--data sinusoidal --activation relu --bias both --batch 4",
           small + "--data random --strengths 4,2,1",
           "--time 1 --seeds 1 --records 5 --lr 0.1 --data " + data,
           "--time 1 --seeds 1 --records 5 --lr 0.1 --surrogate --centring scalar --data " +
               data}) {
    CAPTURE(arguments);
    const ProgramRun run = online_sgd(scratch, "--quiet " + arguments);
    CHECK_MESSAGE(run.status == 0, run.err);
  }
}

TEST_CASE("online_sgd app: bad usage exits 2 with one line and leaves nothing in --out") {
  const Scratch scratch;
  struct Case {
    const char *arguments, *expected;
  };
  const std::vector<Case> cases{
      {"--data nosuch", "nosuch"},
      {"--hidden 0", "--hidden: found 0"},
      {"--hidden -1", "--hidden"},
      {"--features 3 --hidden 2 --strengths 1,2,3,4", "--features, --strengths"},
      {"--features 0", "--features"},
      {"--strengths 1,nan", "--strengths"},
      {"--strengths x", "--strengths"},
      {"--activation tanh", "--activation"},
      {"--bias decoder", "--bias"},
      {"--rule sanger", "--rule: found sanger, expected with it --activation linear"},
      {"--tied --bias both", "--bias: found both"},
      {"--rule truncated --bias both", "--bias: found both"},
      {"--rule truncated --tied", "--tied"},
      {"--lr 0", "--lr: found 0"},
      {"--lr 1e6", "--lr: found 1e+06"},
      {"--time -1", "--time: found -1"},
      {"--init inf", "--init: found inf"},
      {"--batch 0", "--batch: found 0"},
      {"--seeds 0", "--seeds: found 0"},
      {"--records 1", "--records: found 1"},
      {"--centring odd", "--centring"},
      {"--nonsense", "--nonsense"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = online_sgd(scratch, c.arguments);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CAPTURE(run.err);
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    CHECK(run.err.starts_with("online_sgd: "));
    CHECK(run.err.find(c.expected) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}
