#include "paths.hpp"
#include "sgd_step.hpp"
#include "shallow_start.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>
#include <hourglass/theory/shallow_reduced.hpp>

#include <cmath>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;
using namespace hourglass::theory;
using nlohmann::json;
using shallow_start::Draw;
using shallow_start::spiked;

namespace {

Array64 matrix(const json& rows) {
  Array64 x = empty64({rows.size(), rows[0].size()});
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[0].size(); ++j) x(i, j) = rows[i][j];
  return x;
}

double largest_difference(const Array64& x, const Array64& y) {
  REQUIRE(x.size() == y.size());
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    largest = std::max(largest, std::abs(x.data()[i] - y.data()[i]));
  return largest;
}

std::vector<double> listed(const Amplitudes& at) {
  std::vector<double> x(at.w.begin(), at.w.end());
  x.insert(x.end(), at.u.begin(), at.u.end());
  x.insert(x.end(), at.b.begin(), at.b.end());
  x.insert(x.end(), at.d.begin(), at.d.end());
  return x;
}

ShallowDynamics small_run(Unit unit, std::size_t K, Draw& draw) {
  auto run = shallow_start::run(unit, {0.9, 0.5, 0.3, 0.2, 0.05}, K, 0.5, draw);
  for (double& u : run.start.u) u *= 2;
  return run;
}

}  // namespace

TEST_CASE("amplitude equations: the mean of SGD steps, for every rule and bias") {
  Draw draw{};
  const std::size_t samples = 40'000;
  for (const Unit unit : {Unit::linear, Unit::erf, Unit::relu})
    for (const int setting : {0, 1, 2, 3, 4, 5}) {
      ShallowDynamics run = small_run(unit, 2, draw);
      if (setting > 3) run.rule = Rule::truncated;
      if (setting & 1) run.start.b = {0.3, -0.4};
      if (setting == 2 || setting == 3) run.start.d = {0.2, -0.1, 0.3, 0.1, -0.2};
      run.lr = 0.7;
      const auto rates = listed(amplitude_rates(unit, run.rule, run.lr, run.ell, run.start));
      std::vector<double> sum(rates.size(), 0), squares = sum;
      for (std::size_t n = 0; n < samples; ++n) {
        const auto change = OneStep{run}.update(draw);
        for (std::size_t i = 0; i < change.size(); ++i) {
          sum[i] += change[i];
          squares[i] += change[i] * change[i];
        }
      }
      for (std::size_t i = 0; i < rates.size(); ++i) {
        const double n = static_cast<double>(samples), mean = sum[i] / n;
        const double error = std::sqrt((squares[i] / n - mean * mean) / n);
        CAPTURE(int(unit));
        CAPTURE(setting);
        CHECK(std::abs(mean - rates[i]) < 4 * error);
      }
    }
}

TEST_CASE("integration: Euler steps converge at first order, both solvers agree") {
  Draw draw{};
  for (const Unit unit : {Unit::linear, Unit::erf, Unit::relu}) {
    ShallowDynamics run = small_run(unit, 2, draw);
    if (unit == Unit::relu) run.start.b = {0.1, 0.2}, run.start.d.assign(5, 0.0);
    const double t = 8;
    const Accuracy tight{.relative = 1e-11, .absolute = 1e-13};
    const double exact = run.integrate({0, t}, tight)[1].pixel_error;
    const double stiff =
        run.integrate({t}, {.relative = 1e-9, .absolute = 1e-11, .solver = Solver::stiff})[0]
            .pixel_error;
    CHECK(stiff == doctest::Approx(exact).epsilon(1e-7));
    CHECK(run.integrate({t})[0].pixel_error == doctest::Approx(exact).epsilon(1e-7));
    const double coarse = run.euler(0.02, {400})[0].pixel_error - exact;
    const double fine = run.euler(0.01, {0, 800})[1].pixel_error - exact;
    CHECK(coarse / fine == doctest::Approx(2).epsilon(0.05));
    run.lr = 0.25;  // time scales as 1/lr
    CHECK(run.integrate({4 * t}, tight)[0].pixel_error == doctest::Approx(exact).epsilon(1e-9));
  }
}

TEST_CASE("integration: recorded times do not change the path, and may repeat") {
  Draw draw{};
  const ShallowDynamics run = small_run(Unit::erf, 3, draw);
  const auto moments = run.integrate({0, 0, 0.5, 0.5000001, 3, 9, 9});
  CHECK(moments.size() == 7);
  CHECK(moments[1].pixel_error == pixel_error(Unit::erf, run.ell, run.start));
  CHECK(moments[6].time == 9);
  CHECK(moments[6].pixel_error == doctest::Approx(run.integrate({9})[0].pixel_error).epsilon(1e-7));
  for (std::size_t i = 1; i < moments.size(); ++i)
    CHECK(moments[i].pixel_error <= moments[i - 1].pixel_error);
}

TEST_CASE("spikes and a flat bulk: the reduction is exact at any D and time") {
  Draw draw{};
  for (const Unit unit : {Unit::linear, Unit::erf, Unit::relu})
    for (const Rule rule : {Rule::vanilla, Rule::truncated}) {
      ShallowDynamics full = shallow_start::run(unit, spiked({0.6, 0.3}, 60, 0.1), 3, 0.3, draw);
      full.rule = rule;
      const SpikeBulkDynamics small = reduced(full, 2);
      CHECK(small.pixel_error() ==
            doctest::Approx(pixel_error(unit, full.ell, full.start)).epsilon(1e-13));
      const Accuracy tight{.relative = 1e-11, .absolute = 1e-13};
      const std::vector<double> times{1, 10, 60};
      const auto exact = full.integrate(times, tight);
      const auto found = small.integrate(times, tight);
      for (std::size_t i = 0; i < times.size(); ++i) {
        CHECK(found[i].pixel_error == doctest::Approx(exact[i].pixel_error).epsilon(1e-8));
        for (std::size_t k = 0; k < 3; ++k)
          CHECK(std::abs(found[i].at.spikes.u(k, 1) - exact[i].at.u(k, 1)) < 1e-8);
      }
    }
  ShallowDynamics uneven = small_run(Unit::erf, 2, draw);
  CHECK_THROWS_AS(reduced(uneven, 2), std::domain_error);
  uneven.ell = {0.5, 0.1, 0.1, 0.1, 0.1};
  CHECK(reduced(uneven, 1).bulk_modes == 4);
  uneven.start.b = {0, 0};
  CHECK_THROWS_AS(reduced(uneven, 1), std::domain_error);
}

TEST_CASE("truncated SGD learns the components one by one, vanilla SGD their span") {
  Draw draw{};
  const std::vector<double> ell = spiked({0.6, 0.25, 0.1}, 50, 0.05);
  for (const Unit unit : {Unit::linear, Unit::erf}) {
    ShallowDynamics run = shallow_start::run(unit, ell, 3, 0.1, draw);
    const Amplitudes mixed = run.integrate({400})[0].at;
    CHECK(subspace_overlap(mixed, 3) > 0.999);
    CHECK(subspace_overlap(run.start, 3) < 0.5);
    run.rule = Rule::truncated;
    const auto end = run.integrate({400})[0];
    const Array64 overlaps = decoder_overlaps(end.at, 3);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(overlaps(k, k) > 0.995);
      CHECK(decoder_overlaps(mixed, 3)(k, k) < 0.99);
    }
    CHECK(encoder_overlaps(ell, end.at, 3)(0, 0) > 0.99);
    const Observables all = observables(unit, ell, end.at, 3);
    CHECK(all.decoder_overlaps == overlaps);
    CHECK(all.pixel_error == end.pixel_error);
    CHECK(all.gains.size() == 3);
    CHECK(all.subspace_overlap > 0.999);
    CHECK(end.pixel_error > pca_pixel_error(ell, 3));
  }
}

TEST_CASE("linear units reach the error of PCA, mode after mode") {
  Draw draw{};
  std::vector<double> ell = {0.7, 0.25, 0.05};
  const ShallowDynamics run = shallow_start::run(Unit::linear, ell, 2, 1e-3, draw);
  const auto end = run.integrate({5000})[0];
  CHECK(end.pixel_error == doctest::Approx(pca_pixel_error(ell, 2)).epsilon(1e-6));
  const auto gains = mode_gains(Unit::linear, ell, end.at, 3);
  CHECK(gains[0] == doctest::Approx(1).epsilon(1e-6));
  CHECK(gains[1] == doctest::Approx(1).epsilon(1e-6));
  CHECK(std::abs(gains[2]) < 1e-5);
  const auto half = run.half_times(3, 300),
             formula = predicted_half_times(Unit::linear, 1, ell, run.start, 3);
  for (std::size_t tau = 0; tau < 2; ++tau) {
    CHECK(formula[tau] == doctest::Approx(half[tau]).epsilon(0.04));
    const auto then = run.integrate({half[tau]})[0].at;
    CHECK(mode_gains(Unit::linear, ell, then, 3)[tau] == doctest::Approx(0.5).epsilon(1e-6));
  }
  CHECK(std::isnan(half[2]));
  CHECK(std::isnan(formula[2]));
  const double plateau = std::sqrt(half[0] * half[1]);
  CHECK(run.integrate({plateau})[0].pixel_error ==
        doctest::Approx(pca_pixel_error(ell, 1)).epsilon(0.02));
  CHECK(run.half_times(1, half[0] / 2).size() == 1);
  CHECK(std::isnan(run.half_times(1, half[0] / 2)[0]));
}

TEST_CASE("half times of four modes in many dimensions: the formula is within 4 %") {
  Draw draw{};
  const auto ell = spiked({0.715, 0.2, 0.0626, 0.02}, 300, 0.0024);
  for (int seed = 0; seed < 3; ++seed) {
    const ShallowDynamics run = shallow_start::run(Unit::linear, ell, 4, 0.1, draw);
    const auto formula = predicted_half_times(Unit::linear, 1, ell, run.start, 4);
    const auto half = run.half_times(4, 3000);
    for (std::size_t tau = 0; tau < 4; ++tau)
      CHECK(formula[tau] == doctest::Approx(half[tau]).epsilon(0.04));
  }
}

TEST_CASE(
    "tied erf: weights stay tied and reach the error of one unit, the detached rule does not") {
  Draw draw{};
  const std::size_t D = 100;
  const auto ell = spiked({0.9}, D, 0.0);
  ShallowDynamics run = shallow_start::run(Unit::erf, ell, 1, 0.1, draw);
  for (std::size_t i = 0; i < D; ++i) run.start.w(0, i) = run.start.u(0, i) * std::sqrt(double(D));
  run.rule = Rule::tied;
  const auto end = run.integrate({3000})[0];
  CHECK(end.pixel_error == doctest::Approx(tied_erf_pixel_error(ell, 1)).epsilon(1e-7));
  for (std::size_t i = 0; i < D; ++i)
    CHECK(end.at.w(0, i) == doctest::Approx(end.at.u(0, i) * std::sqrt(double(D))).epsilon(1e-9));

  run.rule = Rule::tied_detached;
  for (std::size_t i = 1; i < D; ++i) run.start.w(0, i) = run.start.u(0, i) = 0;
  const double w = run.integrate({200})[0].at.w(0, 0);
  CHECK(w * w == doctest::Approx(tied_detached_norm2(D, 0.9)).epsilon(1e-7));

  run.start.u(0, 3) = 1;
  CHECK_THROWS_AS(run.integrate({1}), std::domain_error);
}

TEST_CASE("weights to order parameters: the reference case, through the eigenbasis") {
  for (const json& one : json::parse(std::ifstream(GOLDEN_DIR "/nonlinear.json"))) {
    if (one["name"] != "order_parameters_from_raw") continue;
    const json &in = one["inputs"], &out = one["outputs"];
    const Eigenpairs of = eigh(matrix(in["Omega"]));
    std::vector<double> ell;
    for (const double rho : of.values) ell.push_back(rho / static_cast<double>(of.values.size()));
    const Amplitudes at = amplitudes_of(matrix(in["W"]), matrix(in["V"]), of.vectors);
    const OrderParameters order = order_parameters(ell, at);
    for (std::size_t tau = 0; tau < ell.size(); ++tau)
      CHECK(ell[tau] == doctest::Approx(out["ell"][tau].get<double>()).epsilon(1e-12));
    CHECK(largest_difference(order.Q0, matrix(out["Q0"])) < 1e-12);
    CHECK(largest_difference(order.R0, matrix(out["R0"])) < 1e-12);
    CHECK(largest_difference(order.T0, matrix(out["T0"])) < 1e-12);
    CHECK(largest_difference(order.Q1, matrix(out["Q1"])) < 1e-12);
    CHECK(largest_difference(order.R1, matrix(out["R1"])) < 1e-12);
    CHECK(largest_difference(order.T1, matrix(out["T1"])) < 1e-12);
    CHECK(pixel_error(Unit::erf, ell, at) ==
          doctest::Approx(out["pmse_erf"].get<double>()).epsilon(1e-12));
    for (std::size_t K = 0; K < out["pca_pmse_by_rank"].size(); ++K)
      CHECK(std::abs(pca_pixel_error(ell, K) - out["pca_pmse_by_rank"][K].get<double>()) < 1e-12);
    return;
  }
  FAIL("no reference case order_parameters_from_raw");
}

TEST_CASE("Sanger's rule: rows become the components, in order") {
  Draw draw{};
  const std::vector<double> ell = spiked({0.6, 0.25, 0.1}, 30, 0.05);
  Array64 start = shallow_start::normals(draw, 3, 30);
  start *= 0.02;
  const auto path = sanger_trajectory(1, ell, start, {0, 400});
  CHECK(largest_difference(path[0], start) == 0);
  for (std::size_t k = 0; k < 3; ++k)
    CHECK(std::abs(path[1](k, k)) == doctest::Approx(1).epsilon(1e-6));
  CHECK(sanger_pixel_error(ell, path[1]) == doctest::Approx(pca_pixel_error(ell, 3)).epsilon(1e-4));
  CHECK_THROWS_AS(sanger_trajectory(1, ell, start, {2, 1}), std::domain_error);
}

TEST_CASE("shallow dynamics: what is outside the domain is named") {
  Draw draw{};
  const ShallowDynamics good = small_run(Unit::erf, 2, draw);
  const auto refused = [&](auto change, const std::string& message) {
    ShallowDynamics run = good;
    change(run);
    try {
      run.integrate({1});
    } catch (const std::domain_error& problem) {
      CHECK_MESSAGE(std::string(problem.what()).find(message) == 0, problem.what());
      return;
    }
    FAIL_CHECK("nothing thrown: " << message);
  };
  refused([](auto& run) { run.lr = 0; }, "lr = 0: a learning rate is > 0");
  refused([](auto& run) { run.ell.pop_back(); }, "w = 2x5: expected 2x4");
  refused([](auto& run) { run.ell[1] = -1; }, "ell = -1");
  refused([](auto& run) { run.start.w(0, 0) = NAN; }, "w = nan: expected a finite number");
  refused([](auto& run) { run.start.b = {1, 2, 3}; }, "b = 3: expected K biases or none");
  refused([](auto& run) { run.start.d = {1}; }, "d = 1: expected D biases or none");
  refused(
      [](auto& run) {
        run.rule = Rule::truncated;
        run.start.d.assign(5, 0.0);
      },
      "d = 5: the truncated rule has no decoder bias");
  refused([](auto& run) { run.rule = Rule::tied; }, "u = ");
  refused(
      [](auto& run) {
        run.unit = Unit::relu;
        run.start.w.fill(0);
      },
      "Q_kk = 0: the field of a ReLU unit");
  CHECK_THROWS_AS(good.integrate({2, 1}), std::domain_error);
  CHECK_THROWS_AS(good.integrate({-1}), std::domain_error);
  CHECK_THROWS_AS(good.integrate({NAN}), std::domain_error);
  CHECK_THROWS_AS(good.euler(0.1, {2, 1}), std::domain_error);
  CHECK_THROWS_AS(good.half_times(6, 1), std::domain_error);
  ShallowDynamics wide = shallow_start::run(Unit::erf, spiked({1}, 400, 0.1), 1, 0.1, draw);
  CHECK_THROWS_AS(wide.integrate({1}, {.solver = Solver::stiff}), std::domain_error);
}
