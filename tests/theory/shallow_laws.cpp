#include "shallow_start.hpp"
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using shallow_start::Draw;
using shallow_start::spiked;

namespace {

const Accuracy stiff{.relative = 1e-8, .absolute = 1e-12, .solver = Solver::stiff};

double log_slope(double x, double y, double decades) { return std::log10(y / x) / decades; }

// K units on as many modes, started at moderate weights.
ShallowDynamics alone(Unit unit, const std::vector<double>& ell, double scale) {
  Draw draw{};
  auto run = shallow_start::run(unit, ell, ell.size(), scale, draw);
  for (double& u : run.start.u) u *= std::sqrt(static_cast<double>(ell.size()));
  return run;
}

}  // namespace

TEST_CASE("erf at late times: exponents 1/3, -1/3, -2/3 and the laws behind them") {
  const std::vector<double> ell{0.7};
  const auto path = alone(Unit::erf, ell, 0.3).integrate({1e4, 1e6}, stiff);
  const OrderParameters early = order_parameters(ell, path[0].at);
  const OrderParameters late = order_parameters(ell, path[1].at);
  CHECK(std::abs(log_slope(early.T0(0, 0), late.T0(0, 0), 2) - 1 / 3.0) < 0.03);
  CHECK(std::abs(log_slope(early.Q1(0, 0), late.Q1(0, 0), 2) + 1 / 3.0) < 0.03);
  CHECK(std::abs(log_slope(path[0].pixel_error, path[1].pixel_error, 2) + 2 / 3.0) < 0.03);
  const ErfLongTime law = erf_long_time(0.7, 1, 1e6);
  CHECK(late.T0(0, 0) == doctest::Approx(law.T0).epsilon(0.002));
  CHECK(late.Q1(0, 0) == doctest::Approx(law.Q1).epsilon(0.02));
  CHECK(path[1].pixel_error == doctest::Approx(law.excess).epsilon(0.002));
  CHECK(erf_excess(late.T0, late.Q1) == doctest::Approx(path[1].pixel_error).epsilon(0.05));
}

TEST_CASE("erf at late times: two equal modes share the law of their sum") {
  const std::vector<double> ell{0.4, 0.4};
  const auto end = alone(Unit::erf, ell, 0.3).integrate({1e6}, stiff)[0];
  const OrderParameters order = order_parameters(ell, end.at);
  const ErfLongTime law = erf_long_time(0.8, 1, 1e6);
  CHECK(end.pixel_error == doctest::Approx(law.excess).epsilon(0.02));
  CHECK(order.T0(0, 0) + order.T0(1, 1) == doctest::Approx(law.T0).epsilon(0.02));
  CHECK(order.Q1(1, 1) == doctest::Approx(law.Q1).epsilon(0.03));
  CHECK(erf_excess(order.T0, order.Q1) == doctest::Approx(end.pixel_error).epsilon(0.05));
}

TEST_CASE("frozen bulk: what linear units leave at times before D") {
  Draw draw{};
  const auto ell = spiked({0.9}, 400, 0.1);
  const auto run = shallow_start::run(Unit::linear, ell, 1, 0.1, draw);
  const auto end = run.integrate({60})[0];
  Array64 T0 = order_parameters(ell, end.at).T0, Q1_bulk = empty64({1, 1});
  Q1_bulk(0, 0) = 0;
  for (std::size_t tau = 1; tau < ell.size(); ++tau)
    Q1_bulk(0, 0) += ell[tau] * end.at.w(0, tau) * end.at.w(0, tau);
  CHECK(end.pixel_error - pca_pixel_error(ell, 1) ==
        doctest::Approx(frozen_bulk_excess(Unit::linear, T0, Q1_bulk)).epsilon(0.02));
}

TEST_CASE("tied erf: the table of one unit, and its limits") {
  const double table[][2] = {{0.1, 0.002304}, {0.3, 0.01605}, {1, 0.08327}, {3, 0.1989},
                             {10, 0.2993},    {30, 0.3403},   {100, 0.3563}};
  for (const auto& [y, eta] : table) {
    const TiedErf best = tied_erf(y);
    CHECK(best.eta == doctest::Approx(eta).epsilon(5e-4));
    Array64 w = empty64({1, 1}), u = w;  // the error itself, at this norm and beside it
    const double ell = 0.5, root = y / ell;
    const auto error = [&](double s2) {
      w(0, 0) = std::sqrt(s2 / ell), u(0, 0) = w(0, 0) / root;
      return pixel_error(Unit::erf, {ell}, {w, u, {}, {}});
    };
    CHECK(error(best.s2) == doctest::Approx(ell / 2 * best.eta).epsilon(1e-10));
    CHECK(error(best.s2) < error(best.s2 * 1.01));
    CHECK(error(best.s2) < error(best.s2 * 0.99));
  }
  CHECK(tied_erf(1e-3).eta == doctest::Approx(std::numbers::pi * 1e-6 / 12).epsilon(1e-5));
  for (const double y : {1e-5, 1e-8, 1e-12})
    CHECK(tied_erf(y).eta == doctest::Approx(std::numbers::pi * y * y / 12).epsilon(1e-4));
  CHECK(tied_erf(1e8).eta == doctest::Approx(1 - 2 / std::numbers::pi).epsilon(1e-6));
  CHECK_THROWS_AS(tied_erf(0), std::domain_error);
}

TEST_CASE("ReLU without bias: one unit explains half a mode, a pair one mode") {
  Draw draw{};
  const auto ell = spiked({0.9}, 200, 0.1);
  const auto run = shallow_start::run(Unit::relu, ell, 1, 0.1, draw);
  CHECK(run.integrate({200})[0].pixel_error ==
        doctest::Approx(relu_single_pixel_error(ell)).epsilon(0.01));
  CHECK(relu_optimum({0.735, 0.265}, 1) ==
        doctest::Approx(relu_single_pixel_error({0.735, 0.265})).epsilon(1e-7));
  CHECK(relu_optimum({0.735, 0.265}, 2) == doctest::Approx(0.265 / 2).epsilon(1e-6));
  CHECK(relu_optimum({0.735, 0.265}, 3) == doctest::Approx(0.04809).epsilon(2e-4));
  CHECK(relu_optimum({1.0 / 3, 1.0 / 3, 1.0 / 3}, 3) == doctest::Approx(0.20441).epsilon(2e-4));
  CHECK_THROWS_AS(relu_optimum({0.5, 0}, 1), std::domain_error);
  CHECK_THROWS_AS(relu_optimum({}, 1), std::domain_error);
}

TEST_CASE("ReLU with biases: both go to PCA by the law, the encoder's alone does not") {
  ShallowDynamics run = alone(Unit::relu, {0.8}, 0.5);
  run.start.w(0, 0) = 0.5, run.start.u(0, 0) = 0.5;
  run.start.b = {0};
  CHECK(run.integrate({1e3})[0].pixel_error ==
        doctest::Approx(relu_single_pixel_error({0.8})).epsilon(1e-3));
  run.start.d = {0};
  const std::vector<double> times{1e2, 1e3, 1e4, 1e5, 1e6};
  const auto path = run.integrate(times, stiff);
  for (std::size_t i = 1; i < times.size(); ++i) {
    CHECK(path[i].pixel_error < path[i - 1].pixel_error);
    const double beta = path[i].at.b[0] / std::sqrt(order_parameters(run.ell, path[i].at).Q1(0, 0));
    if (times[i] >= 1e4)
      CHECK(path[i].pixel_error ==
            doctest::Approx(relu_bias_excess(0.8, 1, times[i], beta)).epsilon(0.12));
  }
}

TEST_CASE("noise of SGD: ReLU units of one sign learn half a mode, others all of it") {
  const auto of = [](Unit unit, std::initializer_list<double> w) {
    Array64 amplitudes = empty64({w.size(), 1});
    std::copy(w.begin(), w.end(), amplitudes.begin());
    const Escape found = escape(unit, {amplitudes, amplitudes, {}, {}});
    return std::pair(found.gain, found.variance);
  };
  CHECK(of(Unit::relu, {0.1}) == std::pair(0.5, 5.0));
  CHECK(of(Unit::relu, {-0.1, -0.2, 0}) == std::pair(0.5, 5.0));
  CHECK(of(Unit::relu, {0.1, -0.01}) == std::pair(1.0, 2.0));
  CHECK(of(Unit::erf, {0.1}) == std::pair(1.0, 2.0));
  CHECK(of(Unit::linear, {-0.1, -0.2}) == std::pair(1.0, 2.0));
}

TEST_CASE("noise of SGD: laws in simple numbers, and their domains") {
  CHECK(decoder_noise_trace(1, 2, 500, 0.1, 498) == doctest::Approx(2 * 0.1 * 498 / 5e5));
  CHECK(escape_jitter({1, 2}, 2.86, 1000) == doctest::Approx(0.0756).epsilon(1e-3));
  CHECK(escape_jitter({0.5, 5}, 2.86, 1000) == doctest::Approx(0.1196).epsilon(1e-3));
  CHECK(sgd_excess(1, 1, 500, 0.05) == doctest::Approx(5e-5));
  CHECK_THROWS_AS(escape_jitter({1, 2}, 1, 0), std::domain_error);
  CHECK_THROWS_AS(decoder_noise_trace(0, 2, 500, 0.1, 498), std::domain_error);
  CHECK_THROWS_AS(erf_long_time(1, 1, 0), std::domain_error);
  CHECK_THROWS_AS(relu_bias_excess(1, 1, 1, -1), std::domain_error);
}
