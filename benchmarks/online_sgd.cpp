// One step of online descent through the tape, with fresh Gaussian inputs, on one core:
//   RULE/UNIT/D/K, in the precision of the build.

#include <hourglass/data/synthetic.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/online_learner.hpp>

#include <string>
#include <vector>

#include <benchmark/benchmark.h>

using namespace hourglass;

namespace {

struct Case {
  const char* name;
  OnlineRule rule;
  Activation::Kind unit;
  std::size_t features, units;
};
constexpr Case cases[] = {{"vanilla/erf", OnlineRule::vanilla, Activation::erf, 500, 2},
                          {"vanilla/linear", OnlineRule::vanilla, Activation::linear, 500, 2},
                          {"vanilla/relu", OnlineRule::vanilla, Activation::relu, 500, 2},
                          {"truncated/erf", OnlineRule::truncated, Activation::erf, 500, 2},
                          {"tied/erf", OnlineRule::tied, Activation::erf, 500, 2},
                          {"vanilla/erf", OnlineRule::vanilla, Activation::erf, 784, 4},
                          {"vanilla/erf", OnlineRule::vanilla, Activation::erf, 1000, 4}};

void step(benchmark::State& state, const Case& one) {
  OnlineLearner learner(one.features, one.units, {.activation = one.unit, .rule = one.rule});
  init::gaussian(learner.model().parameters(), 0.1, {.seed = 1});
  OnlineGaussian inputs(std::vector<double>(one.features, 1.0), {.seed = 2});
  Tape tape;
  std::uint64_t t = 0;
  for (auto _ : state) benchmark::DoNotOptimize(learner.step(tape, inputs.batch(t++).x));
}

}  // namespace

int main(int argc, char** argv) {
  for (const Case& one : cases)
    benchmark::RegisterBenchmark((std::string(one.name) + "/" + std::to_string(one.features) + "/" +
                                  std::to_string(one.units))
                                     .c_str(),
                                 [&](benchmark::State& state) { step(state, one); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("precision", sizeof(Real) == 4 ? "single" : "double");
  benchmark::RunSpecifiedBenchmarks();
}
