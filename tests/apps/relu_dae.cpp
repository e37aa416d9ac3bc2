#include "../data/files.hpp"
#include "program.hpp"
#include "relu_dae/experiment.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/random/stream.hpp>

#include <cmath>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

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

ProgramRun run_study(const Scratch& scratch, const std::string& arguments) {
  return run_program("relu_dae", "--out " + (scratch.path() / "out").string() + " " + arguments,
                     scratch);
}

}  // namespace

TEST_CASE("relu_dae: a preset gives what the command line does not, and a run writes its results") {
  const Scratch scratch;
  const std::string data = scratch.file("images", bright_images(80));
  const ProgramRun run =
      run_study(scratch, "--preset cifar10 --data " + data +
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
    const ProgramRun run = run_study(scratch, arguments);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("relu_dae: "));
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}

namespace {

// A bright mean and two patterns of +-1 that vary by less than it: units that are on along the mean
// are on for every sample, so that a ReLU network learns as a linear one does.
Dataset bright_data() {
  Dataset dataset{"bright", empty({300, 12}), ""};
  const Stream stream{.seed = 5, .id = 0};
  for (std::size_t n = 0; n < 300; ++n) {
    const double a = 1.0 * (double(stream.uniform(0, n, 0)) - 0.5);
    const double b = 0.7 * (double(stream.uniform(0, n, 1)) - 0.5);
    for (std::size_t d = 0; d < 12; ++d)
      dataset.x(n, d) = Real(1 + (d % 2 ? a : -a) + (d % 4 < 2 ? b : -b));
  }
  return dataset;
}

ReluDaeConfig small_config() {
  return {.hidden = 64,
          .sigma2 = 0.2,
          .gamma = 0.1,
          .rate = 0.05,
          .steps = 900,
          .init = 1e-3,
          .modes = 3,
          .half_time_tolerance = 0.1,
          .excess_tolerance = 0.02};
}

std::string message_of(const ReluDaeConfig& config, const Dataset& dataset) {
  try {
    run_relu_dae(config, dataset);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("relu_dae: where all growing units stay on, the network follows the linear theory") {
  const Dataset dataset = bright_data();
  const ReluDaeResult result = run_relu_dae(small_config(), dataset);
  for (const Agreement& a : result.comparison.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    for (const Quantity& q : a.quantities) {
      CAPTURE(q.name);
      CAPTURE(q.measured);
      CAPTURE(q.predicted);
      CHECK(q.verdict() != Verdict::disagrees);
    }
    CHECK(a.verdict() != Verdict::disagrees);
  }
  CHECK(result.comparison.agreements.size() == 3 * (3 + 1));
  // three eighths of the plane of (w1.v, w2.v) are on and grow
  CHECK(result.active_units > 0.2);
  CHECK(result.active_units < 0.55);
}

TEST_CASE("relu_dae: the same numbers on 1 and 2 threads; noise is drawn from the seed") {
  const Dataset dataset = bright_data();
  ReluDaeConfig config = small_config();
  config.steps = 20;
  const Trace one = run_relu_dae(config, dataset).comparison.measured;
  set_threads(2);
  const Trace two = run_relu_dae(config, dataset).comparison.measured;
  set_threads(1);
  for (std::size_t c = 0; c < one.columns().size(); ++c) CHECK(one.values(c) == two.values(c));
  config.seed = 2;
  const Trace other = run_relu_dae(config, dataset).comparison.measured;
  CHECK(other.values(0) != one.values(0));
}

TEST_CASE("relu_dae: settings that make no sense are named") {
  const Dataset dataset = bright_data();
  const auto message = [&](auto change) {
    ReluDaeConfig config = small_config();
    change(config);
    return message_of(config, dataset);
  };
  CHECK(message([](auto& c) { c.hidden = 0; }).find("--hidden: found 0") == 0);
  CHECK(message([](auto& c) { c.modes = 13; }).find("--modes: found 13") == 0);
  CHECK(message([](auto& c) { c.modes = 5; }).find("--modes: found 5, but the data vary") == 0);
  CHECK(message([](auto& c) { c.steps = 0; }).find("--steps: found 0") == 0);
  CHECK(message([](auto& c) { c.init = 0; }).find("--init: found 0") == 0);
  CHECK(message([](auto& c) { c.sigma2 = -1; }).find("--sigma2: found -1") == 0);
  CHECK(message([](auto& c) { c.gamma = NAN; }).find("--gamma: found nan") == 0);
  CHECK(message([](auto& c) { c.rate = 1; }).find("--rate: found 1, expected less than") == 0);
}

TEST_CASE("relu_dae: rates are checked with the noise and the decay of the runs") {
  const Dataset dataset = bright_data();
  ReluDaeConfig config = small_config();
  config.rate = {};
  config.steps = 100;
  for (const double sigma2 : {0.0, 4.0, 400.0})
    for (const double gamma : {0.0, 50.0}) {
      CAPTURE(sigma2);
      CAPTURE(gamma);
      config.sigma2 = sigma2, config.gamma = gamma;
      CHECK_NOTHROW(run_relu_dae(config, dataset));
    }
  config.rate = 0.5;
  CHECK(message_of(config, dataset).find("--rate: found 0.5, expected less than") == 0);
}
