#include "scalar_network.hpp"

#include <hourglass/core/curvature.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/model/penalties.hpp>
#include <hourglass/theory/linear.hpp>

#include <array>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

Array64 one_number(double x) {
  Array64 result = empty64({1, 1});
  result.fill(x);
  return result;
}

class ScalarNetwork {
 public:
  ScalarNetwork(const theory::ScalarMode& mode, theory::Weights at)
      : encoder_{"encoder.W", scalar(static_cast<Real>(at.w1))},
        decoder_{"decoder.W", scalar(static_cast<Real>(at.w2))},
        expected_(one_number(mode.lambda), mode.sigma2),
        decay_(l2(mode.gamma)) {}

  Var loss(Tape& tape) { return decay_({expected_(tape, encoder_, decoder_), parameters_}); }
  Parameters parameters() const { return parameters_; }
  theory::Weights weights() const { return {encoder_.value(0, 0), decoder_.value(0, 0)}; }

 private:
  Parameter encoder_, decoder_;
  std::array<Parameter*, 2> parameters_{&encoder_, &decoder_};
  ExpectedLoss expected_;
  Penalty decay_;
};

// The positive minimum has both weights equal to this.
double minimum_of(const theory::ScalarMode& mode) {
  return std::sqrt((mode.lambda - mode.gamma) / (mode.lambda + mode.sigma2));
}

// Whether training from beside the minimum ends further away than it started. Beside: in shares of
// it, since a small minimum is left from far outside its neighbourhood at other rates.
bool leaves(theory::ScalarMode mode, double rate) {
  const double a = minimum_of(mode);
  mode.alpha = rate;
  mode.w1 = a * (1 + 1e-3), mode.w2 = a * (1 - 0.5e-3);
  const auto distance = [a](const theory::Weights& w) { return std::hypot(w.w1 - a, w.w2 - a); };
  try {
    return distance(train_scalar(mode, 3000).back()) > 2 * distance({mode.w1, mode.w2});
  } catch (const Divergence&) {
    return true;
  }
}

}  // namespace

std::vector<theory::Weights> train_scalar(const theory::ScalarMode& mode, std::size_t steps,
                                          Journal* journal, const std::string& part) {
  ScalarNetwork network(mode, {mode.w1, mode.w2});
  Training training{.steps = steps,
                    .record = std::vector<std::size_t>(steps + 1),
                    .journal = journal,
                    .part = part};
  std::iota(training.record.begin(), training.record.end(), std::size_t(0));
  const Probe probe{{{"w1"}, {"w2"}}, [&](double) {
                      const theory::Weights w = network.weights();
                      return std::vector<double>{w.w1, w.w2};
                    }};
  Optimiser descent = Sgd{mode.alpha};
  const Trace trace = train(
      training, [&](Tape& tape) { return network.loss(tape); }, network.parameters(), descent,
      probe);
  std::vector<theory::Weights> path;
  for (std::size_t k = 0; k <= steps; ++k) path.push_back({trace.values(0)[k], trace.values(1)[k]});
  return path;
}

theory::BalancedMode ScalarRun::balanced() const {
  return {mode.lambda, mode.sigma2, mode.gamma, mode.alpha, mode.w1 * mode.w2};
}

double ScalarRun::half_time() const {
  std::vector<double> steps, strengths;
  for (const theory::Weights& w : path) {
    steps.push_back(double(steps.size()));
    strengths.push_back(w.w1 * w.w2);
  }
  return hourglass::half_time(steps, strengths, balanced().fixed_point());
}

ScalarRun scalar_run(const theory::ScalarMode& mode, std::size_t steps,
                     const std::vector<std::size_t>& record, Journal* journal,
                     const std::string& part) {
  ScalarRun run{mode, train_scalar(mode, steps, journal, part), {}, {}, {}};
  for (const auto& point : theory::descend(mode, record)) run.exact.push_back(point.weights);
  for (const std::size_t step : record) {
    run.measured.push_back(run.path[step]);
    run.flow.push_back(mode.weights(double(step)));
  }
  return run;
}

double measured_sharpness(const theory::ScalarMode& mode, theory::Weights at) {
  ScalarNetwork network(mode, at);
  // two steps of Lanczos are exact; stopping earlier might take one of two close eigenvalues
  const LanczosOptions exact{.steps = 2, .tolerance = 0};
  const auto loss = [&](Tape& tape) { return network.loss(tape); };
  return largest_hessian_eigenvalue(loss, network.parameters(), exact).value;
}

double measured_stable_rate(const theory::ScalarMode& mode) {
  const double a = minimum_of(mode), guess = 2 / measured_sharpness(mode, {a, a});
  const double unit = std::exp2(std::ilogb(guess));  // so that products neither over- nor underflow
  double low = 0.8 * guess / unit, high = 1.2 * guess / unit;
  while (high / low > 1 + stable_rate_resolution) {
    const double middle = std::sqrt(low * high);
    (leaves(mode, middle * unit) ? high : low) = middle;
  }
  return std::sqrt(low * high) * unit;
}

}  // namespace hourglass
