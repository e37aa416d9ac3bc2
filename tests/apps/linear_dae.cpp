#include "../data/files.hpp"
#include "program.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

using hourglass::testing::gzip;

// An IDX file of `count` images of 4x3 pixels that vary in every direction.
std::string images(std::uint32_t count) {
  std::string file = hourglass::testing::idx_header(8, {count, 4, 3});
  std::uint32_t state = 1;
  for (std::uint32_t i = 0; i < 12 * count; ++i) {
    state = state * 1664525u + 1013904223u;
    file += static_cast<char>((state >> 24) / (1 + i % 12));
  }
  return file;
}

ProgramRun linear_dae(const Scratch& scratch, const std::string& arguments) {
  return run_program("linear_dae", "--out " + (scratch.path() / "out").string() + " " + arguments,
                     scratch);
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("linear_dae: a run writes its four results, ends with the path of the page, agrees") {
  const Scratch scratch;
  const std::string data = scratch.file("images", images(400));
  const std::string small = "--data " + data +
                            " --hidden 12 --modes 1,2,4 --steps 3000 --init 1e-3 --strict"
                            " --sigma2 0.01 --gamma 0.01 ";
  const ProgramRun run = linear_dae(scratch, small);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());  // no progress bar where nobody watches
  const auto out = scratch.path() / "out";
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const std::string csv = text_of(out / "trajectory.csv");
  CHECK(csv.starts_with("step,series,index,measured,predicted\n0,ae mode strength,1,"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "linear_dae");
  CHECK(summary["config"]["hidden"] == 12);
  CHECK(summary["config"]["rate"] > 0);
  CHECK(summary["data"]["samples"] == 400);
  CHECK(summary["comparisons"].size() == 3 * 5);
  CHECK(summary["comparisons"][0]["quantities"][0]["name"] == "half time");
  CHECK(text_of(out / "report.html").find("<svg") != std::string::npos);
  CHECK(std::filesystem::exists(out / "figures" / "mode_strengths.svg"));

  // options from a file; the command line wins
  const std::string config =
      scratch.file("options.toml", "hidden = 5\nsteps = 10\nmodes = [1, 2]\n");
  const ProgramRun from_file =
      linear_dae(scratch, "--config " + config + " --steps 20 --data " + data);
  CHECK_MESSAGE(from_file.status == 0, from_file.err);
  const auto second = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(second["config"]["hidden"] == 5);
  CHECK(second["config"]["steps"] == 20);
}

TEST_CASE("linear_dae: the same trajectory for 1 and 2 threads, noise drawn") {
  const Scratch scratch;
  const std::string data = scratch.file("images", images(3000));
  std::vector<std::string> trajectories;
  for (const char* threads : {"1", "2"}) {
    const ProgramRun run =
        linear_dae(scratch, "--quiet --method sampled --hidden 8 --modes 1,2 --steps 20 --data " +
                                data + " --threads " + threads);
    CHECK_MESSAGE(run.status == 0, run.err);
    trajectories.push_back(text_of(scratch.path() / "out" / "trajectory.csv"));
  }
  CHECK(trajectories[0] == trajectories[1]);
  CHECK(trajectories[0].size() > 1000);
}

TEST_CASE("linear_dae: bad usage and bad input exit 2 with one line and leave nothing in --out") {
  const Scratch scratch;
  const std::string whole = images(50), good = scratch.file("good", whole);
  const std::string packed = gzip(whole);
  std::string wrong_magic = whole;
  wrong_magic[2] = 13;
  struct Case {
    std::string arguments, expected;
  };
  const std::vector<Case> cases{
      {"--data nosuch", "nosuch"},
      {"--data " + scratch.file("cut.gz", packed.substr(0, packed.size() / 2)), "cut.gz"},
      {"--data " + scratch.file("magic", wrong_magic), "magic"},
      {"--data " + scratch.file("short", whole.substr(0, whole.size() - 7)), "short"},
      {"--data " + scratch.file("long", whole + "xyz"), "long"},
      {"--data " + good + " --samples 51", "51"},
      {"--data " + good + " --hidden 0", "--hidden: found 0"},
      {"--data " + good + " --hidden 13", "--hidden: found 13"},
      {"--data " + good + " --hidden -1", "--hidden"},
      {"--data " + good + " --hidden many", "--hidden"},
      {"--data " + good + " --hidden 5 --modes 1 --rate nan", "--rate: found nan"},
      {"--data " + good + " --hidden 5 --modes 1 --rate 0", "--rate: found 0"},
      {"--data " + good + " --hidden 5 --modes 1 --rate 1e9", "--rate: found 1e+09"},
      {"--data " + good + " --hidden 5 --modes 1 --sigma2 -1", "--sigma2: found -1"},
      {"--data " + good + " --hidden 5 --modes 1 --gamma inf", "--gamma: found inf"},
      {"--data " + good + " --hidden 5 --modes 1 --init 0", "--init: found 0"},
      {"--data " + good + " --hidden 5 --modes 6", "--modes: found mode 6"},
      {"--data " + good + " --hidden 5 --modes 1,x", "--modes"},
      {"--data " + good + " --hidden 5 --modes 1 --steps 0", "--steps"},
      {"--data " + good + " --hidden 5 --modes 1 --records 1", "--records: found 1"},
      {"--data " + good + " --hidden 5 --modes 1,2,1", "--modes: found mode 1 twice"},
      {"--data " + good + " --hidden 5 --steps 99999999999999999999", "--steps"},
      {"--data " + good + " --seed -1", "--seed"},
      {"--data " + good + " --samples -3", "--samples"},
      {"--data " + good + " --method magic", "--method"},
      {"--nonsense", "--nonsense"},
      {"--config " + (scratch.path() / "missing.toml").string(), "missing.toml"},
      {"--data " + good + " --config " + scratch.file("bad.toml", "hiden = 5\n"), "hiden"},
  };
  const ProgramRun nowhere = run_program("linear_dae", "--out '' --data " + good, scratch);
  CHECK(nowhere.status == 2);
  CHECK(nowhere.err == "linear_dae: --out: found an empty name, expected a folder\n");
  for (const Case& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = linear_dae(scratch, c.arguments);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CAPTURE(run.err);
    CHECK(lines_of(run.err) == 1);
    CHECK(run.err.starts_with("linear_dae: "));
    CHECK(run.err.find(c.expected) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}
