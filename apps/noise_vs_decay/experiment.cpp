#include "experiment.hpp"

#include "scalar_network.hpp"
#include <hourglass/core/curvature.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace hourglass {
namespace {

using namespace noise_vs_decay;
using theory::ScalarMode;
using theory::Weights;

// A number that is read off the two weights.
using Reading = std::function<double(const Weights&)>;
double strength(const Weights& w) { return w.w1 * w.w2; }
double squared_norm(const Weights& w) { return w.w1 * w.w1 + w.w2 * w.w2; }

std::vector<double> all(const Reading& read, const std::vector<Weights>& weights) {
  std::vector<double> values;
  for (const Weights& w : weights) values.push_back(read(w));
  return values;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
  return largest;
}

double decay_of(double lambda, double sigma2) {
  return theory::noise_decay_equivalence(lambda, sigma2).gamma;
}

ScalarMode mode_of(const ScalarLoss& loss, double rate, Weights at) {
  return {loss.lambda, loss.sigma2, loss.gamma, rate, at.w1, at.w2};
}

// Trains and judges, and collects what comes of it.
class Runs {
 public:
  explicit Runs(const NoiseVsDecayConfig& config)
      : config_(config), record_(log_spaced(config.steps, config.records)), result_{config} {}

  const NoiseVsDecayConfig& config() const { return config_; }
  const std::vector<std::size_t>& record() const { return record_; }
  NoiseVsDecayResult& result() { return result_; }

  // One run of all, by a function that trains.
  template <class F>
  auto timed(F run) {
    const auto start = std::chrono::steady_clock::now();
    auto outcome = run();
    result_.training_seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result_.steps += config_.steps;
    if (config_.progress) config_.progress(++done_, total());
    return outcome;
  }
  ScalarRun train(const ScalarMode& mode) {
    return timed(
        [&] { return scalar_run(mode, config_.steps, record_, config_.journal, next_part()); });
  }

  // Runs are numbered in their order.
  std::string next_part() const { return "run " + std::to_string(done_ + 1); }

  // Rounding of a step, some ten operations, may add up from step to step.
  double rounding() const {
    return 10 * double(config_.steps) * double(std::numeric_limits<Real>::epsilon());
  }

  Agreement& compare(const Column& column, const std::vector<double>& measured,
                     const std::vector<double>& predicted, double tolerance) {
    Comparison& all = result_.comparison;
    for (const auto& [trace, values] :
         {std::pair(&all.measured, &measured), std::pair(&all.predicted, &predicted)}) {
      Trace added({column});
      for (std::size_t k = 0; k < record_.size(); ++k)
        added.add(double(record_[k]), {(*values)[k]});
      trace->append(added);
    }
    all.agreements.push_back(agreement_of(all.measured, all.predicted, column, tolerance));
    return all.agreements.back();
  }

  // The curve is the flow. Training takes finite steps, and by how much it must miss the flow is
  // known from the exact recursion (section 7): that is the tolerance of the curve. How nearly
  // training follows the recursion itself is judged besides.
  Agreement& judge(const Column& column, const ScalarRun& run, const Reading& measure,
                   const Reading& predict) {
    const std::vector<double> measured = all(measure, run.measured), flow = all(predict, run.flow),
                              exact = all(predict, run.exact);
    Agreement& result =
        compare(column, measured, flow, largest_difference(exact, flow) + rounding());
    result.quantities = {{off_recursion, "", largest_difference(measured, exact), 0, rounding()}};
    return result;
  }
  Agreement& judge(const Column& column, const ScalarRun& run, const Reading& read) {
    return judge(column, run, read, read);
  }

 private:
  std::size_t total() const {
    return 3 * config_.paths + 2 * config_.variances.size() * config_.lambdas.size() +
           2 * config_.scan.size() + 3 * sharpness_starts(config_).size() + 3;
  }

  const NoiseVsDecayConfig& config_;
  std::vector<std::size_t> record_;
  NoiseVsDecayResult result_;
  std::size_t done_ = 0;
};

void run_paths(Runs& runs, const ScalarLoss& loss) {
  const NoiseVsDecayConfig& config = runs.config();
  const Stream stream{.seed = config.seed, .id = 0};
  for (std::size_t k = 0; k < config.paths; ++k) {
    const auto coordinate = [&](std::size_t column) {
      return config.box * (2 * double(stream.uniform(0, k, column)) - 1);
    };
    const ScalarRun run = runs.train(mode_of(loss, config.rate, {coordinate(0), coordinate(1)}));
    runs.judge(path_w1(loss.name, k + 1), run, [](const Weights& w) { return w.w1; });
    runs.judge(path_w2(loss.name, k + 1), run, [](const Weights& w) { return w.w2; });
  }
}

// Steps; a strength that is off by r changes the logit by r/(u* - u), and that by its growth.
double time_rounding(const Runs& runs) { return 1e3 * runs.rounding(); }

// Half times with the correction for finite steps; what it leaves out is known from iterating.
void add_times(const Runs& runs, Agreement& agreement, const ScalarRun& run) {
  const theory::BalancedMode mode = run.balanced();
  const double end = double(runs.config().steps), fixed = mode.fixed_point();
  const double predicted = mode.descent_half_time();
  // the recursion is followed to no later than the run
  const double exact = predicted < end ? theory::iterated_half_time(mode) : NAN;
  const double left = std::abs(mode.strength(end) - fixed);
  agreement.quantities.push_back({half_time_name, "steps", run.half_time(), predicted,
                                  std::abs(exact - predicted) + time_rounding(runs)});
  agreement.quantities.push_back(
      {limit, "", strength(run.path.back()), fixed, left < 1e-3 ? left + runs.rounding() : NAN});
}

Quantity delay(const Runs& runs, const ScalarRun& noisy, const ScalarRun& decayed,
               double predicted) {
  const auto inside = [&](const ScalarRun& run) {
    return run.balanced().descent_half_time() < double(runs.config().steps);
  };
  const double exact = inside(noisy) && inside(decayed)
                           ? theory::iterated_half_time(decayed.balanced()) /
                                 theory::iterated_half_time(noisy.balanced())
                           : NAN;
  return {.name = slower_by,
          .unit = "times",
          .measured = decayed.half_time() / noisy.half_time(),
          .predicted = predicted,
          .tolerance = std::abs(exact / predicted - 1) + time_rounding(runs),
          .relative = true};
}

// At the same rate noise is faster by 1 + sigma^2/lambda (section 4).
void run_grid(Runs& runs, double sigma2) {
  const NoiseVsDecayConfig& config = runs.config();
  for (std::size_t j = 0; j < config.lambdas.size(); ++j) {
    const double lambda = config.lambdas[j];
    const auto train = [&](double variance, double gamma) {
      return runs.train({lambda, variance, gamma, config.rate, config.start, config.start});
    };
    const ScalarRun noisy = train(sigma2, 0), decayed = train(0, decay_of(lambda, sigma2));
    add_times(runs, runs.judge(grid_strength(noise, sigma2, j + 1), noisy, strength), noisy);
    Agreement& slower = runs.judge(grid_strength(decay, sigma2, j + 1), decayed, strength);
    add_times(runs, slower, decayed);
    slower.quantities.push_back(delay(runs, noisy, decayed, 1 + sigma2 / lambda));
  }
}

// Both at one over their curvature at w1 = w2 = 1: their flows are the same (section 4).
void run_own_rates(Runs& runs, std::size_t k) {
  const NoiseVsDecayConfig& config = runs.config();
  const double lambda = config.lambda, sigma2 = config.scan[k];
  const theory::OptimalRates rates = theory::optimal_rates(lambda, sigma2);
  for (const auto& [loss, own] :
       {std::pair(ScalarLoss{noise, lambda, sigma2, 0}, rates.alpha_dae),
        {ScalarLoss{decay, lambda, 0, decay_of(lambda, sigma2)}, rates.alpha_wdae}}) {
    const ScalarMode mode = mode_of(loss, own, {config.start, config.start});
    Agreement& agreement = runs.judge(at_own_rate(loss.name, k + 1), runs.train(mode), strength);
    agreement.quantities.push_back(
        {optimal_rate, "", 1 / measured_sharpness(mode, {1, 1}), own, runs.rounding(), true});
    // beyond it the fixed point is left; decay above lambda/2 lets imbalance grow first
    const double edge = 1 / std::max(lambda - mode.gamma, mode.gamma);
    agreement.quantities.push_back(
        {stable_rate, "", measured_stable_rate(mode), edge, 2 * stable_rate_resolution, true});
  }
}

void run_curvature(Runs& runs, const ScalarLoss& loss) {
  const std::vector<Weights> at = sharpness_starts(runs.config());
  for (std::size_t k = 0; k < at.size(); ++k) {
    const ScalarRun run = runs.train(mode_of(loss, runs.config().rate, at[k]));
    const Reading measured = [&run](const Weights& w) { return measured_sharpness(run.mode, w); };
    const Reading predicted = [&loss](const Weights& w) {
      return theory::hessian_eigenvalues(loss.lambda, loss.sigma2, loss.gamma, w)[1];
    };
    Agreement& curve = runs.judge(sharpness(loss.name, k + 1), run, measured, predicted);
    // rounding of the weights, times the third derivative of the loss
    curve.quantities.back().tolerance *= 12 * (loss.lambda + loss.sigma2);
    curve.tolerance += curve.quantities.back().tolerance;
    runs.judge(weight_norm(loss.name, k + 1), run, squared_norm);
  }
}

// Lanczos iteration stops at 1e-8.
constexpr double network_tolerance = 1e-4;

// Whether the slowest mode comes within e^-20 of its end, so that the limit can be judged.
bool network_settles(const NoiseVsDecayConfig& config, double gamma) {
  double slowest = INFINITY;
  for (const double lambda : network_spectrum)
    slowest = std::min(slowest, std::abs(lambda - gamma));
  return 2 * config.rate * slowest * double(config.steps) > 20 * (1 - 1e-9);
}

// From an aligned start in coordinates of its own; the end is the balanced minimum.
void run_network(Runs& runs, const ScalarLoss& scalar) {
  const NoiseVsDecayConfig& config = runs.config();
  const double gamma = scalar.name == decay ? network_decay : 0;
  const std::size_t size = network_spectrum.size();
  Autoencoder model = linear_autoencoder(size, size);
  Parameter &encoder = model.parameter("encoder.W"), &decoder = model.parameter("decoder.W");
  Array64 moments = empty64({size, size}), basis = moments;
  moments.fill(0), basis.fill(0);
  for (std::size_t i = 0; i < size; ++i) moments(i, i) = network_spectrum[i], basis(i, i) = 1;
  init::aligned(encoder, decoder, basis, config.start * config.start);
  const ExpectedLoss expected(moments, scalar.sigma2);
  const Penalty penalty = l2(gamma);
  const auto loss = [&](Tape& tape) {
    return penalty({expected(tape, encoder, decoder), model.parameters()});
  };
  const Column column = network_sharpness(scalar.name);
  const Probe probe{
      {column}, [&](double) {
        return std::vector<double>{largest_hessian_eigenvalue(loss, model.parameters()).value};
      }};
  const Trace measured = runs.timed([&] {
    Optimiser descent = Sgd{config.rate};
    const Training training{.steps = config.steps,
                            .record = runs.record(),
                            .journal = config.journal,
                            .part = runs.next_part()};
    return train(training, loss, model.parameters(), descent, probe);
  });
  std::vector<double> predicted(runs.record().size(), NAN);
  predicted.back() =
      theory::network_hessian_eigenvalues(network_spectrum, scalar.sigma2, gamma, size).back();
  runs.result().network_sharpness.push_back(predicted.back());
  runs.compare(column, measured[column], predicted,
               network_settles(config, gamma) ? network_tolerance : NAN);
}

// The steepest place of all is the corner of the box.
void require_stable_rate(const NoiseVsDecayConfig& c) {
  const double lambda = std::max(c.lambda, *std::max_element(c.lambdas.begin(), c.lambdas.end()));
  const double noisiest = *std::max_element(c.variances.begin(), c.variances.end());
  const double corner = std::max(c.box, 2.0);  // a start of the sharpness runs
  const double steepest = std::max({theory::balanced_sharpness(lambda, c.sigma2, 0, c.start),
                                    theory::balanced_sharpness(lambda, noisiest, 0, c.start),
                                    theory::balanced_sharpness(c.lambda, c.sigma2, 0, corner),
                                    2 * std::max(lambda, network_spectrum[0])});
  if (c.rate * steepest < 1) return;
  throw refused("rate", c.rate,
                "less than " + rounded(1 / steepest, 6) +
                    ", one over the largest curvature that a run starts at");
}

void validate(const NoiseVsDecayConfig& config) {
  check_ranges(config);
  for (const auto& [option, list] : {std::pair("--lambdas", &config.lambdas),
                                     {"--variances", &config.variances},
                                     {"--scan", &config.scan}})
    if (list->empty()) throw InputError(std::string(option) + ": expected at least one number");
  require_stable_rate(config);
}

}  // namespace

Column noise_vs_decay::grid_strength(const std::string& run, double sigma2,
                                     std::size_t eigenvalue) {
  static const Series strength("strength");
  return strength(run + " " + round_trip(sigma2), eigenvalue);
}

std::vector<ScalarLoss> scalar_losses(const NoiseVsDecayConfig& config) {
  return {{plain, config.lambda, 0, 0},
          {noise, config.lambda, config.sigma2, 0},
          {decay, config.lambda, 0, decay_of(config.lambda, config.sigma2)}};
}

std::vector<Weights> sharpness_starts(const NoiseVsDecayConfig& config) {
  return {{config.start, config.start}, {1.5, 1.5}, {0.25, 2}};
}

NoiseVsDecayResult run_noise_vs_decay(const NoiseVsDecayConfig& config) {
  validate(config);
  Runs runs(config);
  const std::vector<ScalarLoss> losses = scalar_losses(config);
  for (const ScalarLoss& loss : losses) run_paths(runs, loss);
  for (const double sigma2 : config.variances) run_grid(runs, sigma2);
  for (std::size_t k = 0; k < config.scan.size(); ++k) run_own_rates(runs, k);
  for (const ScalarLoss& loss : losses) run_curvature(runs, loss);
  for (const ScalarLoss& loss : losses) run_network(runs, loss);
  return std::move(runs.result());
}

}  // namespace hourglass
