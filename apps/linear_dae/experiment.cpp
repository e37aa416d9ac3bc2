#include "modes.hpp"
#include <hourglass/core/deferred.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/marginalised.hpp>

#include <algorithm>
#include <cmath>
#include <memory>

namespace hourglass {
namespace {

// Training from small random weights.
class RandomStart {
 public:
  explicit RandomStart(const LinearDaeSetting& setting)
      : setting_(setting),
        config_(setting.config),
        model_(linear_autoencoder(setting.dataset.features(), config_.hidden)),
        rotated_(config_.method == Method::eigenbasis) {
    init::gaussian(model_.parameters(), config_.init, {.seed = config_.seed, .id = 0});
    encoder_ = model_.parameter("encoder.W").value;
    decoder_ = model_.parameter("decoder.W").value;
  }

  // In the data's coordinates.
  const Array& encoder() const { return encoder_; }
  const Array& decoder() const { return decoder_; }

  Trace measure(const Variant& variant, Variants& runs, const std::vector<double>& excess) {
    begin(variant);
    Parameter &encoder = model_.parameter("encoder.W"), &decoder = model_.parameter("decoder.W");
    const Array basis = probe_basis();
    Probe probe{mode_columns(variant, config_), {}};
    for (const Series* series : {&linear_dae::loss, &linear_dae::imbalance, &linear_dae::norm})
      probe.columns.push_back((*series)(variant.name));
    probe.read = [&](double loss) {
      std::vector<double> row = probes::mode_strengths(encoder.value, decoder.value, basis);
      row.push_back(loss);
      row.push_back(probes::imbalance(encoder.value, decoder.value));
      row.push_back(probes::weight_norm(model_.parameters()));
      return row;
    };
    return runs.descend(variant, loss_of(variant, excess), model_.parameters(), probe);
  }

 private:
  // The initial weights in the coordinates that the network works in: the eigenbasis, or the
  // data's own.
  void begin(const Variant& variant) {
    Array &encoder = model_.parameter("encoder.W").value,
          &decoder = model_.parameter("decoder.W").value;
    encoder = encoder_;
    decoder = decoder_;
    if (rotated_) {
      const Array basis = to_real(setting_.spectrum.vectors);
      const View v = borrow(basis), w1 = borrow(encoder_), w2 = borrow(decoder_);
      evaluate(matmul(w1, v), encoder);
      evaluate(matmul(v, w2, true, false), decoder);
    }
    model_.penalties.clear();
    model_.corrupt = nullptr;
    if (variant.gamma > 0) model_.penalties = {l2(variant.gamma)};
  }

  // The directions of the modes, in training's precision.
  Array probe_basis() const {
    const std::vector<std::size_t>& modes = *config_.modes;
    Array basis = filled({setting_.dataset.features(), modes.size()}, 0);
    for (std::size_t k = 0; k < modes.size(); ++k)
      if (rotated_)
        basis(modes[k] - 1, k) = 1;
      else
        for (std::size_t d = 0; d < setting_.dataset.features(); ++d)
          basis(d, k) = static_cast<Real>(setting_.spectrum.vectors(d, modes[k] - 1));
    return basis;
  }

  // Symmetric, so that the noise is F n with covariance F F^T.
  Array64 coloured_factor(const std::vector<double>& excess) const {
    const Array64& V = setting_.spectrum.vectors;
    Array64 scaled = V;
    for (std::size_t d = 0; d < excess.size(); ++d)
      for (std::size_t i = 0; i < excess.size(); ++i) scaled(d, i) *= std::sqrt(excess[i]);
    return kernels::product(scaled, V, false, true);
  }

  std::function<Var(Tape&, Parameter&, Parameter&)> marginal_loss(
      const Variant& variant, const std::vector<double>& excess) const {
    const bool noisy = variant.sigma2 > 0;
    const std::vector<double>& lambda = setting_.spectrum.values;
    if (rotated_) return noisy ? EigenbasisLoss(lambda, excess) : EigenbasisLoss(lambda, 0);
    if (noisy && config_.noise == InputNoise::masking)
      return marginalised(MaskingNoise{config_.drop, config_.rescaled},
                          {.second = setting_.moments});
    if (noisy && config_.noise == InputNoise::coloured)
      return marginalised(CorrelatedGaussianNoise(coloured_factor(excess)),
                          {.second = setting_.moments});
    return ExpectedLoss(setting_.moments, variant.sigma2);
  }

  Noise drawn_noise(const std::vector<double>& excess) const {
    const Stream stream{.seed = config_.seed, .id = 1};
    if (config_.noise == InputNoise::gaussian) return GaussianNoise{config_.sigma2, stream};
    // shared: the tape borrows the factor
    const auto noise = std::make_shared<CorrelatedGaussianNoise>(coloured_factor(excess), stream);
    return [noise](Var x, Position position) { return (*noise)(x, position); };
  }

  // The loss of a step, whichever the method.
  std::function<Var(Tape&)> loss_of(const Variant& variant, const std::vector<double>& excess) {
    if (config_.method == Method::sampled) {
      if (variant.sigma2 > 0) model_.corrupt = drawn_noise(excess);
      return [this](Tape& tape) {
        const Batch batch = setting_.dataset.batch(tape.step(), config_.batch);
        return model_.loss(tape, batch.x, batch.first_row);
      };
    }
    const auto marginal = marginal_loss(variant, excess);
    Parameter &encoder = model_.parameter("encoder.W"), &decoder = model_.parameter("decoder.W");
    return [this, marginal, &encoder, &decoder](Tape& tape) {
      Var total = marginal(tape, encoder, decoder);
      for (const Penalty& penalty : model_.penalties) total = penalty({total, model_.parameters()});
      return total;
    };
  }

  const LinearDaeSetting& setting_;
  const LinearDaeConfig& config_;
  Autoencoder model_;
  bool rotated_;
  Array encoder_, decoder_;  // initial weights
};

}  // namespace

LinearDaeResult run_random_start(const LinearDaeSetting& setting) {
  RandomStart training(setting);
  const PredictedModes theory(setting, training.encoder(), training.decoder());
  Variants runs = variants_of(setting);
  const auto judge = [&](const Variant& variant, const Trace& measured, const Trace& predicted) {
    std::vector<Agreement> agreements;
    for (const std::size_t mode : *setting.config.modes)
      agreements.push_back(theory.judge(variant, mode, measured, predicted));
    for (const Series* series : {&linear_dae::loss, &linear_dae::imbalance})
      agreements.push_back(agreement_of(measured, predicted, (*series)(variant.name), NAN));
    return agreements;
  };
  const Comparison comparison = runs.compare(
      [&](const Variant& variant) { return training.measure(variant, runs, theory.excess()); },
      [&](const Variant& variant) { return theory.trace(variant); }, judge);
  LinearDaeResult result{setting.config, comparison, setting.spectrum.values,
                         runs.training_seconds(), runs.steps()};
  const std::vector<Variant> variants = variants_of(setting.config);
  for (const std::size_t mode : *setting.config.modes)
    if (std::any_of(variants.begin(), variants.end(),
                    [&](const Variant& v) { return !theory.has_path(v, mode); }))
      result.held_up.push_back(mode);
  return result;
}

std::vector<Column> mode_columns(const Variant& variant, const LinearDaeConfig& config) {
  std::vector<Column> columns;
  for (const std::size_t mode : *config.modes)
    columns.push_back(linear_dae::strength(variant.name, mode));
  return columns;
}

Variants variants_of(const LinearDaeSetting& setting) {
  const LinearDaeConfig& config = setting.config;
  return Variants({variants_of(config),
                   {.steps = config.steps, .record = setting.record, .journal = config.journal},
                   *config.rate,
                   config.progress});
}

LinearDaeResult run_linear_dae(const LinearDaeConfig& config, const Dataset& dataset) {
  LinearDaeSetting setting{settled(config, dataset), dataset, {}, {}, {}};
  if (needs_moments(setting.config, dataset)) {
    setting.moments = data::second_moments(dataset.x);
    setting.spectrum = data::spectrum(setting.moments);
  } else {
    setting.spectrum = data::spectrum_of_rows(dataset.x);
  }
  setting.config.rate = stable_rate(setting.config, dataset, setting.spectrum.values);
  setting.record = log_spaced(setting.config.steps, setting.config.records);
  return is_aligned(setting.config) ? run_aligned_start(setting) : run_random_start(setting);
}

}  // namespace hourglass
