#include "inputs.hpp"

#include <hourglass/data/moments.hpp>
#include <hourglass/data/shuffle.hpp>
#include <hourglass/data/synthetic.hpp>

#include <memory>
#include <numeric>

namespace hourglass {
namespace {

// |mean|^2 / (sum of the second moments' eigenvalues)
double share_of_mean(const Array& x, const std::vector<double>& spectrum) {
  const auto [rows, columns] = shape_of(x);
  std::vector<double> mean(columns);
  for (std::size_t n = 0; n < rows; ++n)
    for (std::size_t d = 0; d < columns; ++d) mean[d] += double(x(n, d)) / double(rows);
  const double squares = std::inner_product(mean.begin(), mean.end(), mean.begin(), 0.0);
  return squares / std::accumulate(spectrum.begin(), spectrum.end(), 0.0);
}

}  // namespace

std::vector<double> OnlineInputs::ell() const {
  std::vector<double> values = spectrum;
  for (double& value : values) value /= static_cast<double>(features());
  return values;
}

OnlineInputs online_inputs(const SpikedModel& model, const std::string& name) {
  return {.name = name, .spectrum = data::spectrum(model).values};
}

OnlineInputs online_inputs(Dataset images, Centring centring, bool surrogate) {
  data::apply(data::fit(images, centring, 0.5), images);
  data::require_second_moments(images.features(), images.name);
  Spectrum spectrum = data::spectrum(data::second_moments(images.x));
  OnlineInputs inputs{.name = images.name, .spectrum = std::move(spectrum.values)};
  if (surrogate) {
    inputs.name += ", Gaussian surrogate";
    return inputs;
  }
  inputs.mean_share = share_of_mean(images.x, inputs.spectrum);
  inputs.basis = std::move(spectrum.vectors);
  inputs.rows = std::move(images);
  return inputs;
}

std::function<View(std::uint64_t step)> sampler(const OnlineInputs& inputs, std::size_t batch,
                                                Stream stream) {
  if (inputs.gaussian()) {
    const auto fresh = std::make_shared<OnlineGaussian>(inputs.spectrum, stream, batch);
    return [fresh](std::uint64_t step) { return fresh->batch(step).x; };
  }
  const auto shuffled = std::make_shared<ShuffledBatches>(inputs.rows, batch, stream);
  return [shuffled](std::uint64_t step) { return shuffled->batch(step).x; };
}

}  // namespace hourglass
