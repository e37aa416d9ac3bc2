#include <hourglass/core/deferred.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/measure/half_time.hpp>
#include <hourglass/measure/linear_dae.hpp>
#include <hourglass/measure/linear_dae_setup.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hourglass {
namespace {

// A mode's predicted half time must be met within this; the first mode rises within some twenty
// steps, of which gradient descent may miss one (docs/theory/linear.md, section 8).
constexpr double half_time_tolerance = 5e-3, first_half_time_tolerance = 5e-2;
constexpr double final_tolerance = 1e-3;
// closer than this to its fixed point, a mode counts as converged
constexpr double converged = 1e-4;

class Experiment {
 public:
  Experiment(const LinearDaeConfig& config, const Dataset& dataset)
      : config_(config), dataset_(dataset) {
    validate(config, dataset);
    moments_ = data::second_moments(dataset.x);
    spectrum_ = data::spectrum(moments_);
    rate_ = rate_of(config, dataset.name, spectrum_.values[0], 0.5);
    record_ = log_spaced(config_.steps, config_.records);
    choose_drives();
    draw_initial_weights();
  }

  LinearDaeResult run() {
    const std::vector<Variant> variants = variants_of(config_);
    LinearDaeResult result{{}, rate_, spectrum_.values, 0, variants.size() * config_.steps};
    for (const Variant& variant : variants) {
      const auto start = std::chrono::steady_clock::now();
      const Trace measured = measure(variant);
      const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
      result.training_seconds += elapsed.count();
      const Trace predicted = predict(variant);
      for (const std::size_t mode : config_.modes)
        result.comparison.agreements.push_back(judge(variant, mode, measured, predicted));
      for (const char* series : {" loss", " imbalance"})
        result.comparison.agreements.push_back(
            agreement_of(measured, predicted, {variant.name + series}, NAN));
      result.comparison.measured.append(measured);
      result.comparison.predicted.append(predicted);
    }
    return result;
  }

 private:
  // Drive and curvature of the noisy run's modes (section 1). Masks mix the modes: v_i^T B v_i
  // leaves out what they do to each other: when all have come to rest a mode has u = A_ii (B^-1)_ii
  // instead of A_ii / B_ii, and less of that before. Tolerances allow for it.
  void choose_drives() {
    const std::size_t D = dataset_.features();
    drive_ = spectrum_.values;
    excess_.assign(D, config_.sigma2);
    coupling_.assign(D, 0);
    if (config_.noise == InputNoise::coloured) {
      double total = 0;
      for (std::size_t i = 0; i < D; ++i)  // of shares, since powers of eigenvalues may overflow
        total += excess_[i] = std::pow(spectrum_.values[i] / spectrum_.values[0], config_.colour);
      for (double& variance : excess_) variance *= config_.sigma2 * double(D) / total;
    }
    if (config_.noise == InputNoise::masking) masked_drives();
  }

  void masked_drives() {
    const auto masked = theory::masking_noise(moments_, config_.drop, config_.rescaled);
    const Array64& V = spectrum_.vectors;
    const Array64 A = kernels::product(V, kernels::product(masked.A, V), true);
    const Array64 B = kernels::product(V, kernels::product(masked.B, V), true);
    for (std::size_t i = 0; i < dataset_.features(); ++i) {
      drive_[i] = std::max(0.0, A(i, i));  // where the data do not vary, rounding is all there is
      excess_[i] = B(i, i) - drive_[i];    // below 0 where masks without rescaling shrink the data
    }
    couple(B);
  }

  // Of all D modes: the encoder reads those too that the code has no room for.
  void couple(const Array64& B) {
    const Eigenpairs pairs = eigh(B);
    const double rounding = 1e-12 * pairs.values[0];
    for (std::size_t i = 0; i < dataset_.features(); ++i) {
      double inverse = 0;
      for (std::size_t k = 0; k < dataset_.features(); ++k)
        if (pairs.values[k] > rounding)
          inverse += pairs.vectors(i, k) * pairs.vectors(i, k) / pairs.values[k];
      coupling_[i] = std::max(0.0, B(i, i) * inverse - 1);
    }
  }

  void draw_initial_weights() {
    Autoencoder model = linear_autoencoder(dataset_.features(), config_.hidden);
    init::gaussian(model.parameters(), config_.init, {.seed = config_.seed, .id = 0});
    encoder_ = model.parameter("encoder.W").value;
    decoder_ = model.parameter("decoder.W").value;
    const Array64 leading = first_columns(spectrum_.vectors, config_.hidden);
    strengths_ = theory::effective_strengths(to_double(encoder_), to_double(decoder_), leading);
    imbalance_ = probes::imbalance(encoder_, decoder_);
  }

  bool rotated() const { return config_.method == Method::eigenbasis; }

  // The coordinates that the network works in: the eigenbasis, or the data's own.
  void set_initial_weights(Parameter& encoder, Parameter& decoder) const {
    encoder.value = encoder_;
    decoder.value = decoder_;
    if (!rotated()) return;
    const Array basis = to_real(spectrum_.vectors);
    const View v = borrow(basis), w1 = borrow(encoder_), w2 = borrow(decoder_);
    evaluate(matmul(w1, v), encoder.value);
    evaluate(matmul(v, w2, true, false), decoder.value);
  }

  Array probe_basis() const {
    Array basis = eigenvectors(config_.modes);
    if (!rotated()) return basis;
    basis.fill(0);
    for (std::size_t k = 0; k < config_.modes.size(); ++k) basis(config_.modes[k] - 1, k) = 1;
    return basis;
  }

  // Columns of the data's eigenvectors, in training's precision.
  Array eigenvectors(const std::vector<std::size_t>& modes) const {
    Array columns = empty({dataset_.features(), modes.size()});
    for (std::size_t k = 0; k < modes.size(); ++k)
      for (std::size_t d = 0; d < dataset_.features(); ++d)
        columns(d, k) = static_cast<Real>(spectrum_.vectors(d, modes[k] - 1));
    return columns;
  }

  MaskingNoise masking() const { return {config_.drop, config_.rescaled}; }

  // Symmetric, so that the noise is F n with covariance F F^T.
  Array64 coloured_factor() const {
    Array64 scaled = spectrum_.vectors;
    for (std::size_t d = 0; d < dataset_.features(); ++d)
      for (std::size_t i = 0; i < dataset_.features(); ++i) scaled(d, i) *= std::sqrt(excess_[i]);
    return kernels::product(scaled, spectrum_.vectors, false, true);
  }

  std::function<Var(Tape&, Parameter&, Parameter&)> marginal_loss(const Variant& variant) const {
    const bool noisy = variant.sigma2 > 0;
    if (rotated())
      return noisy ? EigenbasisLoss(spectrum_.values, excess_)
                   : EigenbasisLoss(spectrum_.values, 0);
    if (noisy && config_.noise == InputNoise::masking)
      return marginalised(masking(), {.second = moments_});
    if (noisy && config_.noise == InputNoise::coloured)
      return marginalised(CorrelatedGaussianNoise(coloured_factor()), {.second = moments_});
    return ExpectedLoss(moments_, variant.sigma2);
  }

  Noise drawn_noise() const {
    const Stream stream{.seed = config_.seed, .id = 1};
    if (config_.noise == InputNoise::gaussian) return GaussianNoise{config_.sigma2, stream};
    // shared: the tape borrows the factor
    const auto noise = std::make_shared<CorrelatedGaussianNoise>(coloured_factor(), stream);
    return [noise](Var x, Position position) { return (*noise)(x, position); };
  }

  // The loss of a step, whichever the method; the model must outlive it.
  std::function<Var(Tape&)> loss_of(const Variant& variant, Autoencoder& model) const {
    if (variant.gamma > 0) model.penalties = {l2(variant.gamma)};
    if (config_.method == Method::sampled) {
      if (variant.sigma2 > 0) model.corrupt = drawn_noise();
      return [this, &model](Tape& tape) {
        const Batch batch = dataset_.batch(tape.step(), config_.batch);
        return model.loss(tape, batch.x, batch.first_row);
      };
    }
    const auto marginal = marginal_loss(variant);
    Parameter &encoder = model.parameter("encoder.W"), &decoder = model.parameter("decoder.W");
    return [marginal, &model, &encoder, &decoder](Tape& tape) {
      Var total = marginal(tape, encoder, decoder);
      for (const Penalty& penalty : model.penalties) total = penalty({total, model.parameters()});
      return total;
    };
  }

  Trace measure(const Variant& variant) {
    Autoencoder model = linear_autoencoder(dataset_.features(), config_.hidden);
    Parameter &encoder = model.parameter("encoder.W"), &decoder = model.parameter("decoder.W");
    set_initial_weights(encoder, decoder);
    const Array basis = probe_basis();
    Probe probe{mode_columns(variant, config_), {}};
    for (const char* series : {" loss", " imbalance", " weight norm"})
      probe.columns.push_back({variant.name + series});
    probe.read = [&](double loss) {
      std::vector<double> row = probes::mode_strengths(encoder.value, decoder.value, basis);
      row.push_back(loss);
      row.push_back(probes::imbalance(encoder.value, decoder.value));
      row.push_back(probes::weight_norm(model.parameters()));
      return row;
    };
    Training training{config_.steps, record_};
    if (config_.progress)
      training.progress = [this](std::size_t) { config_.progress(++done_, 3 * config_.steps); };
    Optimiser descent = Sgd{rate_};
    try {
      return train(training, loss_of(variant, model), model.parameters(), descent, probe);
    } catch (const Divergence& divergence) {
      throw Divergence(variant.name + ": " + divergence.what());
    }
  }

  theory::BalancedMode mode_of(const Variant& variant, std::size_t mode) const {
    const bool noisy = variant.sigma2 > 0;
    return {noisy ? drive_[mode - 1] : spectrum_.values[mode - 1], noisy ? excess_[mode - 1] : 0,
            variant.gamma, rate_, strengths_[mode - 1]};
  }

  // From the configuration, the spectrum and the initial weights alone.
  Trace predict(const Variant& variant) const {
    std::vector<Column> columns = mode_columns(variant, config_);
    columns.push_back({variant.name + " loss"});
    columns.push_back({variant.name + " imbalance"});
    Trace trace(columns);
    for (const std::size_t step : record_) {
      const double t = static_cast<double>(step);
      std::vector<double> row;
      for (const std::size_t mode : config_.modes)
        row.push_back(mode_of(variant, mode).descent_strength(t));
      row.push_back(predicted_loss(variant, t));
      row.push_back(imbalance_ * std::exp(-2 * rate_ * variant.gamma * t));
      trace.add(t, row);
    }
    return trace;
  }

  // Section 2: modes up to H by their scalar loss, the others as they are in the data.
  double predicted_loss(const Variant& variant, double t) const {
    double total = 0;
    for (std::size_t i = 0; i < spectrum_.values.size(); ++i) {
      total += spectrum_.values[i] / 2;
      if (i >= config_.hidden) continue;
      const theory::BalancedMode mode = mode_of(variant, i + 1);
      const double u = mode.descent_strength(t), xi = mode.lambda + mode.sigma2;
      total += (xi / 2 * u - mode.lambda + variant.gamma) * u;
    }
    return total;
  }

  Agreement judge(const Variant& variant, std::size_t mode, const Trace& measured,
                  const Trace& predicted) const {
    const Column column{variant.name + " mode strength", static_cast<int>(mode)};
    const theory::BalancedMode theory = mode_of(variant, mode);
    const double end = static_cast<double>(config_.steps), limit = theory.fixed_point();
    const double half = theory.descent_half_time();
    const Fluctuation drawn = fluctuation_of(variant, mode, half);
    const double late =
        (mode == 1 ? first_half_time_tolerance : half_time_tolerance) + drawn.half_time;
    const double shared = variant.sigma2 > 0 ? coupling_[mode - 1] * limit : 0;
    const double at_rest = final_tolerance + drawn.strength + shared;

    const double rising = std::isnan(half) ? 0 : shifted_by(theory, late * half);
    const bool says_something = rising < limit || !(limit > 0);
    Agreement result =
        agreement_of(measured, predicted, column, says_something ? at_rest + rising : NAN);

    const double found = half_time(measured.steps(), measured.values(measured.find(column)), limit);
    const bool inside = half < end;
    result.quantities.push_back({"half time", "steps",
                                 inside && std::isnan(found) ? INFINITY : found, half,
                                 inside ? late : NAN, true});
    const double last = predicted.values(predicted.find(column)).back();
    result.quantities.push_back({"final value", "", measured.values(measured.find(column)).back(),
                                 last, std::abs(last - limit) < converged ? at_rest : NAN, false});
    return result;
  }

  // By how much a curve is off that is early or late by some steps, at the recorded ones.
  double shifted_by(const theory::BalancedMode& mode, double late) const {
    double off = 0;
    for (const std::size_t step : record_) {
      const double t = double(step), u = mode.descent_strength(t);
      off = std::max({off, std::abs(mode.descent_strength(t + late) - u),
                      std::abs(mode.descent_strength(std::max(0.0, t - late)) - u)});
    }
    return off;
  }

  // Four standard deviations of what drawing noise and batches adds, to first order.
  struct Fluctuation {
    double half_time = 0;  // relative
    double strength = 0;   // at the fixed point
  };

  // The drive lambda - xi u of a mode fluctuates from step to step with variance V(u) for B rows
  // (docs/theory/linear.md, section 8). While the mode grows this is a random walk of ln u; at the
  // fixed point the pull back at rate 2 alpha beta bounds it.
  Fluctuation fluctuation_of(const Variant& variant, std::size_t mode, double half) const {
    if (config_.method != Method::sampled || std::isnan(half)) return {};
    const theory::BalancedMode theory = mode_of(variant, mode);
    const double lambda = theory.lambda, beta = lambda - variant.gamma, noise = theory.sigma2;
    const double u = theory.fixed_point();
    const std::size_t samples = dataset_.samples();
    const bool all = config_.batch == 0 || config_.batch >= samples;
    const double rows = static_cast<double>(all ? samples : config_.batch);
    const double spread = all ? 0 : energy_variance(mode);
    const double start = (lambda * noise + spread) / rows;
    const double rest = ((1 - 2 * u) * (1 - 2 * u) * lambda * noise + 2 * u * u * noise * noise +
                         (1 - u) * (1 - u) * spread) /
                        rows;
    return {4 * std::sqrt(start / half) / beta, 4 * u * std::sqrt(rate_ * rest / beta)};
  }

  // Variance over the samples of (v_i . x)^2.
  double energy_variance(std::size_t mode) const {
    const Array direction = eigenvectors({mode});
    Array projections;
    const View x = borrow(dataset_.x), v = borrow(direction);
    evaluate(matmul(x, v), projections);
    double fourth = 0;
    for (std::size_t n = 0; n < dataset_.samples(); ++n)
      fourth += std::pow(double(projections(n, 0)), 4);
    const double mean = spectrum_.values[mode - 1];
    return fourth / static_cast<double>(dataset_.samples()) - mean * mean;
  }

  const LinearDaeConfig& config_;
  const Dataset& dataset_;
  Array64 moments_;
  Spectrum spectrum_;
  double rate_ = 0, imbalance_ = 0;
  std::vector<std::size_t> record_;
  Array encoder_, decoder_;             // initial weights, in the data's coordinates
  std::vector<double> drive_, excess_;  // of the noisy run: lambda_i and xi_i - lambda_i
  std::vector<double> coupling_;        // what neglecting the other modes may change, relative
  std::vector<double> strengths_;
  std::size_t done_ = 0;
};

}  // namespace

LinearDaeResult run_linear_dae(const LinearDaeConfig& config, const Dataset& dataset) {
  return is_aligned(config) ? run_aligned_dae(config, dataset) : Experiment(config, dataset).run();
}

}  // namespace hourglass
