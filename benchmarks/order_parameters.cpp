// The equations of online SGD on one core, in double:
//   euler/UNIT/D/K      one explicit Euler step ("biased": both biases are trained)
//   adaptive/UNIT/D/K   a whole run to lr t = 300 with 60 recorded times
// D modes with a power-law spectrum, K units.

#include <hourglass/random/stream.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

using namespace hourglass;
using theory::ShallowDynamics;
using theory::Unit;

namespace {

struct Case {
  const char* name;
  Unit unit;
  bool biased;
  std::size_t modes, units;
};
constexpr Case cases[] = {
    {"erf", Unit::erf, false, 500, 2},       {"erf", Unit::erf, false, 1000, 4},
    {"erf", Unit::erf, false, 1000, 8},      {"relu", Unit::relu, false, 500, 2},
    {"erf_biased", Unit::erf, true, 500, 2}, {"relu_biased", Unit::relu, true, 500, 2},
    {"erf", Unit::erf, false, 784, 4},       {"relu", Unit::relu, false, 784, 4}};

Array64 normals(std::uint32_t id, std::size_t rows, std::size_t columns) {
  Array z = empty({rows, columns});
  Stream{.seed = 5, .id = id}.normals(0, 0, z);
  return to_double(z);
}

ShallowDynamics run_of(const Case& one) {
  const std::size_t K = one.units, D = one.modes;
  ShallowDynamics run{.unit = one.unit, .ell = {}, .start = {}};
  for (std::size_t i = 0; i < D; ++i)
    run.ell.push_back(0.1 * std::pow(static_cast<double>(i + 1), -1.3));
  run.start = theory::gaussian_start(normals(0, K, D), normals(1, K, D), 0.1);
  if (one.biased) run.start.b.assign(K, 0.0), run.start.d.assign(D, 0.0);
  return run;
}

void euler(benchmark::State& state, const Case& one) {
  constexpr std::size_t steps = 1000;
  const ShallowDynamics run = run_of(one);
  const double dt = 1 / static_cast<double>(one.modes);
  while (state.KeepRunningBatch(steps)) benchmark::DoNotOptimize(run.euler(dt, {steps}));
}

void adaptive(benchmark::State& state, const Case& one) {
  const ShallowDynamics run = run_of(one);
  std::vector<double> times;
  for (int i = 0; i < 60; ++i) times.push_back(0.1 * std::pow(3000, i / 59.0));
  for (auto _ : state) benchmark::DoNotOptimize(run.integrate(times));
}

}  // namespace

int main(int argc, char** argv) {
  for (const Case& one : cases) {
    const std::string suffix = std::string("/") + one.name + "/" + std::to_string(one.modes) + "/" +
                               std::to_string(one.units);
    benchmark::RegisterBenchmark(("euler" + suffix).c_str(),
                                 [&](benchmark::State& state) { euler(state, one); });
    benchmark::RegisterBenchmark(("adaptive" + suffix).c_str(), [&](benchmark::State& state) {
      adaptive(state, one);
    })->Unit(benchmark::kMillisecond);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
