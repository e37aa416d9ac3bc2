#include "experiment.hpp"

#include <hourglass/core/deferred.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/theory/denoising.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <algorithm>

namespace hourglass {
namespace {

// The published decay: 0.0045 W added to the gradient of the error averaged over samples and
// features.
constexpr double published_rate = 0.9, published_decay = 0.0045;

// What the published curves and our own repetitions of them support (section 11.2): the network is
// not linear, so these are bounds on how nearly it behaves as if it were.
constexpr double plain_tolerance = 0.005, decay_tolerance = 0.02;
// under noise the gates learn to denoise too: more may be kept than a linear network can, not less
constexpr double noise_shortfall = 0.02;
// two modes that are both within plain_tolerance of 1 may be this much out of order
constexpr double order_tolerance = 2 * plain_tolerance;
// closer than this to its fixed point, a predicted mode counts as converged
constexpr double converged = plain_tolerance;

// Dense at the start, where the first mode rises; every tenth step later, for means at the end.
std::vector<std::size_t> recorded_steps(std::size_t steps) {
  std::vector<std::size_t> record = log_spaced(steps, 120);
  for (std::size_t step = 0; step < steps; step += 10) record.push_back(step);
  std::sort(record.begin(), record.end());
  record.erase(std::unique(record.begin(), record.end()), record.end());
  return record;
}

// The mean over the last tenth of the run: drawn noise makes a single value fluctuate.
double late_mean(const Trace& trace, const Column& column) {
  const std::vector<double>& values = trace[column];
  double total = 0, count = 0;
  for (std::size_t k = 0; k < values.size(); ++k)
    if (trace.steps()[k] >= 0.9 * trace.steps().back()) total += values[k], ++count;
  return total / count;
}

// eigenvalues this near (relative) have no order that a run would keep
constexpr double least_gap = 0.01;

// How far a weaker mode is ahead of the next stronger one; 0 where they are in order.
double disorder(const std::vector<double>& mapping, const std::vector<double>& eigenvalues) {
  double most = 0;
  for (std::size_t i = 1; i < mapping.size(); ++i)
    if (eigenvalues[i] < (1 - least_gap) * eigenvalues[i - 1])
      most = std::max(most, mapping[i] - mapping[i - 1]);
  return most;
}

std::vector<Variant> variants_of(const ReluDaeConfig& config) {
  return {{plain_run, 0, 0}, {decayed_run, 0, *config.gamma}, {noisy_run, config.sigma2, 0}};
}

// Given, or stable in all runs; noise is drawn for all rows of every step. Under strong noise ReLU
// units keep more than linear ones: the default allows for all, w = 1, where the curvature is
// 2 lambda + 3 sigma^2 (section 7).
double stable_rate(const ReluDaeConfig& config, const Dataset& dataset, double lambda_1) {
  const double D = double(dataset.features());
  double edge = INFINITY, safe = INFINITY;
  std::string steepest;
  for (const Variant& run : variants_of(config)) {
    const double drawn = D * run.sigma2 / double(dataset.samples());
    const double one = stability_edge(lambda_1, run, drawn,
                                      start_of(config.init, dataset.features(), config.hidden));
    if (one < edge) edge = one, steepest = run.name;
    safe = std::min({safe, one, 2 / (2 * lambda_1 + 3 * run.sigma2 + drawn)});
  }
  if (!config.rate) return std::min(config.rate_per_feature / D, 0.75 * safe);
  if (*config.rate < edge) return *config.rate;
  throw refused("rate", *config.rate,
                "less than " + rounded(edge, 6) + ", 2 over the largest curvature of the run " +
                    steepest + ": beyond it gradient descent is unstable");
}

ReluDaeConfig settled(ReluDaeConfig config, const Dataset& dataset,
                      const std::vector<double>& eigenvalues) {
  const double D = double(dataset.features()), top = eigenvalues[0];
  config.gamma = config.gamma.value_or(
      theory::effective_constants(D, published_rate, published_decay, 0).gamma);
  if (!(eigenvalues[config.modes - 1] > 1e-12 * top))
    throw InputError("--modes: found " + std::to_string(config.modes) +
                     ", but the data vary in fewer directions");
  config.rate = stable_rate(config, dataset, top);
  return config;
}

// The network at its start, and what its forward pass tells of the modes.
class ReluNetwork {
 public:
  ReluNetwork(const ReluDaeConfig& config, const Dataset& dataset, const Spectrum& spectrum)
      : config_(config),
        dataset_(dataset),
        leading_(first_columns(spectrum.vectors, config.modes)),
        directions_(to_real(leading_)),
        spectrum_(spectrum.values),
        start_(network()) {
    const View x = borrow(dataset.x), v = borrow(directions_);
    evaluate(matmul(x, v), projections_);
    const double samples = double(dataset.samples());
    for (std::size_t n = 0; n < dataset.samples(); ++n)
      for (std::size_t i = 0; i < config.modes; ++i)
        projections_(n, i) /= static_cast<Real>(samples * spectrum.values[i]);
    init::gaussian(start_.parameters(), config.init, {.seed = config.seed, .id = 0});
  }

  Trace measure(const Variant& variant, Variants& runs) const {
    Autoencoder model = network();
    for (const char* name : {"encoder.W", "decoder.W"})
      model.parameter(name).value = start_.parameter(name).value;
    if (variant.gamma > 0) model.penalties = {l2(variant.gamma)};
    if (variant.sigma2 > 0)
      model.corrupt = GaussianNoise{variant.sigma2, {.seed = config_.seed, .id = 1}};
    Var output;  // of the step's forward pass
    model.error = [&output](Var y, Var x) {
      output = y;
      return half_squared_error(y, x);
    };
    Probe probe;
    for (std::size_t mode = 1; mode <= config_.modes; ++mode)
      probe.columns.push_back(relu_dae::mapping(variant.name, mode));
    probe.columns.push_back(relu_dae::order(variant.name));
    probe.columns.push_back(relu_dae::loss(variant.name));
    probe.read = [&](double loss) {
      std::vector<double> row = mapping(output.value());
      row.push_back(disorder(row, spectrum_));
      row.push_back(loss);
      return row;
    };
    const auto loss = [&](Tape& tape) { return model.loss(tape, dataset_.x); };
    return runs.descend(variant, loss, model.parameters(), probe);
  }

  // u0 of the modes. Noise keeps all units at work while the weights are small, whatever their
  // sign. Without noise a unit is on along the mean image, v_1, if its weight there is positive,
  // and stays on if the part of it that grows, (W1 v_1 + W2^T v_1)/2, is positive too; the others
  // take no part (section 11.2).
  std::vector<double> strengths(bool noisy) const {
    Array64 w1 = to_double(start_.parameter("encoder.W").value),
            w2 = to_double(start_.parameter("decoder.W").value);
    for (std::size_t h = 0; h < config_.hidden && !noisy; ++h)
      if (!stays_on(w1, w2, h))
        for (std::size_t d = 0; d < dataset_.features(); ++d) w1(h, d) = w2(d, h) = 0;
    return theory::effective_strengths(w1, w2, leading_);
  }

  double active_units() const {
    const Array64 w1 = to_double(start_.parameter("encoder.W").value),
                  w2 = to_double(start_.parameter("decoder.W").value);
    std::size_t kept = 0;
    for (std::size_t h = 0; h < config_.hidden; ++h) kept += stays_on(w1, w2, h) ? 1 : 0;
    return double(kept) / double(config_.hidden);
  }

 private:
  Autoencoder network() const {
    return shallow_autoencoder(dataset_.features(), config_.hidden,
                               {.activation = Activation::relu});
  }

  bool stays_on(const Array64& w1, const Array64& w2, std::size_t h) const {
    double in = 0, out = 0, mean = 0;
    for (std::size_t d = 0; d < dataset_.features(); ++d) {
      mean += leading_(d, 0);  // v_1 has the sign of the mean image where this is positive
      in += w1(h, d) * leading_(d, 0);
      out += w2(d, h) * leading_(d, 0);
    }
    const double sign = mean < 0 ? -1 : 1;
    return sign * in > 0 && sign * (in + out) > 0;
  }

  std::vector<double> mapping(const View& output) const {
    const View v = borrow(directions_);
    Array seen;  // N x modes
    evaluate(matmul(output, v), seen);
    std::vector<double> result(config_.modes, 0);
    for (std::size_t n = 0; n < shape_of(seen).rows; ++n)
      for (std::size_t i = 0; i < config_.modes; ++i)
        result[i] += double(seen(n, i)) * double(projections_(n, i));
    return result;
  }

  const ReluDaeConfig& config_;
  const Dataset& dataset_;
  Array64 leading_;    // D x modes
  Array directions_;   // the same in training's precision
  Array projections_;  // x_n . v_i / (N lambda_i): what a mapping is projected on; N x modes
  std::vector<double> spectrum_;
  Autoencoder start_;
};

// The theory of a linear network with the same constants.
struct LinearModes {
  const ReluDaeConfig& config;
  const std::vector<double>& eigenvalues;
  std::vector<double> strengths, noisy_strengths;  // u0

  theory::BalancedMode of(const Variant& variant, std::size_t mode) const {
    const std::vector<double>& starts = variant.sigma2 > 0 ? noisy_strengths : strengths;
    return {eigenvalues[mode - 1], variant.sigma2, variant.gamma, *config.rate, starts[mode - 1]};
  }

  Trace trace(const Variant& variant, const std::vector<std::size_t>& record) const {
    std::vector<Column> columns;
    for (std::size_t mode = 1; mode <= config.modes; ++mode)
      columns.push_back(relu_dae::mapping(variant.name, mode));
    columns.push_back(relu_dae::order(variant.name));
    Trace trace(columns);
    for (const std::size_t step : record) {
      std::vector<double> row;
      for (std::size_t mode = 1; mode <= config.modes; ++mode)
        row.push_back(of(variant, mode).descent_strength(double(step)));
      row.push_back(0);
      trace.add(double(step), row);
    }
    return trace;
  }

  Agreement judge(const Variant& variant, std::size_t mode, const Trace& measured,
                  const Trace& predicted) const {
    const Column column = relu_dae::mapping(variant.name, mode);
    const theory::BalancedMode theory = of(variant, mode);
    const double limit = theory.fixed_point();
    const bool settles =
        std::abs(theory.descent_strength(0.9 * double(config.steps)) - limit) < converged;
    const auto judged = [&](double tolerance) { return settles ? tolerance : NAN; };

    // as in the published table: the time to half of the plateau that the run itself reaches
    const double last = late_mean(measured, column);
    const double expected = settles ? limit : late_mean(predicted, column);
    const double found = half_time(measured.steps(), measured[column], last);
    Agreement result = agreement_of(measured, predicted, column, NAN);
    result.quantities = {{half_time_name, "steps", found, theory.descent_half_time(),
                          judged(config.half_time_tolerance), true},
                         {final_value_name, "", last, expected,
                          judged(variant.sigma2 > 0  ? config.excess_tolerance
                                 : variant.gamma > 0 ? decay_tolerance
                                                     : plain_tolerance)}};
    if (variant.sigma2 > 0)
      result.quantities.push_back(
          {"shortfall", "", std::max(0.0, expected - last), 0, judged(noise_shortfall)});
    return result;
  }
};

}  // namespace

ReluDaeResult run_relu_dae(const ReluDaeConfig& asked, const Dataset& dataset) {
  check_ranges(asked);
  const std::size_t most = std::min(dataset.features(), asked.hidden);
  if (asked.modes > most)
    throw refused("modes", double(asked.modes),
                  "1 to the number of features or hidden units, " + std::to_string(most));
  const Spectrum spectrum = data::spectrum_of_rows(dataset.x);
  const ReluDaeConfig config = settled(asked, dataset, spectrum.values);
  const std::vector<std::size_t> record = recorded_steps(config.steps);
  const ReluNetwork network(config, dataset, spectrum);
  const LinearModes theory{config, spectrum.values, network.strengths(false),
                           network.strengths(true)};
  Variants runs({variants_of(config),
                 {.steps = config.steps, .record = record, .journal = config.journal},
                 *config.rate,
                 config.progress});
  const auto judge = [&](const Variant& variant, const Trace& measured, const Trace& predicted) {
    std::vector<Agreement> agreements;
    for (std::size_t mode = 1; mode <= config.modes; ++mode)
      agreements.push_back(theory.judge(variant, mode, measured, predicted));
    agreements.push_back(
        agreement_of(measured, predicted, relu_dae::order(variant.name), order_tolerance));
    return agreements;
  };
  const Comparison comparison =
      runs.compare([&](const Variant& variant) { return network.measure(variant, runs); },
                   [&](const Variant& variant) { return theory.trace(variant, record); }, judge);
  return {config,      comparison, spectrum.values, network.active_units(), runs.training_seconds(),
          runs.steps()};
}

}  // namespace hourglass
