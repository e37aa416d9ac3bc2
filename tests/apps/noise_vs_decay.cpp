#include "noise_vs_decay/experiment.hpp"
#include "noise_vs_decay/scalar_network.hpp"
#include "program.hpp"
#include <hourglass/core/array.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/theory/linear.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

TEST_CASE("noise_vs_decay: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const ProgramRun run = run_program("noise_vs_decay",
                                     "--strict --steps 1500 --paths 3 --scan 0.5,2 --records 60 "
                                     "--lambdas 2,1 --out " +
                                         out.string(),
                                     scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "noise_vs_decay");
  CHECK(summary["comparisons"].size() == 3 * 3 * 2 + 2 * 3 * 2 + 2 * 2 + 3 * 3 * 2 + 3);
  for (const char* name : {"paths", "noise_strengths", "decay_strengths", "optimal_rate_strengths",
                           "rates", "sharpness", "weight_norms", "network_sharpness"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("end in the same place") != std::string::npos);
}

TEST_CASE("noise_vs_decay: bad usage exits 2 and leaves nothing in --out") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  for (const char* arguments : {"--rate 1", "--lambdas 0", "--scan -1", "--steps 0", "--paths 0",
                                "--variances x", "--data fashion-mnist"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("noise_vs_decay", std::string(arguments) + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("noise_vs_decay: "));
    CHECK_FALSE(std::filesystem::exists(out));
  }
}

namespace {

NoiseVsDecayConfig small_config() {
  NoiseVsDecayConfig config;
  config.lambdas = {2, 1};
  config.variances = {0.5};
  config.scan = {0.5, 3};
  config.steps = 2000;
  config.paths = 4;
  config.records = 60;
  return config;
}

}  // namespace

TEST_CASE("noise_vs_decay: training agrees with the closed form") {
  const NoiseVsDecayResult result = run_noise_vs_decay(small_config());
  for (const Agreement& a : result.comparison.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.verdict() != Verdict::disagrees);
  }
  // paths, grid, own rates, sharpness and norms, networks
  CHECK(result.comparison.agreements.size() == 3 * 4 * 2 + 2 * 2 + 2 * 2 + 3 * 3 * 2 + 3);
}

TEST_CASE("noise_vs_decay: the same end, later at the same rate, together at their own rates") {
  const Comparison comparison = run_noise_vs_decay(small_config()).comparison;
  const Agreement& slower = comparison.agreement({"decay 0.5 strength", 2});
  CHECK(find_quantity(slower, "limit")->measured == doctest::Approx(1 / 1.5).epsilon(1e-4));
  CHECK(find_quantity(slower, "slower by")->measured == doctest::Approx(1.5).epsilon(0.01));
  // the recursions are the same, not only the flows
  const Trace& measured = comparison.measured;
  for (const int level : {1, 2}) {
    const auto& noise = measured[{"noise at its rate", level}];
    const auto& decay = measured[{"decay at its rate", level}];
    double largest = 0;
    for (std::size_t k = 0; k < noise.size(); ++k)
      largest = std::fmax(largest, std::abs(noise[k] - decay[k]));
    CHECK(largest < 1e4 * double(std::numeric_limits<Real>::epsilon()));
  }
}

TEST_CASE("noise_vs_decay: a network under decay is sharper than the scalar value") {
  const NoiseVsDecayResult result = run_noise_vs_decay(small_config());
  CHECK(result.network_sharpness[0] == doctest::Approx(6));
  CHECK(result.network_sharpness[1] == doctest::Approx(6));
  CHECK(result.network_sharpness[2] == doctest::Approx(5.3105).epsilon(1e-5));
  const Trace& measured = result.comparison.measured;
  CHECK(measured[{"decay network sharpness"}].back() == doctest::Approx(5.3105).epsilon(1e-4));
}

TEST_CASE("noise_vs_decay: the end of a network that has not reached it is not judged") {
  NoiseVsDecayConfig config = small_config();
  const Column column{"decay network sharpness"};
  config.steps = 5000, config.rate = 0.02;
  CHECK(run_noise_vs_decay(config).comparison.agreement(column).tolerance == 1e-4);
  config.steps = 500;
  CHECK(std::isnan(run_noise_vs_decay(config).comparison.agreement(column).tolerance));
}

TEST_CASE("noise_vs_decay: noise levels that nearly agree have series of their own") {
  const auto strength = noise_vs_decay::grid_strength;
  CHECK(strength("noise", 0.25, 1) == Column{"noise 0.25 strength", 1});
  CHECK_FALSE(strength("noise", 0.25, 1) == strength("noise", 0.2500001, 1));
}

TEST_CASE("noise_vs_decay: settings that make no sense are named") {
  const auto message = [](auto change) {
    NoiseVsDecayConfig config = small_config();
    change(config);
    try {
      run_noise_vs_decay(config);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message([](auto& c) { c.lambdas = {}; }).find("--lambdas: expected") == 0);
  CHECK(message([](auto& c) { c.lambdas = {1, -1}; }).find("--lambdas: found -1") == 0);
  CHECK(message([](auto& c) { c.variances = {0}; }).find("--variances: found 0") == 0);
  CHECK(message([](auto& c) { c.variances = {1e5, 0.25}; }).find("--rate: found") == 0);
  CHECK(message([](auto& c) { c.scan = {NAN}; }).find("--scan: found nan") == 0);
  CHECK(message([](auto& c) { c.rate = 1; }).find("--rate: found 1, expected less than") == 0);
  CHECK(message([](auto& c) { c.steps = 0; }).find("--steps: found 0") == 0);
  CHECK(message([](auto& c) { c.paths = 0; }).find("--paths: found 0") == 0);
  CHECK(message([](auto& c) { c.records = 1; }).find("--records: found 1") == 0);
}

namespace {

const theory::ScalarMode unbalanced{
    .lambda = 1.5, .sigma2 = 0.7, .gamma = 0.3, .alpha = 0.05, .w1 = -0.4, .w2 = 1.25};

// Rounding of a step, some ten operations, may add up.
double rounding(std::size_t steps) {
  return 10 * double(steps) * double(std::numeric_limits<Real>::epsilon());
}

}  // namespace

TEST_CASE("scalar network: training on the tape is the exact recursion of descent") {
  const auto path = train_scalar(unbalanced, 200);
  REQUIRE(path.size() == 201);
  const auto exact = theory::descend(unbalanced, {0, 1, 2, 50, 200});
  std::size_t k = 0;
  for (const std::size_t step : {0, 1, 2, 50, 200}) {
    CHECK(path[step].w1 == doctest::Approx(exact[k].weights.w1).epsilon(rounding(200)));
    CHECK(path[step].w2 == doctest::Approx(exact[k].weights.w2).epsilon(rounding(200)));
    ++k;
  }
}

TEST_CASE("scalar network: the largest stable rate, also of a minimum near 0") {
  for (const double sigma2 : {1.0, 1e4}) {
    const theory::ScalarMode mode{
        .lambda = 1, .sigma2 = sigma2, .alpha = 0.1, .w1 = 0.01, .w2 = 0.01};
    CHECK(measured_stable_rate(mode) == doctest::Approx(1).epsilon(2 * stable_rate_resolution));
  }
}

TEST_CASE("scalar network: the largest stable rate whatever the unit of the loss") {
  const double tiny = sizeof(Real) == sizeof(double) ? 1e-300 : 1e-12;
  for (const double lambda : {tiny, 1e-6, 1e6}) {
    const theory::ScalarMode mode{.lambda = lambda, .alpha = 0.1 / lambda, .w1 = 0.01, .w2 = 0.01};
    CHECK(measured_stable_rate(mode) * lambda ==
          doctest::Approx(1).epsilon(2 * stable_rate_resolution));
  }
}

TEST_CASE(
    "noise_vs_decay: at a rate that reaches nothing the run ends, and no half time is judged") {
  NoiseVsDecayConfig config{.rate = 1e-12};
  config.steps = 50, config.paths = 1, config.scan = {1};
  const NoiseVsDecayResult result = run_noise_vs_decay(config);
  std::size_t half_times = 0;
  for (const Agreement& one : result.comparison.agreements)
    for (const Quantity& quantity : one.quantities)
      if (quantity.name == half_time_name) {
        CHECK(std::isnan(quantity.tolerance));
        ++half_times;
      }
  CHECK(half_times > 0);
}

TEST_CASE("scalar network: sharpness by Hessian-vector products is the larger eigenvalue") {
  for (const theory::Weights at : {theory::Weights{1, 1}, {0.05, 0.05}, {0, 0}, {-0.3, 2}}) {
    const auto expected = theory::hessian_eigenvalues(1.5, 0.7, 0.3, at);
    CHECK(measured_sharpness(unbalanced, at) == doctest::Approx(expected[1]).epsilon(rounding(10)));
  }
  // where the two eigenvalues nearly meet: gamma = lambda/2 at the minimum
  const theory::ScalarMode degenerate{.lambda = 1, .gamma = 0.5, .alpha = 0.1, .w1 = 0, .w2 = 0};
  const double a = std::sqrt(0.5) + 1e-6;
  const auto expected = theory::hessian_eigenvalues(1, 0, 0.5, {a, a});
  CHECK(measured_sharpness(degenerate, {a, a}) ==
        doctest::Approx(expected[1]).epsilon(rounding(10)));
}
