#include "program.hpp"
#include "small_noise/expected_noise.hpp"
#include "small_noise/experiment.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/model/initialisers.hpp>

#include <cmath>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

TEST_CASE("small_noise: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const ProgramRun run =
      run_program("small_noise",
                  "--strict --steps 3000 --sigmas 1 --samples 16 --draws 100 --records 20 --out " +
                      out.string(),
                  scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "small_noise");
  CHECK(summary["comparisons"].size() >= 2 + 4 + 1);
  for (const char* name :
       {"added_loss", "residuals", "coefficients", "denoisers", "denoising_losses"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("residuals scale as σ⁴") != std::string::npos);
}

TEST_CASE("small_noise: bad usage exits 2 and leaves nothing in --out") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  for (const char* arguments : {"--sigmas 0", "--levels 2", "--init x", "--steps 0", "--batch 0"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("small_noise", std::string(arguments) + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("small_noise: "));
  }
}

namespace {

constexpr bool single = sizeof(Real) == sizeof(float);

SmallNoiseConfig small() {
  SmallNoiseConfig config;
  config.samples = 16, config.draws = 100, config.steps = 300, config.records = 12;
  config.sigmas = {1}, config.denoiser_hidden = 8, config.batch = 128;
  return config;
}

}  // namespace

TEST_CASE("expected noise: the rule has the moments of a normal number") {
  const NormalRule rule = normal_rule(20);
  for (const auto& [power, moment] : {std::pair(0, 1.0), {1, 0.0}, {2, 1.0}, {4, 3.0}, {6, 15.0}}) {
    double sum = 0;
    for (std::size_t k = 0; k < rule.nodes.size(); ++k)
      sum += rule.weights[k] * std::pow(rule.nodes[k], power);
    CHECK(sum == doctest::Approx(moment).epsilon(1e-12));
  }
}

TEST_CASE("expected noise: through the tape a network loses what the theory's quadrature says") {
  Autoencoder model = shallow_autoencoder(2, 3, {.activation = Activation::tanh});
  init::gaussian(model.parameters(), 0.9, {.seed = 4});
  const theory::ShallowReconstruction r{to_double(model.parameter("encoder.W").value),
                                        {0, 0, 0},
                                        to_double(model.parameter("decoder.W").value),
                                        theory::tanh_jet};
  const Array64 x{{0.3, -1.1}, {0.8, 0.4}};
  for (const double sigma : {0.0, 0.1, 0.4}) {
    const double expected =
        (exact_noisy_loss(r, {0.3, -1.1}, sigma) + exact_noisy_loss(r, {0.8, 0.4}, sigma)) / 2;
    CHECK(expected_denoising_loss(model, noisy_rows(x, sigma, normal_rule(20))) ==
          doctest::Approx(expected).epsilon(single ? 1e-5 : 1e-9));
  }
}

TEST_CASE("expected noise: a linear network on one Gaussian loses what the closed form says") {
  Autoencoder model = linear_autoencoder(1, 1);
  model.parameter("encoder.W").value(0, 0) = 0.5;
  model.parameter("decoder.W").value(0, 0) = static_cast<Real>(1.2);
  const NoisyRows rows = noisy_mixture({{0}, {2}, {3}}, 0.7, normal_rule(10));
  CHECK(expected_denoising_loss(model, rows) ==
        doctest::Approx((2 * 0.4 * 0.4 + 0.49 * 0.6 * 0.6) / 2).epsilon(single ? 1e-6 : 1e-12));
}

TEST_CASE("small_noise: the expansion holds while a network learns") {
  const SmallNoiseResult result = run_small_noise(small());
  const auto& agreements = result.comparison.agreements;
  REQUIRE(agreements.size() == 2 + result.sigmas.size() + 1);
  for (std::size_t k = 0; k + 1 < agreements.size(); ++k) {  // the denoiser needs more steps
    CAPTURE(agreements[k].column.series);
    CAPTURE(agreements[k].column.index);
    CHECK(agreements[k].verdict() != Verdict::disagrees);
  }
  const Quantity& loss = agreements.back().quantities[0];
  CHECK(loss.measured > loss.predicted);  // nothing is better than the optimum
  CHECK(loss.measured < result.linear_losses[0] + 0.1);
  CHECK(result.steps == 600);
}

TEST_CASE("small_noise: settings that make no sense are named") {
  const auto message = [](auto change) {
    SmallNoiseConfig config = small();
    change(config);
    try {
      run_small_noise(config);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message([](auto& c) { c.init = -1; }).find("--init: found -1") == 0);
  CHECK(message([](auto& c) { c.levels = 2; }).find("--levels: found 2") == 0);
  CHECK(message([](auto& c) { c.steps = 0; }).find("--steps: found 0") == 0);
  CHECK(message([](auto& c) { c.sigmas = {1, NAN}; }).find("--sigmas: found nan") == 0);
  CHECK(message([](auto& c) { c.sigmas = {}; }).find("--sigmas: found none") == 0);
}
