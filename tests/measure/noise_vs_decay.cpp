#include <hourglass/core/array.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/measure/noise_vs_decay.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace hourglass;

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

const Quantity& quantity(const Agreement& agreement, const std::string& name) {
  for (const Quantity& q : agreement.quantities)
    if (q.name == name) return q;
  FAIL("no quantity " << name);
  return agreement.quantities.front();
}

const Agreement& agreement_named(const Comparison& comparison, const Column& column) {
  for (const Agreement& a : comparison.agreements)
    if (a.column == column) return a;
  FAIL("no series " << column.series);
  return comparison.agreements.front();
}

}  // namespace

TEST_CASE("noise_vs_decay: training agrees with the closed form") {
  const NoiseVsDecayResult result = run_noise_vs_decay(small_config());
  for (const Agreement& a : result.comparison.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.agrees());
  }
  // paths, grid, own rates, sharpness and norms, networks
  CHECK(result.comparison.agreements.size() == 3 * 4 * 2 + 2 * 2 + 2 * 2 + 3 * 3 * 2 + 3);
}

TEST_CASE("noise_vs_decay: the same end, later at the same rate, together at their own rates") {
  const Comparison comparison = run_noise_vs_decay(small_config()).comparison;
  const Agreement& slower = agreement_named(comparison, {"decay 0.5 strength", 2});
  CHECK(quantity(slower, "limit").measured == doctest::Approx(1 / 1.5).epsilon(1e-4));
  CHECK(quantity(slower, "slower by").measured == doctest::Approx(1.5).epsilon(0.01));
  // the recursions are the same, not only the flows
  const Trace& measured = comparison.measured;
  for (const int level : {1, 2}) {
    const auto& noise = measured.values(measured.find({"noise at its rate", level}));
    const auto& decay = measured.values(measured.find({"decay at its rate", level}));
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
  CHECK(measured.values(measured.find({"decay network sharpness"})).back() ==
        doctest::Approx(5.3105).epsilon(1e-4));
}

TEST_CASE("noise_vs_decay: the end of a network that has not reached it is not judged") {
  NoiseVsDecayConfig config = small_config();
  const Column column{"decay network sharpness"};
  config.steps = 5000, config.rate = 0.02;
  CHECK(agreement_named(run_noise_vs_decay(config).comparison, column).tolerance == 1e-4);
  config.steps = 500;
  CHECK(std::isnan(agreement_named(run_noise_vs_decay(config).comparison, column).tolerance));
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
