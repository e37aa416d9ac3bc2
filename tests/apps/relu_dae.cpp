#include "../data/files.hpp"
#include "program.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

// Bright images of 4x3 pixels with a pattern that varies from image to image.
std::string bright_images(std::uint32_t count) {
  std::string file = hourglass::testing::idx_header(8, {count, 4, 3});
  std::uint32_t state = 1;
  for (std::uint32_t n = 0; n < count; ++n) {
    state = state * 1664525u + 1013904223u;
    const int shade = static_cast<int>(state >> 26);  // 0..63
    for (int pixel = 0; pixel < 12; ++pixel)
      file += static_cast<char>(pixel % 2 ? 128 + shade : 192 - shade);
  }
  return file;
}

ProgramRun relu_dae(const Scratch& scratch, const std::string& arguments) {
  return run_program("relu_dae", "--out " + (scratch.path() / "out").string() + " " + arguments,
                     scratch);
}

}  // namespace

TEST_CASE("relu_dae: a preset gives what the command line does not, and a run writes its results") {
  const Scratch scratch;
  const std::string data = scratch.file("images", bright_images(80));
  const ProgramRun run =
      relu_dae(scratch, "--preset cifar10 --data " + data +
                            " --samples 80 --hidden 16 --steps 50 --modes 2 --rate 0.05");
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  const auto out = scratch.path() / "out";
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "relu_dae");
  CHECK(summary["config"]["preset"] == "cifar10");
  CHECK(summary["config"]["sigma2"] == 9);                      // of the preset
  CHECK(summary["config"]["hidden"] == 16);                     // of the command line
  CHECK(summary["config"]["gamma"] == doctest::Approx(0.027));  // as published: 0.00225 a feature
  CHECK(summary["comparisons"].size() == 3 * (2 + 1));
  CHECK(std::filesystem::exists(out / "figures" / "mappings.svg"));
}

TEST_CASE("relu_dae: bad usage and bad input exit 2 with one line and leave nothing in --out") {
  const Scratch scratch;
  const std::string data = "--data " + scratch.file("images", bright_images(20));
  for (const std::string& arguments :
       {data, data + " --samples 21", data + " --samples 20 --hidden 0",
        data + " --samples 20 --modes 13", data + " --samples 20 --rate 9",
        data + " --samples 20 --sigma2 -1", data + " --preset large",
        std::string("--data nosuch")}) {
    CAPTURE(arguments);
    const ProgramRun run = relu_dae(scratch, arguments);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("relu_dae: "));
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}
