#include <hourglass/core/deferred.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/measure/half_time.hpp>
#include <hourglass/measure/linear_dae_setup.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/theory/deep_linear.hpp>
#include <hourglass/theory/linear.hpp>

#include <chrono>
#include <cmath>
#include <limits>

// Weights W_l = R_(l+1) diag(a_l) R_l^T with R_1 = R_(L+1) the eigenvectors and random rotations
// between them: the modes then evolve independently (docs/theory/linear.md, sections 2, 5 and 6).
// Such weights stay zero outside the first H eigenvectors, so the network is trained in those
// coordinates, where it has H inputs and the rows sqrt(H lambda_i) e_i have the data's moments.
namespace hourglass {
namespace {

constexpr double default_strength = 1e-3;
// Interpolation between records, and rounding in single precision.
constexpr double record_tolerance = 2e-3, final_tolerance = 1e-3, converged = 1e-4;

Array64 rotation(std::uint64_t seed, std::uint32_t id, std::size_t size) {
  Array z = empty({size, size});
  Stream{seed, id}.normals(0, 0, z);
  const Svd svd = thin_svd(to_double(z));
  return kernels::product(svd.u, svd.vt);
}

Array64 diagonal(std::size_t size, double value) {
  Array64 result = empty64({size, size});
  result.fill(0);
  for (std::size_t i = 0; i < size; ++i) result(i, i) = value;
  return result;
}

class AlignedExperiment {
 public:
  AlignedExperiment(const LinearDaeConfig& config, const Dataset& dataset)
      : config_(config), u0_(config.u0.value_or(default_strength)) {
    validate(config, dataset);
    eigenvalues_ = data::spectrum(data::second_moments(dataset.x)).values;
    rate_ = rate_of(config, dataset.name, eigenvalues_[0], 0.05);
    record_ = log_spaced(config.steps, config.records);
    rows_ = filled({config.hidden, config.hidden}, 0);
    axes_ = to_real(diagonal(config.hidden, 1));
    for (std::size_t i = 0; i < config.hidden; ++i)
      rows_(i, i) = static_cast<Real>(std::sqrt(double(config.hidden) * eigenvalues_[i]));
  }

  LinearDaeResult run() {
    const std::vector<Variant> variants = variants_of(config_);
    LinearDaeResult result{{}, rate_, eigenvalues_, 0, variants.size() * config_.steps};
    for (const Variant& variant : variants) {
      const auto start = std::chrono::steady_clock::now();
      const Trace measured = measure(variant), predicted = predict(variant);
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      result.training_seconds += elapsed.count();
      for (const std::size_t mode : config_.modes)
        result.comparison.agreements.push_back(judge(variant, mode, measured, predicted));
      if (config_.depth == 2)
        result.comparison.agreements.push_back(
            agreement_of(measured, predicted, {variant.name + " imbalance"}, NAN));
      result.comparison.measured.append(measured);
      result.comparison.predicted.append(predicted);
    }
    return result;
  }

 private:
  // The weights of layer l = 1..L on the diagonal: a = u0^(1/L), or w1 and w2 of the imbalance.
  double start_weight(std::size_t layer) const {
    if (config_.depth > 2) return std::pow(u0_, 1 / double(config_.depth));
    const theory::Weights w = start_weights();
    return layer == 1 ? w.w1 : w.w2;
  }
  theory::Weights start_weights() const {
    const double c = config_.imbalance, s = std::hypot(c, 2 * u0_);
    const double larger = std::sqrt((s + std::abs(c)) / 2);
    return c < 0 ? theory::Weights{larger, u0_ / larger} : theory::Weights{u0_ / larger, larger};
  }

  std::vector<Layer> aligned_layers() const {
    std::vector<Layer> layers;
    const std::size_t size = config_.hidden, depth = config_.depth;
    Array64 before = diagonal(size, 1);
    for (std::size_t l = 1; l <= depth; ++l) {
      const auto id = static_cast<std::uint32_t>(l);
      const Array64 after = l == depth ? diagonal(size, 1) : rotation(config_.seed, id, size);
      const Dense dense("layer" + std::to_string(l), size, size);
      const Array64 scaled = kernels::product(after, diagonal(size, start_weight(l)));
      dense.weight->value = to_real(kernels::product(scaled, before, false, true));
      layers.push_back(dense);
      before = after;
    }
    return layers;
  }

  // 1/2 sum_i lambda_i |v_i - W v_i|^2 + sigma2/2 |W|^2 + penalties; the modes beyond H, which are
  // not learned, add a constant.
  Var loss(Tape& tape, const Autoencoder& model, double sigma2) const {
    const Var reconstruction = model.loss(tape, rows_);
    if (sigma2 == 0) return reconstruction;
    const Var w = model.reconstruct(tape.constant(axes_));
    return reconstruction + sigma2 * half_squared_norm(w);
  }

  Trace measure(const Variant& variant) {
    std::vector<Layer> layers = aligned_layers();
    Encoder encoder({layers.front()});
    layers.erase(layers.begin());
    Autoencoder model(std::move(encoder), Decoder(std::move(layers)));
    if (variant.gamma > 0) model.penalties = {l2(variant.gamma)};
    Probe probe{mode_columns(variant, config_), {}};
    for (const char* series : {" imbalance", " weight norm"})
      probe.columns.push_back({variant.name + series});
    probe.read = [&](double) {
      const Parameters weights = model.parameters();
      std::vector<double> row = strengths(weights);
      row.push_back(probes::imbalance(weights[0]->value, weights[1]->value));
      row.push_back(probes::weight_norm(weights));
      return row;
    };
    Training training{config_.steps, record_};
    if (config_.progress)
      training.progress = [this](std::size_t) { config_.progress(++done_, 3 * config_.steps); };
    const auto step_loss = [&](Tape& tape) { return loss(tape, model, variant.sigma2); };
    Optimiser descent = Sgd{rate_};
    return train(training, step_loss, model.parameters(), descent, probe);
  }

  // The diagonal of W_L ... W_1, for the modes asked for.
  std::vector<double> strengths(Parameters weights) const {
    Array64 product = to_double(weights[0]->value);
    for (std::size_t l = 1; l < weights.size(); ++l)
      product = kernels::product(to_double(weights[l]->value), product);
    std::vector<double> result;
    for (const std::size_t mode : config_.modes) result.push_back(product(mode - 1, mode - 1));
    return result;
  }

  theory::DeepMode deep_mode(const Variant& v, std::size_t mode) const {
    return {config_.depth, eigenvalues_[mode - 1], v.sigma2, v.gamma, rate_, u0_};
  }
  theory::ScalarMode scalar_mode(const Variant& v, std::size_t mode) const {
    const theory::Weights w = start_weights();
    return {eigenvalues_[mode - 1], v.sigma2, v.gamma, rate_, w.w1, w.w2};
  }
  double strength(const Variant& v, std::size_t mode, double t) const {
    return config_.depth > 2 ? deep_mode(v, mode).strength(t) : scalar_mode(v, mode).strength(t);
  }
  double limit(const Variant& v, std::size_t mode) const {
    if (config_.depth > 2) return deep_mode(v, mode).limit();
    const double lambda = eigenvalues_[mode - 1];
    return std::max(0.0, (lambda - v.gamma) / (lambda + v.sigma2));
  }

  Trace predict(const Variant& variant) const {
    std::vector<Column> columns = mode_columns(variant, config_);
    if (config_.depth == 2) columns.push_back({variant.name + " imbalance"});
    Trace trace(columns);
    for (const std::size_t step : record_) {
      const double t = static_cast<double>(step);
      std::vector<double> row;
      for (const std::size_t mode : config_.modes) row.push_back(strength(variant, mode, t));
      if (config_.depth == 2)  // |M|_F, the same c in each of H modes
        row.push_back(std::sqrt(double(config_.hidden)) * std::abs(config_.imbalance) *
                      std::exp(-2 * rate_ * variant.gamma * t));
      trace.add(t, row);
    }
    return trace;
  }

  // Descent a <- a + alpha f(a) lags its flow by 1/2 ln(f/f_0) steps (section 7), f the velocity of
  // a single weight; that of u, which grows twice as much and more, bounds it. Half a step besides.
  double lag(const Variant& v, std::size_t mode, double half) const {
    if (std::isnan(half)) return 0.5;
    const auto velocity = [&](double t) { return strength(v, mode, t + 1) - strength(v, mode, t); };
    return 0.5 + std::abs(std::log(velocity(half) / velocity(0))) / 2;
  }

  Agreement judge(const Variant& variant, std::size_t mode, const Trace& measured,
                  const Trace& predicted) const {
    const Column column{variant.name + " mode strength", static_cast<int>(mode)};
    const auto& theory = predicted.values(predicted.find(column));
    const double end = limit(variant, mode), half = half_time(predicted.steps(), theory, end);
    const double late = lag(variant, mode, half);
    double off = final_tolerance;
    for (std::size_t k = 0; k < theory.size(); ++k)
      off =
          std::max(off, std::abs(strength(variant, mode, predicted.steps()[k] + late) - theory[k]));
    Agreement result = agreement_of(measured, predicted, column, off + final_tolerance);
    const double found = half_time(measured.steps(), measured.values(measured.find(column)), end);
    const bool inside = !std::isnan(half);
    result.quantities = {
        {"half time", "steps", inside && std::isnan(found) ? INFINITY : found, half,
         inside ? late / half + record_tolerance : NAN, true},
        {"final value", "", measured.values(measured.find(column)).back(), theory.back(),
         std::abs(theory.back() - end) < converged ? final_tolerance : NAN, false}};
    return result;
  }

  const LinearDaeConfig& config_;
  double u0_, rate_ = 0;
  std::vector<double> eigenvalues_;
  std::vector<std::size_t> record_;
  Array rows_, axes_;
  std::size_t done_ = 0;
};

}  // namespace

LinearDaeResult run_aligned_dae(const LinearDaeConfig& config, const Dataset& dataset) {
  return AlignedExperiment(config, dataset).run();
}

}  // namespace hourglass
