#include <hourglass/data/synthetic.hpp>
#include <hourglass/measure/mode_descent.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;
using theory::Amplitudes;
using theory::Unit;

namespace {

constexpr double tolerance = sizeof(Real) == sizeof(float) ? 1e-5 : 1e-12;

const Amplitudes start{Array64{{0.4, -0.2}, {0.1, 0.5}}, Array64{{0.3, 0.6}, {-0.2, 0.7}}, {}, {}};

double value(Unit unit, double z) {
  return unit == Unit::relu ? std::fmax(z, 0) : std::erf(z / std::sqrt(2.0));
}
double slope(Unit unit, double z) {
  return unit == Unit::relu ? double(z > 0) : std::sqrt(2 / std::acos(-1.0)) * std::exp(-z * z / 2);
}

// The update of the handbook, section 1.3, of all D rows of W and V and of b and c, on an input
// that lies in the first two directions.
struct Network {
  Unit unit;
  double lr;
  std::size_t D;
  std::vector<std::vector<double>> W, V;  // a unit each
  std::vector<double> b, c;

  Network(Unit unit, double lr, std::size_t D, const Amplitudes& at)
      : unit(unit), lr(lr), D(D), W(2, std::vector<double>(D)), V(W), b(2), c(D) {
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t i = 0; i < 2; ++i) {
        W[k][i] = at.w(k, i);
        V[k][i] = at.u(k, i) * std::sqrt(double(D));
      }
  }

  void step(const std::vector<double>& x, bool biased, bool tied) {
    const double root = std::sqrt(double(D));
    std::vector<double> z(2), delta(x), h(2);
    for (std::size_t k = 0; k < 2; ++k) {
      for (std::size_t i = 0; i < D; ++i) z[k] += W[k][i] * x[i] / root;
      z[k] += b[k];
    }
    for (std::size_t i = 0; i < D; ++i) {
      delta[i] -= c[i];
      for (std::size_t k = 0; k < 2; ++k) delta[i] -= (tied ? W : V)[k][i] * value(unit, z[k]);
    }
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t i = 0; i < D; ++i)
        h[k] += slope(unit, z[k]) * (tied ? W : V)[k][i] * delta[i] / double(D);
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t i = 0; i < D; ++i) {
        const double decoder = value(unit, z[k]) * delta[i] / double(D);
        V[k][i] += tied ? 0 : lr * decoder;
        // true gradient of the shared matrix at rate lr; apart, W follows at lr/D
        W[k][i] += tied ? lr * (decoder + h[k] * x[i] / root) : lr / double(D) * h[k] * x[i] / root;
      }
    if (!biased) return;
    for (std::size_t k = 0; k < 2; ++k) b[k] += lr / double(D) * h[k];
    for (std::size_t i = 0; i < D; ++i) c[i] += lr / double(D) * delta[i];
  }
};

void check_against_network(Unit unit, bool biased, bool tied) {
  const std::size_t D = 7;
  ModeDescent run{.unit = unit,
                  .tied = tied,
                  .lr = 0.8,
                  .D = D,
                  .ell = {0.7, 0.3},
                  .start = start,
                  .stream = {5, 2}};
  if (biased) run.start.b = {0, 0}, run.start.d = {0, 0};
  Network network(unit, 0.8, D, start);
  OnlineGaussian inputs(run.ell, run.stream);
  const auto path = descend(run, {0, 1, 20});
  REQUIRE(path.size() == 3);
  for (std::size_t step = 0; step < 20; ++step) {
    const View& xi = inputs.batch(step).x;
    std::vector<double> x(D);
    for (std::size_t i = 0; i < 2; ++i) x[i] = xi(0, i) * std::sqrt(double(D));
    network.step(x, biased, tied);
    if (step != 0 && step != 19) continue;
    const Amplitudes& at = path[step == 0 ? 1 : 2];
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t i = 0; i < 2; ++i) {
        const double u = (tied ? network.W : network.V)[k][i] / std::sqrt(double(D));
        CHECK(std::abs(at.w(k, i) - network.W[k][i]) < tolerance);
        CHECK(std::abs(at.u(k, i) - u) < tolerance);
        if (biased) CHECK(std::abs(at.b[k] - network.b[k]) < tolerance);
        if (biased) CHECK(std::abs(at.d[i] - network.c[i] / std::sqrt(double(D))) < tolerance);
      }
  }
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t i = 2; i < D; ++i) CHECK(network.W[k][i] == 0);
}

}  // namespace

TEST_CASE("mode descent: the coordinates that vary are the whole network") {
  check_against_network(Unit::erf, false, false);
  check_against_network(Unit::relu, true, false);
  check_against_network(Unit::erf, false, true);
}
