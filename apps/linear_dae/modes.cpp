#include "modes.hpp"

#include <hourglass/core/deferred.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

// A mode's predicted half time must be met within this; the first mode rises within some twenty
// steps, of which gradient descent may miss one (docs/theory/linear.md, section 8).
constexpr double later_half_time_tolerance = 5e-3, first_half_time_tolerance = 5e-2;
constexpr double final_tolerance = 1e-3;
// closer than this to its fixed point, a mode counts as converged
constexpr double converged = 1e-4;

std::size_t last_mode(const LinearDaeConfig& config) {
  return *std::max_element(config.modes->begin(), config.modes->end());
}

// Variance over the samples of (v_i . x)^2.
double energy_variance(const LinearDaeSetting& setting, std::size_t mode) {
  const std::size_t samples = setting.dataset.samples(), D = setting.dataset.features();
  Array direction = empty({D, 1}), projections;
  for (std::size_t d = 0; d < D; ++d)
    direction(d, 0) = static_cast<Real>(setting.spectrum.vectors(d, mode - 1));
  const View x = borrow(setting.dataset.x), v = borrow(direction);
  evaluate(matmul(x, v), projections);
  const double mean = setting.spectrum.values[mode - 1];
  double squares = 0;
  for (std::size_t n = 0; n < samples; ++n)
    squares += std::pow(std::pow(double(projections(n, 0)), 2) - mean, 2);
  return squares / static_cast<double>(samples);
}

// Four standard deviations of what drawing noise and batches adds, to first order.
struct Fluctuation {
  double half_time = 0;  // relative
  double strength = 0;   // at the fixed point
};

// The drive lambda - xi u of a mode fluctuates from step to step with variance V(u) for B rows
// (docs/theory/linear.md, section 8). While the mode grows this is a random walk of ln u; at the
// fixed point the pull back at rate 2 alpha beta bounds it.
Fluctuation fluctuation_of(const LinearDaeSetting& setting, const theory::BalancedMode& theory,
                           std::size_t mode, double half) {
  if (setting.config.method != Method::sampled || std::isnan(half)) return {};
  const double lambda = theory.lambda, beta = lambda - theory.gamma, noise = theory.sigma2;
  const double u = theory.fixed_point();
  const std::size_t samples = setting.dataset.samples(), batch = setting.config.batch;
  const bool all = batch == 0 || batch >= samples;
  const double rows = static_cast<double>(all ? samples : batch);
  const double spread = all ? 0 : energy_variance(setting, mode);
  const double start = (lambda * noise + spread) / rows;
  const double rest = ((1 - 2 * u) * (1 - 2 * u) * lambda * noise + 2 * u * u * noise * noise +
                       (1 - u) * (1 - u) * spread) /
                      rows;
  return {4 * std::sqrt(start / half) / beta, 4 * u * std::sqrt(theory.alpha * rest / beta)};
}

// The modes that can matter to those compared: what has half the drive is far behind.
std::size_t near_modes(const LinearDaeSetting& setting) {
  const std::vector<double>& lambda = setting.spectrum.values;
  std::size_t count = last_mode(setting.config);
  while (count < lambda.size() && lambda[count] > lambda[last_mode(setting.config) - 1] / 2)
    ++count;
  return count;
}

}  // namespace

PredictedModes::PredictedModes(const LinearDaeSetting& setting, const Array& encoder,
                               const Array& decoder)
    : setting_(setting),
      config_(setting.config),
      drive_(setting.spectrum.values),
      excess_(drive_.size(), config_.sigma2),
      coupling_(drive_.size(), 0),
      strengths_(
          theory::effective_strengths(to_double(encoder), to_double(decoder),
                                      first_columns(setting.spectrum.vectors, config_.hidden))),
      imbalance_(probes::imbalance(encoder, decoder)),
      competition_(to_double(encoder), to_double(decoder),
                   first_columns(setting.spectrum.vectors, near_modes(setting)),
                   last_mode(config_)) {
  choose_drives();
}

// Drive and curvature of the noisy run's modes (section 1). Masks mix the modes: v_i^T B v_i
// leaves out what they do to each other: when all have come to rest a mode has u = A_ii (B^-1)_ii
// instead of A_ii / B_ii, and less of that before. Tolerances allow for it.
void PredictedModes::choose_drives() {
  if (config_.noise == InputNoise::masking) choose_masked_drives();
  if (config_.noise != InputNoise::coloured) return;
  const std::vector<double>& lambda = setting_.spectrum.values;
  double total = 0;
  for (std::size_t i = 0; i < lambda.size(); ++i)  // of shares, since powers may overflow
    total += excess_[i] = std::pow(lambda[i] / lambda[0], config_.colour);
  for (double& variance : excess_) variance *= config_.sigma2 * double(lambda.size()) / total;
}

void PredictedModes::choose_masked_drives() {
  const auto masked = theory::masking_noise(setting_.moments, config_.drop, config_.rescaled);
  const Array64& V = setting_.spectrum.vectors;
  const Array64 A = kernels::product(V, kernels::product(masked.A, V), true);
  const Array64 B = kernels::product(V, kernels::product(masked.B, V), true);
  for (std::size_t i = 0; i < drive_.size(); ++i) {
    drive_[i] = std::max(0.0, A(i, i));  // where the data do not vary, rounding is all there is
    excess_[i] = B(i, i) - drive_[i];    // below 0 where masks without rescaling shrink the data
  }
  couple(B);
}

// Of all D modes: the encoder reads those too that the code has no room for.
void PredictedModes::couple(const Array64& B) {
  const Eigenpairs pairs = eigh(B);
  const double rounding = 1e-12 * pairs.values[0];
  for (std::size_t i = 0; i < drive_.size(); ++i) {
    double inverse = 0;
    for (std::size_t k = 0; k < drive_.size(); ++k)
      if (pairs.values[k] > rounding)
        inverse += pairs.vectors(i, k) * pairs.vectors(i, k) / pairs.values[k];
    coupling_[i] = std::max(0.0, B(i, i) * inverse - 1);
  }
}

theory::BalancedMode PredictedModes::mode_of(const Variant& variant, std::size_t mode) const {
  const bool noisy = variant.sigma2 > 0;
  const double start = mode <= strengths_.size() ? strengths_[mode - 1] : 0;
  return {noisy ? drive_[mode - 1] : setting_.spectrum.values[mode - 1],
          noisy ? excess_[mode - 1] : 0, variant.gamma, *config_.rate, start};
}

Trace PredictedModes::trace(const Variant& variant) const {
  std::vector<Column> columns = mode_columns(variant, config_);
  columns.push_back(linear_dae::loss(variant.name));
  columns.push_back(linear_dae::imbalance(variant.name));
  Trace trace(columns);
  for (const std::size_t step : setting_.record) {
    const double t = static_cast<double>(step);
    std::vector<double> row;
    for (const std::size_t mode : *config_.modes)
      row.push_back(mode_of(variant, mode).descent_strength(t));
    row.push_back(loss(variant, t));
    row.push_back(imbalance_ * std::exp(-2 * *config_.rate * variant.gamma * t));
    trace.add(t, row);
  }
  return trace;
}

// Section 2: modes up to H by their scalar loss, the others as they are in the data.
double PredictedModes::loss(const Variant& variant, double t) const {
  double total = 0;
  for (std::size_t i = 0; i < setting_.spectrum.values.size(); ++i) {
    total += setting_.spectrum.values[i] / 2;
    if (i >= config_.hidden) continue;
    const theory::BalancedMode mode = mode_of(variant, i + 1);
    const double u = mode.descent_strength(t), xi = mode.lambda + mode.sigma2;
    total += (xi / 2 * u - mode.lambda + variant.gamma) * u;
  }
  return total;
}

Agreement PredictedModes::judge(const Variant& variant, std::size_t mode, const Trace& measured,
                                const Trace& predicted) const {
  const Column column = linear_dae::strength(variant.name, mode);
  const theory::BalancedMode theory = mode_of(variant, mode);
  const double end = static_cast<double>(config_.steps), limit = theory.fixed_point();
  const double half = theory.descent_half_time();
  const Fluctuation drawn = fluctuation_of(setting_, theory, mode, half);
  const double late = half_time_tolerance(variant, mode);
  const double shared = variant.sigma2 > 0 ? coupling_[mode - 1] * limit : 0;
  const double at_rest = final_tolerance + drawn.strength + shared;

  const bool follows = has_path(variant, mode);
  const double rising = std::isnan(half) ? 0 : shifted_by(theory, late * half);
  const bool says_something = rising < limit || !(limit > 0);
  const bool keeps = follows && displaced(variant, mode) <= (at_rest + rising) / 2;
  const double left = limit / (1 + std::exp(log_odds(theory, end) - held(variant, mode, end)));
  const bool ends = std::abs(predicted[column].back() - limit) < converged && left < converged;
  Agreement result =
      agreement_of(measured, predicted, column, says_something && keeps ? at_rest + rising : NAN);
  result.quantities = {half_time_of(half_time(measured.steps(), measured[column], limit), half,
                                    half < end && follows, late),
                       {final_value_name, "", measured[column].back(), predicted[column].back(),
                        ends ? at_rest : NAN}};
  return result;
}

// Descent may miss a step where a mode rises in some twenty of them, and in proportion where it is
// slower: so much of the first one, and of others that are as fast.
double PredictedModes::half_time_tolerance(const Variant& variant, std::size_t mode) const {
  const theory::BalancedMode theory = mode_of(variant, mode);
  const double half = theory.descent_half_time();
  const double missed = std::isnan(half) ? 0 : std::max(0.0, theory.growth_rate()) / half;
  return (mode == 1 ? first_half_time_tolerance : std::max(later_half_time_tolerance, missed)) +
         fluctuation_of(setting_, theory, mode, half).half_time;
}

bool PredictedModes::has_path(const Variant& variant, std::size_t mode) const {
  const theory::BalancedMode theory = mode_of(variant, mode);
  const double half = theory.descent_half_time();
  if (std::isnan(half)) return true;  // it never rises
  double shift = 0;                   // what is late meets others that have grown meanwhile
  for (int pass = 0; pass < 3; ++pass)
    shift = std::max(shift, held(variant, mode, half + shift / theory.growth_rate()));
  return shift <= half_time_tolerance(variant, mode) / 2 * half * theory.growth_rate();
}

// ln(u/(u* - u)) of the flow, which descent follows with the lag that it has at the half time.
double PredictedModes::log_odds(const theory::BalancedMode& mode, double t) const {
  const double limit = mode.fixed_point();
  if (!(limit > 0) || !(mode.u0 > 0) || !(mode.u0 < limit)) return -INFINITY;
  const double lag = mode.descent_half_time() - mode.half_time();
  const double moved = std::max(0.0, t - (std::isnan(lag) ? 0 : lag));
  return std::log(mode.u0 / (limit - mode.u0)) + mode.growth_rate() * moved;
}

// By how much ln(u/(u* - u)) of a mode is off at a time.
double PredictedModes::held(const Variant& variant, std::size_t mode, double t) const {
  return competition_.shift(mode, [&](std::size_t other, double start) {
    theory::BalancedMode theory = mode_of(variant, other);
    theory.u0 = start;
    return log_odds(theory, t);
  });
}

// By how much others move the strength of a mode, around its rise and at the end.
double PredictedModes::displaced(const Variant& variant, std::size_t mode) const {
  const theory::BalancedMode theory = mode_of(variant, mode);
  const double half = theory.descent_half_time(), end = static_cast<double>(config_.steps);
  double most = 0;
  if (std::isnan(half)) return most;
  for (const double share : {0.7, 1.0, 1.2, 1.5, 2.0, 3.0, 5.0, end / half}) {
    const double t = std::min(share * half, end), alone = log_odds(theory, t);
    const double moved = alone - held(variant, mode, t);
    most = std::max(most, std::abs(1 / (1 + std::exp(-alone)) - 1 / (1 + std::exp(-moved))));
  }
  return most * theory.fixed_point();
}

// By how much a curve is off that is early or late by some steps, at the recorded ones.
double PredictedModes::shifted_by(const theory::BalancedMode& mode, double late) const {
  double off = 0;
  for (const std::size_t step : setting_.record) {
    const double t = double(step), u = mode.descent_strength(t);
    off = std::max({off, std::abs(mode.descent_strength(t + late) - u),
                    std::abs(mode.descent_strength(std::max(0.0, t - late)) - u)});
  }
  return off;
}

}  // namespace hourglass
