// Several seeds of a recovery against the figures of merit, by their own criterion, and against
// what theory predicts.

#include "../golden_generative.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/measure/recovery_seeds.hpp>
#include <hourglass/report/run.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;
using golden_generative::golden_case;
using golden_generative::json;

namespace {

SeededRecovery five_seeds(const char* preset) {
  RecoveryConfig config = recovery_preset(preset);
  config.seed = 301;
  return recover_seeds(config, 5);
}

Quantity value_of(const SeededRecovery& result, const Column& column) {
  for (const Agreement& a : result.comparison.agreements)
    if (a.column == column) return *find_quantity(a, "value");
  FAIL("no such number: " << column.series);
  return {};
}

// Section 12: two means of five seeds each.
template <class F>
void check_figure(const json& one, const char* output, const SeededRecovery& result, F figure) {
  std::vector<double> values;
  for (const Recovery& run : result.runs) values.push_back(figure(run.measured));
  const MeanAndDeviation found = mean_and_deviation(values);
  const json& reference = one["outputs"][output];
  const double mean = reference["mean"], sd = reference["sd"], rel = one["tolerance"]["rel"];
  const double spread = one["tolerance"]["sd_multiple"].get<double>() *
                        std::sqrt((sd * sd + found.deviation * found.deviation) / 5);
  CAPTURE(output);
  CHECK(std::abs(found.mean - mean) <=
        std::max({one["tolerance"]["abs"].get<double>(), rel * std::abs(mean), spread}));
}

void check_figures(const json& one, const SeededRecovery& result) {
  using T = RecoveryTrace;
  check_figure(one, "final_mean_distance", result,
               [](const T& t) { return final_distance(t.mean_distance); });
  check_figure(one, "final_max_distance", result,
               [](const T& t) { return final_distance(t.max_distance); });
  check_figure(one, "consistency_first", result, [](const T& t) { return t.consistency.front(); });
  check_figure(one, "consistency_last", result, [](const T& t) { return t.consistency.back(); });
  check_figure(one, "loss_first", result, [](const T& t) { return t.loss.front(); });
  check_figure(one, "loss_last", result, [](const T& t) { return t.loss.back(); });
}

}  // namespace

TEST_CASE("recovery seeds: a mixture meets its figures of merit and its prediction") {
  const SeededRecovery result = five_seeds("P1");
  check_figures(golden_case("figure_P1_mog_orthonormal"), result);
  CHECK(result.comparison.agrees());
  CHECK(result.recovered.mean == 1);
  for (int step = 1; step <= 4; ++step)
    CHECK(!std::isnan(value_of(result, {"contraction of step", step}).tolerance));
}

TEST_CASE("recovery seeds: an overcomplete dictionary meets its figures and the refined floor") {
  const SeededRecovery result = five_seeds("P4");
  check_figures(golden_case("figure_P4_sparse_identity_hadamard"), result);
  CHECK(result.comparison.agrees());
  // 3.1 % above the leading order, which golden figures list
  CHECK(std::abs(value_of(result, {"final mean distance"}).deviation()) < 0.01);
  // The noise grows with the distance: the expected map alone is 0.004 to 0.006 below.
  for (int step = 1; step <= 2; ++step)
    CHECK(std::abs(value_of(result, {"contraction of step", step}).deviation()) < 0.003);
}

TEST_CASE("recovery seeds: one seed has no spread to judge a contraction by") {
  RecoveryConfig config;
  config.batch = 256;
  config.steps = 20;
  const SeededRecovery result = recover_seeds(config, 1);
  CHECK(std::isnan(result.final_distance.deviation));
  CHECK(std::isnan(value_of(result, {"contraction of step", 1}).tolerance));
  CHECK(value_of(result, {"final mean distance"}).tolerance == 0.04);
  CHECK(result.comparison.measured.steps().size() == 21);
  CHECK_THROWS_AS(recover_seeds(config, 0), InputError);
}

TEST_CASE("recovery seeds: a trained bias goes to 0 as fast as its gradient says") {
  RecoveryConfig config;
  config.bias_rate = 0.02;
  config.batch = 1024;
  config.steps = 60;
  const SeededRecovery slow = recover_seeds(config, 2);
  const Comparison& c = slow.comparison;
  CHECK(config.bias(60) == doctest::Approx(-0.5 * std::pow(0.99, 60)).epsilon(1e-12));
  CHECK(std::abs(c.measured.values(c.measured.find({"bias"})).back() - config.bias(60)) < 0.003);
  // Section 8.3: at ten times that rate codes lose their supports.
  config.bias_rate = 0.2;
  CHECK(recover_seeds(config, 1).runs[0].measured.consistency.back() < 0.2);
  config.gradient = RecoveryConfig::Gradient::expected;
  CHECK_THROWS_AS(recover_seeds(config, 1), InputError);
}

TEST_CASE("recovery seeds: without sampling there is no floor of batches") {
  RecoveryConfig config = recovery_preset("P3");
  config.gradient = RecoveryConfig::Gradient::expected;
  config.batch = 64;
  config.steps = 12;
  const SeededRecovery result = recover_seeds(config, 1);
  CHECK(result.runs[0].predicted.sgd_floor == 0);
  CHECK(result.runs[0].predicted.noise_growth == 0);
}

TEST_CASE(
    "recovery seeds: from random columns what is missed of a sparse code is in rotated pairs") {
  RecoveryConfig config = recovery_preset("P3");
  config.start = RecoveryConfig::Start::random;
  config.batch = 1024;
  config.steps = 150;
  config.seed = 11;
  const SeededRecovery result = recover_seeds(config, 3);
  CHECK(result.recovered.mean > 0.94);  // .96 to .99 in section 9.2
  std::size_t pairs = 0;
  for (const Recovery& run : result.runs) {
    const double missed = 64 * (1 - run.recovered);
    CHECK(missed == doctest::Approx(2.0 * static_cast<double>(run.rotated_pairs.size())));
    pairs += run.rotated_pairs.size();
  }
  CHECK(pairs > 0);
  config.threshold = 0.25;
  const Recovery low = recover_seeds(config, 1).runs[0];
  CHECK(low.recovered < 0.7);  // .47 (.06)
  CHECK(low.rotated_pairs.size() > 4);
}
