#include "program.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

ProgramRun recover(const Scratch& scratch, const std::string& arguments) {
  return run_program("recover", "--out " + (scratch.path() / "out").string() + " " + arguments,
                     scratch);
}

nlohmann::json summary_of(const Scratch& scratch) {
  return nlohmann::json::parse(text_of(scratch.path() / "out" / "summary.json"));
}

const std::string small = "--quiet --n 16 --m 16 --batch 512 --steps 20 --seeds 2 ";

}  // namespace

TEST_CASE("recover: a run agrees, writes its results and shows the dictionary") {
  const Scratch scratch;
  const ProgramRun run =
      recover(scratch, "--n 32 --m 16 --steps 30 --batch 2048 --seeds 3 --strict");
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  const auto out = scratch.path() / "out";
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  CHECK(text_of(out / "trajectory.csv")
            .starts_with("step,series,index,measured,predicted\n0,mean distance,0,"));
  const auto summary = summary_of(scratch);
  CHECK(summary["config"]["preset"] == "P1");
  CHECK(summary["config"]["n"] == 32);
  CHECK(summary["comparisons"].back()["series"] == "atoms recovered");
  CHECK(summary["comparisons"].back()["quantities"][0]["measured"] == 1);
  CHECK(text_of(out / "report.html").find("data:image/png") != std::string::npos);
  for (const char* file : {"distance.svg", "gates.svg", "dictionary.png", "overlaps.png"})
    CHECK(std::filesystem::exists(out / "figures" / file));
}

TEST_CASE("recover: the command line changes what it names of a preset") {
  const Scratch scratch;
  REQUIRE(recover(scratch, small + "--model sparse").status == 0);
  auto config = summary_of(scratch)["config"];
  CHECK(config["preset"] == "P3");
  CHECK(config["dictionary"] == "dct");
  CHECK(config["k"] == 4);
  CHECK(config["batch"] == 512);
  const std::string file =
      scratch.file("options.toml", "preset = \"P6\"\nsigma = 0.03\nsteps = 12\n");
  REQUIRE(
      recover(scratch, "--quiet --config " + file + " --n 16 --m 16 --batch 64 --seeds 1").status ==
      0);
  config = summary_of(scratch)["config"];
  CHECK(config["model"] == "nonnegative");
  CHECK(config["bias"] == "scheduled");
  CHECK(config["bias-ratio"] == 0.9);
  CHECK(config["sigma"] == 0.03);
  CHECK(config["steps"] == 12);
}

TEST_CASE("recover: rotated pairs of atoms are warned of, on the terminal and on the page") {
  const Scratch scratch;
  const ProgramRun run =
      recover(scratch,
              "--model sparse --n 32 --m 32 --k 3 --start random --threshold 0.25 "
              "--steps 150 --batch 512 --seeds 2");
  CHECK(run.status == 0);
  CHECK(run.err.find("share two atoms evenly") != std::string::npos);
  CHECK(text_of(scratch.path() / "out" / "report.html").find("Warning:") != std::string::npos);
}

TEST_CASE("recover: the same numbers for 1 and 2 threads") {
  const Scratch scratch;
  std::vector<std::string> trajectories;
  for (const char* threads : {"1", "2"}) {
    REQUIRE(recover(scratch, small + "--model nonnegative --threads " + threads).status == 0);
    trajectories.push_back(text_of(scratch.path() / "out" / "trajectory.csv"));
  }
  CHECK(trajectories[0] == trajectories[1]);
}

TEST_CASE("recover: exports the samples and the dictionary of every seed") {
  const Scratch scratch;
  const auto folder = scratch.path() / "exported";
  REQUIRE(recover(scratch, small + "--seed 5 --exported-samples 100 --export " + folder.string())
              .status == 0);
  for (const char* seed : {"5", "6"}) {
    const std::string samples = text_of(folder / (std::string("samples-") + seed + ".npy"));
    CHECK(samples.find("(100, 16)") != std::string::npos);
    const std::string atoms = text_of(folder / (std::string("dictionary-") + seed + ".npy"));
    CHECK(atoms.find("(16, 16)") != std::string::npos);
  }
}

TEST_CASE("recover: bad usage exits 2 with one line and leaves nothing in --out") {
  const Scratch scratch;
  struct Case {
    std::string arguments, expected;
  };
  const std::vector<Case> cases{{"--preset P8", "P8"},
                                {"--model wild", "--model"},
                                {"--dictionary wavelets", "wavelets"},
                                {"--preset P3 --m 65", "m"},
                                {"--k 2", "one atom"},
                                {"--seeds 0", "--seeds"},
                                {"--bias fixed --bias-rate 0.1", "--bias-rate"},
                                {"--bias trained --bias-ratio 0.9", "--bias-ratio"},
                                {"--model sparse --bias trained", "no bias"},
                                {"--steps -3", "--steps"},
                                {"--n 0", "--n"},
                                {"--batch 2.5", "--batch"},
                                {"--sigma nan", "sigma"},
                                {"--n 1 --m 1", "n >= 2"},
                                {"--model sparse --threshold inf", "threshold"},
                                {"--bias-start inf", "biases"},
                                {"--export /dev/null", "--export /dev/null"}};
  for (const Case& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = recover(scratch, c.arguments);
    CHECK(run.status == 2);
    CHECK(run.err.starts_with("recover: "));
    CHECK(run.err.find(c.expected) != std::string::npos);
    CHECK(run.err.find('\n') == run.err.size() - 1);
    CHECK(!std::filesystem::exists(scratch.path() / "out"));
  }
}
