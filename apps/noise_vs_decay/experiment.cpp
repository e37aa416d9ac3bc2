#include <hourglass/core/curvature.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/measure/half_time.hpp>
#include <hourglass/measure/noise_vs_decay.hpp>
#include <hourglass/measure/scalar_network.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/theory/linear_descent.hpp>
#include <hourglass/theory/network_hessian.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>

namespace hourglass {
namespace {

using theory::ScalarMode;
using theory::Weights;

// A number that is read off the two weights.
using Reading = std::function<double(const Weights&)>;
double strength(const Weights& w) { return w.w1 * w.w2; }
double squared_norm(const Weights& w) { return w.w1 * w.w1 + w.w2 * w.w2; }

std::string text(double x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

double decay_of(double lambda, double sigma2) {
  return theory::noise_decay_equivalence(lambda, sigma2).gamma;
}

void require_positive(const char* option, double value) {
  if (std::isfinite(value) && value > 0) return;
  throw InputError(std::string(option) + ": found " + text(value) + ", expected a positive number");
}

void require_all_positive(const char* option, const std::vector<double>& values) {
  if (values.empty()) throw InputError(std::string(option) + ": expected at least one number");
  for (const double value : values) require_positive(option, value);
}

// One training run beside its closed form (the flow) and the exact recursion of descent.
class ScalarRun {
 public:
  ScalarRun(const ScalarMode& mode, std::size_t steps, const std::vector<std::size_t>& record)
      : mode_(mode), record_(record), path_(train_scalar(mode, steps)) {
    for (const auto& point : theory::descend(mode, record)) exact_.push_back(point.weights);
    for (const std::size_t step : record) flow_.push_back(mode.weights(double(step)));
  }

  const ScalarMode& mode() const { return mode_; }
  const std::vector<Weights>& path() const { return path_; }  // after every step
  std::vector<double> measured(const Reading& read) const {
    std::vector<double> values;
    for (const std::size_t step : record_) values.push_back(read(path_[step]));
    return values;
  }
  std::vector<double> exact(const Reading& read) const { return all(read, exact_); }
  std::vector<double> flow(const Reading& read) const { return all(read, flow_); }

  // For balanced weights: where the strength is half its limit.
  double half_time() const {
    std::vector<double> steps, strengths;
    for (const Weights& w : path_) {
      steps.push_back(double(steps.size()));
      strengths.push_back(strength(w));
    }
    return hourglass::half_time(steps, strengths, balanced().fixed_point());
  }
  theory::BalancedMode balanced() const {
    return {mode_.lambda, mode_.sigma2, mode_.gamma, mode_.alpha, mode_.w1 * mode_.w2};
  }

 private:
  static std::vector<double> all(const Reading& read, const std::vector<Weights>& weights) {
    std::vector<double> values;
    for (const Weights& w : weights) values.push_back(read(w));
    return values;
  }

  ScalarMode mode_;
  const std::vector<std::size_t>& record_;
  std::vector<Weights> path_, exact_, flow_;
};

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
  return largest;
}

class Experiment {
 public:
  explicit Experiment(const NoiseVsDecayConfig& config) : config_(config) {
    validate();
    record_ = log_spaced(config.steps, config.records);
    result_.training_seconds = 0;
    result_.steps = 0;
  }

  NoiseVsDecayResult run() {
    total_ = 3 * config_.paths + 2 * config_.variances.size() * config_.lambdas.size() +
             2 * config_.scan.size() + 3 * sharpness_starts(config_).size() + 3;
    for (const ScalarLoss& loss : scalar_losses(config_)) run_paths(loss);
    for (const double sigma2 : config_.variances) run_grid(sigma2);
    for (std::size_t k = 0; k < config_.scan.size(); ++k) run_own_rates(k);
    for (const ScalarLoss& loss : scalar_losses(config_)) run_curvature(loss);
    for (const char* name : {"plain", "noise", "decay"}) run_network(name);
    return std::move(result_);
  }

 private:
  void validate() const {
    require_all_positive("--lambdas", config_.lambdas);
    require_all_positive("--variances", config_.variances);
    require_all_positive("--scan", config_.scan);
    require_positive("--lambda", config_.lambda);
    require_positive("--sigma2", config_.sigma2);
    require_positive("--rate", config_.rate);
    require_positive("--start", config_.start);
    require_positive("--box", config_.box);
    if (config_.steps == 0) throw InputError("--steps: found 0, expected at least 1");
    if (config_.paths == 0) throw InputError("--paths: found 0, expected at least 1");
    if (config_.records < 2)
      throw InputError("--records: found " + std::to_string(config_.records) +
                       ", expected at least 2");
    require_stable_rate();
  }

  // The steepest place of all is the corner of the box.
  void require_stable_rate() const {
    const double lambda =
        std::max(config_.lambda, *std::max_element(config_.lambdas.begin(), config_.lambdas.end()));
    double steepest = 0;
    const double noisiest = *std::max_element(config_.variances.begin(), config_.variances.end());
    for (const double sigma2 : {config_.sigma2, noisiest})
      steepest = std::max(steepest, theory::balanced_sharpness(lambda, sigma2, 0, config_.start));
    const double corner = std::max(config_.box, 2.0);  // a start of the sharpness runs
    steepest =
        std::max(steepest, theory::balanced_sharpness(config_.lambda, config_.sigma2, 0, corner));
    steepest = std::max(steepest, 2 * std::max(lambda, network_spectrum[0]));
    if (config_.rate * steepest < 1) return;
    throw InputError("--rate: found " + text(config_.rate) + ", expected less than " +
                     text(1 / steepest) + ", one over the largest curvature that a run starts at");
  }

  ScalarMode mode_of(const ScalarLoss& loss, double rate, Weights at) const {
    return {loss.lambda, loss.sigma2, loss.gamma, rate, at.w1, at.w2};
  }

  ScalarRun train(const ScalarMode& mode) {
    const auto start = std::chrono::steady_clock::now();
    ScalarRun run(mode, config_.steps, record_);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    finished(elapsed.count());
    return run;
  }

  void finished(double seconds) {
    result_.training_seconds += seconds;
    result_.steps += config_.steps;
    if (config_.progress) config_.progress(++done_, total_);
  }

  // Rounding of a step, some ten operations, may add up from step to step.
  double rounding() const {
    return 10 * double(config_.steps) * double(std::numeric_limits<Real>::epsilon());
  }

  void record(const Column& column, const std::vector<double>& measured,
              const std::vector<double>& predicted) {
    for (const auto& [trace, values] : {std::pair{&result_.comparison.measured, &measured},
                                        std::pair{&result_.comparison.predicted, &predicted}}) {
      Trace added({column});
      for (std::size_t k = 0; k < record_.size(); ++k)
        added.add(double(record_[k]), {(*values)[k]});
      trace->append(added);
    }
  }

  // The curve is the flow. Training takes finite steps, and by how much it must miss the flow is
  // known from the exact recursion (section 7): that is the tolerance of the curve. How nearly
  // training follows the recursion itself is judged besides.
  Agreement& judge(const Column& column, const std::vector<double>& measured,
                   const std::vector<double>& flow, const std::vector<double>& exact) {
    record(column, measured, flow);
    Agreement result = agreement_of(result_.comparison.measured, result_.comparison.predicted,
                                    column, largest_difference(exact, flow) + rounding());
    result.quantities.push_back(
        {"off the recursion", "", largest_difference(measured, exact), 0, rounding(), false});
    result_.comparison.agreements.push_back(result);
    return result_.comparison.agreements.back();
  }

  Agreement& judge(const Column& column, const ScalarRun& run, const Reading& read) {
    return judge(column, run.measured(read), run.flow(read), run.exact(read));
  }

  void run_paths(const ScalarLoss& loss) {
    const Stream stream{.seed = config_.seed, .id = 0};
    for (std::size_t k = 0; k < config_.paths; ++k) {
      const auto coordinate = [&](std::size_t column) {
        return config_.box * (2 * double(stream.uniform(0, k, column)) - 1);
      };
      const ScalarRun run = train(mode_of(loss, config_.rate, {coordinate(0), coordinate(1)}));
      const int index = static_cast<int>(k) + 1;
      judge({loss.name + " path w1", index}, run, [](const Weights& w) { return w.w1; });
      judge({loss.name + " path w2", index}, run, [](const Weights& w) { return w.w2; });
    }
  }

  // At the same rate noise is faster by 1 + sigma^2/lambda (section 4).
  void run_grid(double sigma2) {
    const Weights at{config_.start, config_.start};
    for (std::size_t j = 0; j < config_.lambdas.size(); ++j) {
      const double lambda = config_.lambdas[j];
      const int index = static_cast<int>(j) + 1;
      const ScalarRun noise = train({lambda, sigma2, 0, config_.rate, at.w1, at.w2});
      const ScalarRun decay =
          train({lambda, 0, decay_of(lambda, sigma2), config_.rate, at.w1, at.w2});
      add_times(judge({"noise " + text(sigma2) + " strength", index}, noise, strength), noise);
      Agreement& slower = judge({"decay " + text(sigma2) + " strength", index}, decay, strength);
      add_times(slower, decay);
      slower.quantities.push_back(delay(noise, decay, 1 + sigma2 / lambda));
    }
  }

  // Half times with the correction for finite steps; what it leaves out is known from iterating.
  void add_times(Agreement& agreement, const ScalarRun& run) const {
    const theory::BalancedMode mode = run.balanced();
    const double predicted = mode.descent_half_time(), exact = theory::iterated_half_time(mode);
    const bool inside = predicted < double(config_.steps);
    agreement.quantities.push_back({"half time", "steps", run.half_time(), predicted,
                                    inside ? std::abs(exact - predicted) + time_rounding() : NAN,
                                    false});
    const double end = double(config_.steps), limit = mode.fixed_point();
    const double left = std::abs(mode.strength(end) - limit);
    agreement.quantities.push_back({"limit", "", strength(run.path().back()), limit,
                                    left < 1e-3 ? left + rounding() : NAN, false});
  }

  // Steps; a strength that is off by r changes the logit by r/(u* - u), and that by its growth.
  double time_rounding() const { return 1e3 * rounding(); }

  Quantity delay(const ScalarRun& noise, const ScalarRun& decay, double predicted) const {
    const double exact =
        theory::iterated_half_time(decay.balanced()) / theory::iterated_half_time(noise.balanced());
    const bool inside = decay.balanced().descent_half_time() < double(config_.steps);
    return {"slower by",
            "times",
            decay.half_time() / noise.half_time(),
            predicted,
            inside ? std::abs(exact / predicted - 1) + time_rounding() : NAN,
            true};
  }

  // Both at one over their curvature at w1 = w2 = 1: their flows are the same (section 4).
  void run_own_rates(std::size_t k) {
    const double lambda = config_.lambda, sigma2 = config_.scan[k],
                 gamma = decay_of(lambda, sigma2);
    const theory::OptimalRates rates = theory::optimal_rates(lambda, sigma2);
    const int index = static_cast<int>(k) + 1;
    const std::array<ScalarLoss, 2> losses{ScalarLoss{"noise", lambda, sigma2, 0},
                                           ScalarLoss{"decay", lambda, 0, gamma}};
    const std::array<double, 2> own{rates.alpha_dae, rates.alpha_wdae};
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const ScalarMode mode = mode_of(losses[i], own[i], {config_.start, config_.start});
      const ScalarRun run = train(mode);
      Agreement& agreement = judge({losses[i].name + " at its rate", index}, run, strength);
      const double curvature = measured_sharpness(mode, {1, 1});
      agreement.quantities.push_back({"optimal rate", "", 1 / curvature, own[i], rounding(), true});
      // beyond it the fixed point is left; decay above lambda/2 lets imbalance grow first
      const double edge = 1 / std::max(lambda - mode.gamma, mode.gamma);
      agreement.quantities.push_back({"largest stable rate", "", measured_stable_rate(mode), edge,
                                      2 * stable_rate_resolution, true});
    }
  }

  void run_curvature(const ScalarLoss& loss) {
    const std::vector<Weights> at = sharpness_starts(config_);
    for (std::size_t k = 0; k < at.size(); ++k) {
      const ScalarRun run = train(mode_of(loss, config_.rate, at[k]));
      const int index = static_cast<int>(k) + 1;
      const Reading predicted = [&loss](const Weights& w) {
        return theory::hessian_eigenvalues(loss.lambda, loss.sigma2, loss.gamma, w)[1];
      };
      const Reading measured = [&run](const Weights& w) {
        return measured_sharpness(run.mode(), w);
      };
      Agreement& sharpness = judge({loss.name + " sharpness", index}, run.measured(measured),
                                   run.flow(predicted), run.exact(predicted));
      // rounding of the weights, times the third derivative of the loss
      sharpness.quantities.back().tolerance *= 12 * (loss.lambda + loss.sigma2);
      sharpness.tolerance += sharpness.quantities.back().tolerance;
      judge({loss.name + " weight norm", index}, run, squared_norm);
    }
  }

  // From an aligned start in coordinates of its own; the end is the balanced minimum.
  void run_network(const std::string& name) {
    const double sigma2 = name == "noise" ? config_.sigma2 : 0,
                 gamma = name == "decay" ? network_decay : 0;
    const std::size_t size = network_spectrum.size();
    Autoencoder model = linear_autoencoder(size, size);
    Parameter &encoder = model.parameter("encoder.W"), &decoder = model.parameter("decoder.W");
    Array64 moments = empty64({size, size}), basis = moments;
    moments.fill(0), basis.fill(0);
    for (std::size_t i = 0; i < size; ++i) moments(i, i) = network_spectrum[i], basis(i, i) = 1;
    init::aligned(encoder, decoder, basis, config_.start * config_.start);
    const ExpectedLoss expected(moments, sigma2);
    const Penalty decay = l2(gamma);
    const auto loss = [&](Tape& tape) {
      return decay({expected(tape, encoder, decoder), model.parameters()});
    };
    const Column column{name + " network sharpness"};
    const Probe probe{
        {column}, [&](double) {
          return std::vector<double>{largest_hessian_eigenvalue(loss, model.parameters()).value};
        }};
    Optimiser descent = Sgd{config_.rate};
    const auto start = std::chrono::steady_clock::now();
    const Trace measured =
        hourglass::train({config_.steps, record_}, loss, model.parameters(), descent, probe);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    finished(elapsed.count());
    const double limit =
        theory::network_hessian_eigenvalues(network_spectrum, sigma2, gamma, size).back();
    result_.network_sharpness.push_back(limit);
    std::vector<double> predicted(record_.size(), NAN);
    predicted.back() = limit;
    record(column, measured.values(0), predicted);
    result_.comparison.agreements.push_back(
        agreement_of(result_.comparison.measured, result_.comparison.predicted, column,
                     network_settles(gamma) ? network_tolerance : NAN));
  }

  // Whether the slowest mode comes within e^-20 of its end, so that the limit can be judged.
  bool network_settles(double gamma) const {
    double slowest = INFINITY;
    for (const double lambda : network_spectrum)
      slowest = std::min(slowest, std::abs(lambda - gamma));
    return 2 * config_.rate * slowest * double(config_.steps) > 20 * (1 - 1e-9);
  }

  // Lanczos iteration stops at 1e-8.
  static constexpr double network_tolerance = 1e-4;

  const NoiseVsDecayConfig& config_;
  std::vector<std::size_t> record_;
  NoiseVsDecayResult result_;
  std::size_t done_ = 0, total_ = 0;
};

}  // namespace

std::vector<ScalarLoss> scalar_losses(const NoiseVsDecayConfig& config) {
  return {{"plain", config.lambda, 0, 0},
          {"noise", config.lambda, config.sigma2, 0},
          {"decay", config.lambda, 0, decay_of(config.lambda, config.sigma2)}};
}

std::vector<Weights> sharpness_starts(const NoiseVsDecayConfig& config) {
  return {{config.start, config.start}, {1.5, 1.5}, {0.25, 2}};
}

NoiseVsDecayResult run_noise_vs_decay(const NoiseVsDecayConfig& config) {
  return Experiment(config).run();
}

}  // namespace hourglass
