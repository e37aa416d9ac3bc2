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

// One linear unit on one spike, without anything in the bulk.
ShallowDynamics single_unit(std::size_t D, double w, double u) {
  ShallowDynamics run{.unit = Unit::linear, .ell = spiked({0.9}, D, 0.1), .start = {}};
  run.start.w = run.start.u = empty64({1, D});
  run.start.w.fill(0);
  run.start.u.fill(0);
  run.start.w(0, 0) = w, run.start.u(0, 0) = u;
  return run;
}

void take_step(ShallowDynamics& run, Draw& draw) {
  const std::size_t D = run.ell.size();
  const std::vector<double> change = OneStep{run}.update(draw);
  for (std::size_t i = 0; i < D; ++i) {
    run.start.w(0, i) += change[i] / static_cast<double>(D);
    run.start.u(0, i) += change[D + i] / static_cast<double>(D);
  }
}

}  // namespace

TEST_CASE("noise of SGD: the decoder in the bulk, and the error it costs") {
  const std::size_t D = 40, steps = 20'000;
  Draw draw{};
  ShallowDynamics run = single_unit(D, 1, 1);
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

TEST_CASE("noise of SGD: when the first mode is learned scatters by sqrt(2 t/D)") {
  const std::size_t D = 100, seeds = 150;
  double sum = 0, squares = 0;
  for (std::size_t seed = 0; seed < seeds; ++seed) {
    Draw draw{std::mt19937_64(seed + 1)};
    ShallowDynamics run = single_unit(D, 0.1, 0.1);
    double t = 0;
    while (run.start.w(0, 0) * run.start.u(0, 0) < 0.5) {
      take_step(run, draw);
      t += 1 / static_cast<double>(D);
      REQUIRE(t < 20);
    }
    sum += t, squares += t * t;
  }
  const double n = static_cast<double>(seeds), mean = sum / n;
  const double predicted = single_unit(D, 0.1, 0.1).half_times(1, 20)[0];
  CHECK(mean == doctest::Approx(predicted).epsilon(0.05));
  // the scatter of 150 runs is itself known to 6 %
  CHECK(std::sqrt(squares / n - mean * mean) ==
        doctest::Approx(escape_jitter(predicted, D)).epsilon(0.2));
}
