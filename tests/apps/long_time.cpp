#include "long_time/experiment.hpp"
#include "long_time/mode_descent.hpp"
#include "program.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

TEST_CASE("long_time: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const ProgramRun run =
      run_program("long_time",
                  "--strict --dimensions 200 --simulated-until 1000 --erf-spectra 0.7 "
                  "--tied-dimensions 50 --relu-units 1 --out " +
                      out.string(),
                  scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "long_time");
  CHECK(summary["comparisons"].size() == 3 + 3 + 2 + 1 + 2);
  for (const char* name : {"erf_laws", "training", "tied", "relu", "bias"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("have exponents within") != std::string::npos);
}

TEST_CASE("long_time: bad usage exits 2") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  for (const char* arguments :
       {"--lr 0", "--until 10", "--erf-spectra 0.6:x", "--tied-dimensions 1", "--records 2",
        "--erf-spectra 0.6::0.2", "--relu-units 5"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("long_time", std::string(arguments) + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("long_time: "));
  }
}

namespace {

LongTimeConfig small() {
  LongTimeConfig config;
  config.dimensions = 200, config.simulated_until = 1000;
  config.erf_spectra = {{0.7}}, config.tied_dimensions = {20, 200};
  config.relu_units = 2;
  return config;
}

const Quantity& quantity(const Comparison& c, const Column& column, const std::string& name) {
  for (const Agreement& a : c.agreements)
    for (const Quantity& q : a.quantities)
      if (a.column == column && q.name == name) return q;
  throw std::out_of_range(column.series + ": " + name);
}

}  // namespace

TEST_CASE("long_time: equations and training follow the laws") {
  const LongTimeResult result = run_long_time(small());
  const Comparison& c = result.comparison;
  for (const Agreement& a : c.agreements) {
    CAPTURE(a.column.series);
    CAPTURE(a.column.index);
    CHECK(a.verdict() != Verdict::disagrees);
  }
  CHECK(quantity(c, {"erf T0", 1}, "exponent").measured == doctest::Approx(1 / 3.0).epsilon(0.02));
  CHECK(quantity(c, {"relu error", 1}, "final value").predicted ==
        doctest::Approx(theory::relu_single_pixel_error({0.735, 0.265})).epsilon(1e-6));
  // noise is there: training is not the equations over again
  CHECK(std::abs(quantity(c, {"trained tied error", 1}, "final value").deviation()) > 1e-4);
  CHECK(result.trained_spectra == std::vector<std::size_t>{1});
  CHECK(c.measured.steps().back() == 1e6);
}

TEST_CASE("long_time: settings that make no sense are named") {
  const auto message = [](auto change) {
    LongTimeConfig config = small();
    change(config);
    try {
      run_long_time(config);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message([](auto& c) { c.lr = 0; }).find("--lr: found 0") == 0);
  CHECK(message([](auto& c) { c.until = 1e4; }).find("--until: found 10000") == 0);
  CHECK(message([](auto& c) { c.lr = 1e-3; }).find("--until: found 1e+06") == 0);
  CHECK(message([](auto& c) { c.simulated_until = 1e7; }).find("--simulated-until: found") == 0);
  CHECK(message([](auto& c) { c.tied_dimensions = {1}; }).find("--tied-dimensions: found 1") == 0);
  CHECK(message([](auto& c) { c.erf_spectra = {{0.5, -1}}; }).find("--erf-spectra: found -1") == 0);
  CHECK(message([](auto& c) {
          c.tied_dimensions = {};
        }).find("--tied-dimensions: found an empty") == 0);
  CHECK(message([](auto& c) { c.erf_spectra = {{}}; }).find("--erf-spectra: found an empty") == 0);
  CHECK(message([](auto& c) { c.relu_units = 9; }).find("--relu-units: found 9") == 0);
}

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
  const auto path = descend(run, {.steps = 20, .record = {0, 1, 20}});
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
