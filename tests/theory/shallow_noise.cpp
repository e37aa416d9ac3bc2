// What the equations leave out, against plain online SGD: docs/theory/nonlinear.md, section 3.6.

#include "sgd_step.hpp"
#include "shallow_start.hpp"
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using shallow_start::Draw;
using shallow_start::spiked;

namespace {

// Units on one spike, of amplitudes w = u each, without anything in the bulk.
ShallowDynamics on_one_spike(Unit unit, std::size_t D, const std::vector<double>& amplitudes) {
  ShallowDynamics run{.unit = unit, .ell = spiked({0.9}, D, 0.1), .start = {}};
  run.start.w = empty64({amplitudes.size(), D});
  run.start.w.fill(0);
  for (std::size_t k = 0; k < amplitudes.size(); ++k) run.start.w(k, 0) = amplitudes[k];
  run.start.u = run.start.w;
  return run;
}

void take_step(ShallowDynamics& run, Draw& draw) {
  const std::size_t D = run.ell.size();
  const std::vector<double> change = OneStep{run}.update(draw);
  const std::size_t size = run.start.w.size();
  for (std::size_t i = 0; i < size; ++i) {
    run.start.w.data()[i] += change[i] / static_cast<double>(D);
    run.start.u.data()[i] += change[size + i] / static_cast<double>(D);
  }
}

// Mean of the times at which the gain of the first mode passes half of what it grows to, and their
// standard deviation over that of the law.
struct Spread {
  double mean, ratio;
};
Spread spread(const ShallowDynamics& start, std::size_t seeds) {
  const std::size_t D = start.ell.size();
  const Escape law = escape(start.unit, start.start);
  double sum = 0, squares = 0;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    Draw draw{std::mt19937_64(seed + 1)};
    ShallowDynamics run = start;
    double t = 0;
    while (mode_gains(run.unit, run.ell, run.start, 1)[0] < law.gain / 2) {
      take_step(run, draw);
      t += 1 / static_cast<double>(D);
      REQUIRE(t < 50);
    }
    sum += t, squares += t * t;
  }
  const double n = static_cast<double>(seeds), mean = sum / n;
  return {mean, std::sqrt(squares / n - mean * mean) / escape_jitter(law, mean, D)};
}

}  // namespace

TEST_CASE("noise of SGD: the decoder in the bulk, and the error it costs") {
  const std::size_t D = 40, steps = 20'000;
  Draw draw{};
  ShallowDynamics run = on_one_spike(Unit::linear, D, {1});
  double trace = 0, error = 0;
  for (std::size_t n = 0; n < 400; ++n) take_step(run, draw);
  for (std::size_t n = 0; n < steps; ++n) {
    take_step(run, draw);
    for (std::size_t i = 1; i < D; ++i) trace += run.start.u(0, i) * run.start.u(0, i);
    error += pixel_error(run.unit, run.ell, run.start) - pca_pixel_error(run.ell, 1);
  }
  const double rho = run.ell[1] * static_cast<double>(D), n = static_cast<double>(steps);
  CHECK(trace / n == doctest::Approx(decoder_noise_trace(1, 1, D, rho, D - 1)).epsilon(0.1));
  CHECK(error / n == doctest::Approx(sgd_excess(1, 0.9, D, 0.05)).epsilon(0.3));
}

// The standard deviation of 200 runs is itself known to 5 %: three of these.
TEST_CASE("noise of SGD: when the first mode is learned scatters as derived") {
  const std::size_t D = 60, seeds = 200;
  const auto linear = on_one_spike(Unit::linear, D, {0.1});
  const Spread of_linear = spread(linear, seeds);
  CHECK(of_linear.mean == doctest::Approx(linear.half_times(1, 20)[0]).epsilon(0.05));
  CHECK(of_linear.ratio == doctest::Approx(1).epsilon(0.15));
  CHECK(spread(on_one_spike(Unit::relu, D, {0.1}), seeds).ratio ==
        doctest::Approx(1).epsilon(0.15));
  CHECK(spread(on_one_spike(Unit::relu, D, {-0.1, -0.05}), seeds).ratio ==
        doctest::Approx(1).epsilon(0.15));
  CHECK(spread(on_one_spike(Unit::relu, D, {0.1, -0.1}), seeds).ratio ==
        doctest::Approx(1).epsilon(0.15));
  CHECK(spread(on_one_spike(Unit::relu, D, {0.1, -0.05}), seeds).ratio ==
        doctest::Approx(1).epsilon(0.15));
}
