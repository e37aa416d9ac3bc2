#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/data/synthetic.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace hourglass {
namespace {

// A stream of the seed that nothing else of data/ draws from.
constexpr std::uint32_t spike_stream = 0x5a40;

void check(const SpikedModel& model) {
  const auto valid = [](double value) { return value >= 0 && std::isfinite(value); };
  if (model.features == 0 || model.strengths.size() > model.features)
    throw ArgumentError("spiked: " + std::to_string(model.strengths.size()) + " spikes in " +
                        std::to_string(model.features) + " features");
  if (!valid(model.noise_deviation) ||
      !std::all_of(model.strengths.begin(), model.strengths.end(), valid))
    throw ArgumentError("spiked: strengths and noise must be finite and >= 0");
}

// Rescales a row to the squared length `features`.
void normalise_row(Array64& a, std::size_t row) {
  double norm2 = 0;
  const std::size_t features = shape_of(a).columns;
  for (std::size_t i = 0; i < features; ++i) norm2 += a(row, i) * a(row, i);
  if (norm2 == 0) throw ArgumentError("spiked: a sinusoidal spike in one feature is zero");
  const double factor = std::sqrt(static_cast<double>(features) / norm2);
  for (std::size_t i = 0; i < features; ++i) a(row, i) *= factor;
}

// The mean variance of a feature.
double mean_variance(const SpikedModel& model, const Array64& a) {
  double sum = 0;
  for (std::size_t m = 0; m < model.strengths.size(); ++m)
    for (std::size_t i = 0; i < model.features; ++i)
      sum += std::pow(model.strengths[m] * a(m, i), 2);
  return sum / static_cast<double>(model.features) + std::pow(model.noise_deviation, 2);
}

double divisor(const SpikedModel& model, const Array64& a) {
  if (!model.normalised) return 1;
  const double variance = mean_variance(model, a);
  if (!(variance > 0)) throw ArgumentError("spiked: no variance to normalise");
  return variance;
}

// Spike m lies along axis m.
Spectrum orthogonal_spectrum(const SpikedModel& model) {
  const std::size_t size = model.features;
  std::vector<double> variances(size, std::pow(model.noise_deviation, 2));
  for (std::size_t m = 0; m < model.strengths.size(); ++m)
    variances[m] += std::pow(model.strengths[m], 2) * static_cast<double>(size);
  std::vector<std::size_t> axes(size);
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  std::stable_sort(axes.begin(), axes.end(),
                   [&](std::size_t a, std::size_t b) { return variances[a] > variances[b]; });
  const double divided_by = divisor(model, data::spikes(model));
  Spectrum result{{}, empty64({size, size})};
  result.vectors.fill(0.0);
  for (std::size_t k = 0; k < size; ++k) {
    result.values.push_back(variances[axes[k]] / divided_by);
    result.vectors(axes[k], k) = 1;
  }
  return result;
}

}  // namespace

Array64 data::spikes(const SpikedModel& model) {
  check(model);
  const Shape shape{model.strengths.size(), model.features};
  if (model.spikes == Spikes::random)
    return to_double(Stream{model.seed, spike_stream}.normals(shape));
  Array64 a = empty64(shape);
  a.fill(0.0);
  for (std::size_t m = 0; m < model.strengths.size(); ++m) {
    if (model.spikes == Spikes::orthogonal)
      a(m, m) = 1;
    else
      for (std::size_t i = 0; i < model.features; ++i)
        a(m, i) = std::sin(static_cast<double>((m + 2) * i) / 100);
    normalise_row(a, m);
  }
  return a;
}

Array64 data::covariance(const SpikedModel& model) {
  const Array64 a = spikes(model);
  Array64 scaled = a;
  for (std::size_t m = 0; m < model.strengths.size(); ++m)
    for (std::size_t i = 0; i < model.features; ++i) scaled(m, i) *= model.strengths[m];
  Array64 result = empty64({model.features, model.features});
  result.fill(0.0);
  if (!model.strengths.empty()) result = kernels::product(scaled, scaled, true, false);
  for (std::size_t i = 0; i < model.features; ++i)
    result(i, i) += model.noise_deviation * model.noise_deviation;
  result /= divisor(model, a);
  return result;
}

Spectrum data::spectrum(const SpikedModel& model) {
  check(model);
  if (model.spikes == Spikes::orthogonal) return orthogonal_spectrum(model);
  return spectrum(covariance(model));
}

}  // namespace hourglass
