#include "experiment.hpp"
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/linear.hpp>

#include <algorithm>
#include <cmath>

// Weights W_l = R_(l+1) diag(a_l) R_l^T with R_1 = R_(L+1) the eigenvectors and random rotations
// between them: the modes then evolve independently (docs/theory/linear.md, sections 2, 5 and 6).
// Such weights stay zero outside the first H eigenvectors, so the network is trained in those
// coordinates, where it has H inputs and the rows sqrt(H lambda_i) e_i have the data's moments.
namespace hourglass {
namespace {

// Interpolation between records, and rounding in single precision.
constexpr double record_tolerance = 2e-3, final_tolerance = 1e-3, converged = 1e-4;

Array64 rotation(std::uint64_t seed, std::uint32_t id, std::size_t size) {
  return polar_factor(to_double(Stream{seed, id}.normals({size, size})));
}

Array64 diagonal(std::size_t size, double value) {
  Array64 result = empty64({size, size});
  result.fill(0);
  for (std::size_t i = 0; i < size; ++i) result(i, i) = value;
  return result;
}

// The weights of one mode at the start.
struct AlignedStart {
  std::size_t depth;
  double u0, imbalance;

  explicit AlignedStart(const LinearDaeConfig& config)
      : depth(config.depth), u0(*config.u0), imbalance(config.imbalance) {}

  theory::Weights weights() const {
    const double s = std::hypot(imbalance, 2 * u0);
    const double larger = std::sqrt((s + std::abs(imbalance)) / 2);
    return imbalance < 0 ? theory::Weights{larger, u0 / larger}
                         : theory::Weights{u0 / larger, larger};
  }
  // Of layer l = 1..L on the diagonal: a = u0^(1/L), or w1 and w2 of the imbalance.
  double weight(std::size_t layer) const {
    if (depth > 2) return std::pow(u0, 1 / double(depth));
    return layer == 1 ? weights().w1 : weights().w2;
  }
};

Autoencoder network(const LinearDaeConfig& config) {
  const AlignedStart start(config);
  const std::size_t size = config.hidden;
  std::vector<Layer> layers;
  Array64 before = diagonal(size, 1);
  for (std::size_t l = 1; l <= config.depth; ++l) {
    const auto id = static_cast<std::uint32_t>(l);
    const Array64 after = l == config.depth ? diagonal(size, 1) : rotation(config.seed, id, size);
    const Dense dense("layer" + std::to_string(l), size, size);
    const Array64 scaled = kernels::product(after, diagonal(size, start.weight(l)));
    dense.weight->value = to_real(kernels::product(scaled, before, false, true));
    layers.push_back(dense);
    before = after;
  }
  Encoder encoder({layers.front()});
  layers.erase(layers.begin());
  return Autoencoder(std::move(encoder), Decoder(std::move(layers)));
}

// The diagonal of W_L ... W_1, for the modes asked for.
std::vector<double> strengths(Parameters weights, const std::vector<std::size_t>& modes) {
  Array64 product = to_double(weights[0]->value);
  for (std::size_t l = 1; l < weights.size(); ++l)
    product = kernels::product(to_double(weights[l]->value), product);
  std::vector<double> result;
  for (const std::size_t mode : modes) result.push_back(product(mode - 1, mode - 1));
  return result;
}

Trace measure(const LinearDaeSetting& setting, const Variant& variant, Variants& runs) {
  const LinearDaeConfig& config = setting.config;
  Array rows = filled({config.hidden, config.hidden}, 0);
  const Array axes = to_real(diagonal(config.hidden, 1));
  for (std::size_t i = 0; i < config.hidden; ++i)
    rows(i, i) = static_cast<Real>(std::sqrt(double(config.hidden) * setting.spectrum.values[i]));
  Autoencoder model = network(config);
  if (variant.gamma > 0) model.penalties = {l2(variant.gamma)};
  Probe probe{mode_columns(variant, config), {}};
  for (const Series* series : {&linear_dae::imbalance, &linear_dae::norm})
    probe.columns.push_back((*series)(variant.name));
  probe.read = [&](double) {
    const Parameters weights = model.parameters();
    std::vector<double> row = strengths(weights, *config.modes);
    row.push_back(probes::imbalance(weights[0]->value, weights[1]->value));
    row.push_back(probes::weight_norm(weights));
    return row;
  };
  // 1/2 sum_i lambda_i |v_i - W v_i|^2 + sigma2/2 |W|^2 + penalties; the modes beyond H, which are
  // not learned, add a constant.
  const auto loss = [&](Tape& tape) {
    const Var reconstruction = model.loss(tape, rows);
    if (variant.sigma2 == 0) return reconstruction;
    return reconstruction +
           variant.sigma2 * half_squared_norm(model.reconstruct(tape.constant(axes)));
  };
  return runs.descend(variant, loss, model.parameters(), probe);
}

// The gradient flow of one mode.
class AlignedMode {
 public:
  AlignedMode(const LinearDaeSetting& setting, const Variant& variant, std::size_t mode)
      : deep_{setting.config.depth, setting.spectrum.values[mode - 1],
              variant.sigma2,       variant.gamma,
              *setting.config.rate, AlignedStart(setting.config).u0},
        scalar_{deep_.lambda,
                variant.sigma2,
                variant.gamma,
                *setting.config.rate,
                AlignedStart(setting.config).weights().w1,
                AlignedStart(setting.config).weights().w2} {}

  double strength(double t) const {
    return deep_.layers > 2 ? deep_.strength(t) : scalar_.strength(t);
  }
  double limit() const {
    if (deep_.layers > 2) return deep_.limit();
    return std::max(0.0, (scalar_.lambda - scalar_.gamma) / (scalar_.lambda + scalar_.sigma2));
  }
  // Descent a <- a + alpha f(a) lags its flow by 1/2 ln(f/f_0) steps (section 7), f the velocity of
  // a single weight; that of u, which grows twice as much and more, bounds it. Half a step besides.
  double lag(double half) const {
    if (std::isnan(half)) return 0.5;
    const auto velocity = [&](double t) { return strength(t + 1) - strength(t); };
    return 0.5 + std::abs(std::log(velocity(half) / velocity(0))) / 2;
  }

 private:
  theory::DeepMode deep_;
  theory::ScalarMode scalar_;
};

Trace predict(const LinearDaeSetting& setting, const Variant& variant) {
  const LinearDaeConfig& config = setting.config;
  std::vector<Column> columns = mode_columns(variant, config);
  if (config.depth == 2) columns.push_back(linear_dae::imbalance(variant.name));
  Trace trace(columns);
  for (const std::size_t step : setting.record) {
    const double t = static_cast<double>(step);
    std::vector<double> row;
    for (const std::size_t mode : *config.modes)
      row.push_back(AlignedMode(setting, variant, mode).strength(t));
    if (config.depth == 2)  // |M|_F, the same c in each of H modes
      row.push_back(std::sqrt(double(config.hidden)) * std::abs(config.imbalance) *
                    std::exp(-2 * *config.rate * variant.gamma * t));
    trace.add(t, row);
  }
  return trace;
}

Agreement judge(const LinearDaeSetting& setting, const Variant& variant, std::size_t mode,
                const Trace& measured, const Trace& predicted) {
  const Column column = linear_dae::strength(variant.name, mode);
  const AlignedMode flow(setting, variant, mode);
  const std::vector<double>&theory = predicted[column], &steps = predicted.steps();
  const double end = flow.limit(), half = half_time(steps, theory, end), late = flow.lag(half);
  double off = final_tolerance;
  for (std::size_t k = 0; k < theory.size(); ++k)
    off = std::max(off, std::abs(flow.strength(steps[k] + late) - theory[k]));
  Agreement result = agreement_of(measured, predicted, column, off + final_tolerance);
  result.quantities = {half_time_of(half_time(steps, measured[column], end), half,
                                    !std::isnan(half), late / half + record_tolerance),
                       {final_value_name, "", measured[column].back(), theory.back(),
                        std::abs(theory.back() - end) < converged ? final_tolerance : NAN}};
  return result;
}

}  // namespace

LinearDaeResult run_aligned_start(const LinearDaeSetting& setting) {
  Variants runs = variants_of(setting);
  const auto judge_all = [&](const Variant& variant, const Trace& measured,
                             const Trace& predicted) {
    std::vector<Agreement> agreements;
    for (const std::size_t mode : *setting.config.modes)
      agreements.push_back(judge(setting, variant, mode, measured, predicted));
    if (setting.config.depth == 2)
      agreements.push_back(
          agreement_of(measured, predicted, linear_dae::imbalance(variant.name), NAN));
    return agreements;
  };
  const Comparison comparison =
      runs.compare([&](const Variant& variant) { return measure(setting, variant, runs); },
                   [&](const Variant& variant) { return predict(setting, variant); }, judge_all);
  return {setting.config, comparison, setting.spectrum.values, runs.training_seconds(),
          runs.steps()};
}

}  // namespace hourglass
