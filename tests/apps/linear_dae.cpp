#include "../data/files.hpp"
#include "linear_dae/experiment.hpp"
#include "program.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/theory/deep_linear.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

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

ProgramRun run_study(const Scratch& scratch, const std::string& arguments) {
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
  const ProgramRun run = run_study(scratch, small);
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
      run_study(scratch, "--config " + config + " --steps 20 --data " + data);
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
        run_study(scratch, "--quiet --method sampled --hidden 8 --modes 1,2 --steps 20 --data " +
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
    const ProgramRun run = run_study(scratch, c.arguments);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CAPTURE(run.err);
    CHECK(lines_of(run.err) == 1);
    CHECK(run.err.starts_with("linear_dae: "));
    CHECK(run.err.find(c.expected) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}

namespace {

GaussianDataset small_data() {
  std::vector<double> spectrum;
  for (int i = 0; i < 24; ++i) spectrum.push_back(4 * std::pow(0.75, i));
  return data::gaussian({.spectrum = spectrum,
                         .samples = 1000,
                         .seed = 3,
                         .basis = Basis::random,
                         .exact_moments = true});
}

LinearDaeConfig small_config(Method method) {
  return {.hidden = 24,
          .sigma2 = 0.3,
          .gamma = 0.2,
          .rate = 0.02,
          .steps = 800,
          .init = 1e-3,
          .modes = {{1, 2, 4, 6}},
          .method = method,
          .records = 200};
}

double largest_difference(const Trace& a, const Trace& b, const std::string& series) {
  double largest = 0;
  for (std::size_t c = 0; c < a.columns().size(); ++c) {
    if (a.columns()[c].series != series) continue;
    for (std::size_t k = 0; k < a.steps().size(); ++k)
      largest = std::max(largest, std::abs(a.values(c)[k] - b.values(c)[k]));
  }
  return largest;
}

}  // namespace

TEST_CASE("linear_dae: noise integrated out, training agrees with the closed form") {
  const auto dataset = small_data();
  const auto result = run_linear_dae(small_config(Method::eigenbasis), dataset);
  for (const Agreement& a : result.comparison.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.verdict() != Verdict::disagrees);
  }
  CHECK(result.comparison.agreements.size() == 3 * (4 + 2));
  CHECK(result.eigenvalues[1] == doctest::Approx(3));
}

TEST_CASE("linear_dae: the eigenbasis and the data's own coordinates give the same trajectory") {
  const auto dataset = small_data();
  const auto a = run_linear_dae(small_config(Method::eigenbasis), dataset).comparison.measured;
  const auto b = run_linear_dae(small_config(Method::expected), dataset).comparison.measured;
  const double tolerance = sizeof(Real) == 4 ? 1e-3 : 1e-9;  // rounding, grown e^13-fold
  for (const char* run : {"ae", "dae", "wdae"})
    for (const char* series : {" mode strength", " loss", " weight norm", " imbalance"})
      CHECK(largest_difference(a, b, std::string(run) + series) < tolerance);
}

TEST_CASE("linear_dae: drawn noise agrees within its Monte-Carlo bound") {
  const auto dataset = small_data();
  const auto result = run_linear_dae(small_config(Method::sampled), dataset);
  for (const Agreement& a : result.comparison.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.verdict() != Verdict::disagrees);
  }
  // and it is really drawn: the noisy run differs, the clean runs do not
  const auto exact = run_linear_dae(small_config(Method::expected), dataset).comparison.measured;
  const double tolerance = sizeof(Real) == 4 ? 1e-3 : 1e-9;
  CHECK(largest_difference(exact, result.comparison.measured, "ae mode strength") < tolerance);
  CHECK(largest_difference(exact, result.comparison.measured, "dae mode strength") > 1e-5);
}

TEST_CASE(
    "linear_dae: a curve that drawn batches leave anywhere is not judged, others could fail") {
  const auto dataset = small_data();
  LinearDaeConfig config = small_config(Method::sampled);
  for (const std::size_t batch : {0, 10}) {
    config.batch = batch;
    for (const Agreement& a : run_linear_dae(config, dataset).comparison.agreements) {
      if (a.column.series.find("mode strength") == std::string::npos) continue;
      CAPTURE(a.column.series);
      CAPTURE(a.column.index);
      CHECK((std::isnan(a.tolerance) || a.tolerance < 1.1));
      CHECK(a.verdict() != Verdict::disagrees);
    }
  }
}

TEST_CASE("linear_dae: masks on data of fewer directions than features") {
  const auto dataset = data::gaussian(
      {.spectrum = {3, 2, 1, 0, 0, 0}, .samples = 200, .seed = 3, .basis = Basis::random});
  LinearDaeConfig config{.hidden = 6, .steps = 5, .modes = {{1}}, .method = Method::expected};
  config.noise = InputNoise::masking;
  CHECK_NOTHROW(run_linear_dae(config, dataset));
}

TEST_CASE("linear_dae: the same seed gives the same bits on 1 and 2 threads") {
  const auto dataset = small_data();
  LinearDaeConfig config = small_config(Method::sampled);
  config.steps = 30;
  config.batch = 300;
  const auto one = run_linear_dae(config, dataset).comparison.measured;
  set_threads(2);
  const auto two = run_linear_dae(config, dataset).comparison.measured;
  set_threads(1);
  for (std::size_t c = 0; c < one.columns().size(); ++c) CHECK(one.values(c) == two.values(c));
  config.seed = 2;
  const auto other = run_linear_dae(config, dataset).comparison.measured;
  CHECK(other.values(0) != one.values(0));
}

TEST_CASE("linear_dae: coloured and masking noise follow their modes' drives and curvatures") {
  const auto dataset = small_data();
  const auto check = [&](const LinearDaeConfig& config) {
    const auto result = run_linear_dae(config, dataset);
    for (const Agreement& a : result.comparison.agreements) {
      CAPTURE(a.column.series);
      CAPTURE(a.column.index);
      CHECK(a.verdict() != Verdict::disagrees);
    }
    return result.comparison.measured;
  };
  LinearDaeConfig config = small_config(Method::eigenbasis);
  config.noise = InputNoise::coloured;
  const Trace rotated = check(config);
  config.method = Method::expected;
  const Trace plain = check(config);
  const double tolerance = sizeof(Real) == 4 ? 1e-3 : 1e-9;
  CHECK(largest_difference(rotated, plain, "dae mode strength") < tolerance);
  config.method = Method::sampled;
  check(config);
  config.method = Method::expected;
  config.noise = InputNoise::masking;
  for (const bool rescaled : {false, true}) {
    config.rescaled = rescaled;
    const Trace masked = check(config);
    const double end = masked.values(masked.find({"dae mode strength", 1})).back();
    CHECK((end > 1) == !rescaled);  // without rescaling the network makes up for what is dropped
  }
}

TEST_CASE(
    "linear_dae: unbalanced and deep networks follow their closed forms from aligned starts") {
  const auto dataset = small_data();
  LinearDaeConfig config = small_config(Method::eigenbasis);
  config.hidden = 8;
  config.steps = 4000;
  config.rate = {};
  const auto check = [&](LinearDaeConfig changed) {
    const auto result = run_linear_dae(changed, dataset);
    for (const Agreement& a : result.comparison.agreements) {
      CAPTURE(changed.depth);
      CAPTURE(a.column.series);
      CAPTURE(a.column.index);
      CHECK(a.verdict() != Verdict::disagrees);
      if (a.column.index > 0) CHECK(a.tolerance < 0.15);  // late by a few steps at most
    }
    return result.comparison;
  };
  for (const double imbalance : {0.5, -0.5}) {
    config.imbalance = imbalance;
    const Comparison result = check(config);
    const Trace &traced = result.measured, &theory = result.predicted;
    const auto& measured = traced.values(traced.find({"wdae imbalance"}));
    const auto& predicted = theory.values(theory.find({"wdae imbalance"}));
    CHECK(measured.back() < 0.9 * measured.front());
    for (std::size_t k = 0; k < measured.size(); ++k)
      CHECK(measured[k] == doctest::Approx(predicted[k]).epsilon(0.01));
  }
  config.imbalance = 0;
  config.u0 = 0.02;
  for (const std::size_t depth : {2, 3, 5}) {
    config.depth = depth;
    check(config);
  }
}

TEST_CASE("linear_dae: under weight decay a deep mode below the threshold dies") {
  const auto dataset = small_data();
  LinearDaeConfig config = small_config(Method::eigenbasis);
  config.hidden = 4;
  config.modes = {{1, 4}};
  config.depth = 4;
  config.steps = 3000;
  config.rate = {};
  config.gamma = 0.4;
  const auto last = [&](double u0) {
    config.u0 = u0;
    const Comparison result = run_linear_dae(config, dataset).comparison;
    CHECK(result.verdict() == Verdict::agrees);
    return result.measured.values(result.measured.find({"wdae mode strength", 1})).back();
  };
  const auto threshold = theory::decay_threshold(4, dataset.spectrum[0], 0, config.gamma);
  CHECK(last(0.7 * threshold.u_unstable) < 1e-3);
  CHECK(last(1.5 * threshold.u_unstable) == doctest::Approx(threshold.u_stable).epsilon(1e-3));
}

TEST_CASE("linear_dae: settings that make no sense are named") {
  const auto dataset = small_data();
  const auto message = [&](auto change) {
    LinearDaeConfig config = small_config(Method::eigenbasis);
    change(config);
    try {
      run_linear_dae(config, dataset);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message([](auto& c) { c.hidden = 0; }).find("--hidden: found 0") == 0);
  CHECK(message([](auto& c) { c.hidden = 25; }).find("--hidden: found 25") == 0);
  CHECK(message([](auto& c) { c.rate = NAN; }).find("--rate: found nan") == 0);
  CHECK(message([](auto& c) { c.rate = 1; }).find("--rate: found 1, expected less than") == 0);
  CHECK(message([](auto& c) { c.modes = {{25}}; }).find("--modes: found mode 25") == 0);
  CHECK(message([](auto& c) { c.modes.emplace(); }).find("--modes: expected") == 0);
  CHECK(message([](auto& c) { c.init = 0; }).find("--init: found 0") == 0);
  CHECK(message([](auto& c) { c.sigma2 = -1; }).find("--sigma2: found -1") == 0);
  CHECK(message([](auto& c) { c.drop = 1; }).find("--drop: found 1") == 0);
  CHECK(message([](auto& c) { c.noise = InputNoise::masking; }).find("--method: found") == 0);
  CHECK(message([](auto& c) { c.depth = 1; }).find("--depth: found 1") == 0);
  // stable for two layers, not for three: 2/(3 lambda_1) = 1/6
  CHECK(message([](auto& c) { c.depth = 3, c.rate = 0.18; }).find("--rate: found 0.18") == 0);
  CHECK(message([](auto& c) { c.u0 = -1; }).find("--u0: found -1") == 0);
  CHECK(message([](auto& c) { c.imbalance = NAN; }).find("--imbalance: found nan") == 0);
  CHECK(message([](auto& c) { c.depth = 3, c.imbalance = 1; }).find("--imbalance: found 1 with") ==
        0);
  CHECK(message([](auto& c) { c.depth = 3, c.method = Method::sampled; }).find("--method") == 0);
  CHECK(message([](auto& c) { c.gamma = INFINITY; }).find("--gamma: found inf") == 0);
}

TEST_CASE("linear_dae: the default rate is stable in every run, whatever the size of the data") {
  for (const double size : {1e-6, 1.0 / 12, 1.0, 1e6})
    for (const Method method : {Method::eigenbasis, Method::sampled}) {
      CAPTURE(size);
      const auto dataset = data::gaussian({.spectrum = {size, size / 2, size / 4, size / 8},
                                           .samples = 20,
                                           .seed = 2,
                                           .basis = Basis::random,
                                           .exact_moments = true});
      LinearDaeConfig config{.hidden = 4, .steps = 200, .modes = {{1}}, .method = method};
      CHECK_NOTHROW(run_linear_dae(config, dataset));  // sigma2 and gamma are 0.5
      config.sigma2 = 0;
      const double edge = 2 / std::max(2 * size, size + config.gamma);
      config.rate = 0.99 * edge;
      CHECK_NOTHROW(run_linear_dae(config, dataset));
      config.rate = 1.01 * edge;
      CHECK_THROWS_AS(run_linear_dae(config, dataset), InputError);
    }
}

TEST_CASE("linear_dae: the default rate of an aligned start knows depth, start and imbalance") {
  const auto dataset = small_data();
  const auto run = [&](LinearDaeConfig changed) {
    changed.hidden = 6, changed.steps = 300, changed.modes = {{1, 2}};
    return run_linear_dae(changed, dataset);
  };
  for (const std::size_t depth : {2u, 3u, 8u})
    for (const double u0 : {1e-3, 1.0, 4.0}) {
      CAPTURE(depth);
      CAPTURE(u0);
      LinearDaeConfig config;
      config.depth = depth, config.u0 = u0, config.sigma2 = 8, config.gamma = 6;
      CHECK_NOTHROW(run(config));
    }
  LinearDaeConfig unbalanced;
  unbalanced.imbalance = 30, unbalanced.sigma2 = 8;
  CHECK_NOTHROW(run(unbalanced));
}

TEST_CASE("linear_dae: of equal and near eigenvalues what is determined is judged") {
  for (const double gap : {0.0, 1e-9, 1e-3, 0.03, 0.1}) {
    const auto dataset = data::gaussian({.spectrum = {2, 2 * (1 - gap), 1, 1 - gap, 0.5, 0.2},
                                         .samples = 100,
                                         .seed = 3,
                                         .basis = Basis::random,
                                         .exact_moments = true});
    std::size_t held_up = 0;
    for (const std::uint64_t seed : {1, 2, 3, 4}) {
      CAPTURE(gap);
      CAPTURE(seed);
      // modes 3 and 4 share what the third unit learns
      const LinearDaeConfig config{.hidden = 3, .steps = 1500, .modes = {{1, 2, 3}}, .seed = seed};
      const LinearDaeResult result = run_linear_dae(config, dataset);
      CHECK(result.comparison.verdict() == Verdict::agrees);
      held_up += result.held_up.size();
      const Agreement& first = result.comparison.agreement(linear_dae::strength("ae", 1));
      CHECK(find_quantity(first, final_value_name)->verdict() == Verdict::agrees);
    }
    CHECK(held_up > 0);
  }
}
