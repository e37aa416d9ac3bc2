#include "reference.hpp"
#include <hourglass/core/kernels.hpp>
#include <hourglass/data/synthetic.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

// Eigenvalues over D.
std::vector<double> ell(const SpikedModel& model) {
  std::vector<double> values = data::spectrum(model).values;
  for (double& value : values) value /= static_cast<double>(model.features);
  return values;
}

double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

SpikedModel model_of(const Reference& reference, Spikes spikes) {
  return {.features = reference.inputs()["D"].get<std::size_t>(),
          .strengths = reference.inputs()["Lambda"].get<std::vector<double>>(),
          .spikes = spikes,
          .normalised = false};
}

// Largest entry of C V - V diag(values).
double eigen_error(const SpikedModel& model) {
  const Spectrum s = data::spectrum(model);
  const Array64 product = kernels::product(data::covariance(model), s.vectors);
  double worst = 0;
  for (std::size_t i = 0; i < model.features; ++i)
    for (std::size_t j = 0; j < model.features; ++j)
      worst = std::max(worst, std::abs(product(i, j) - s.values[j] * s.vectors(i, j)));
  return worst;
}

}  // namespace

TEST_CASE("sinusoidal spikes and their spectrum are those of the reference") {
  for (const char* name : {"data_sinusoidal_D500_M2", "data_sinusoidal_D1000_M4"}) {
    const Reference reference(name);
    SpikedModel model = model_of(reference, Spikes::sinusoidal);
    const auto size = static_cast<double>(model.features);
    const Array64 a = data::spikes(model), overlaps = kernels::product(a, a, false, true);
    const std::size_t count = model.strengths.size();
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < count; ++j)
        reference.check_number("overlap", overlaps(i, j) / size,
                               reference.outputs()["row_overlap"][i][j].get<double>());
    const std::vector<double> raw = ell(model);
    reference.check("top_eigenvalues_over_D",
                    {raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(count) + 1});
    reference.check("trace_over_D", total(raw));
    model.normalised = true;
    const std::vector<double> scaled = ell(model);
    std::vector<double> errors;
    for (std::size_t rank = 0; rank <= count; ++rank) errors.push_back(left_over(scaled, rank));
    reference.check("pca_pmse_normalised", errors);
  }
}

TEST_CASE("orthogonal spikes have the eigenvalues of the reference") {
  const Reference reference("data_orthogonal_spikes_D500_M3");
  SpikedModel model = model_of(reference, Spikes::orthogonal);
  reference.check("raw_variance_per_pixel", total(ell(model)));
  model.normalised = true;
  const std::vector<double> scaled = ell(model);
  reference.check("ell_spikes", {scaled.begin(), scaled.begin() + 3});
  for (std::size_t k = 3; k < 500; ++k) reference.check("ell_bulk", scaled[k]);
  reference.check("pca_pmse", {left_over(scaled, 0), left_over(scaled, 1), left_over(scaled, 2),
                               left_over(scaled, 3)});
}

TEST_CASE("the spectrum of every spiked model solves its covariance") {
  for (const Spikes kind : {Spikes::orthogonal, Spikes::sinusoidal, Spikes::random})
    for (const bool normalised : {false, true}) {
      const SpikedModel model{.features = 40,
                              .strengths = {1, 4, 2},
                              .spikes = kind,
                              .noise_deviation = 0.5,
                              .normalised = normalised,
                              .seed = 3};
      // the eigenvalues are below 16 40 + 1: rounding leaves some 1e-13 of them
      CHECK(eigen_error(model) < 1e-10);
      const std::vector<double> values = data::spectrum(model).values;
      CHECK(std::is_sorted(values.rbegin(), values.rend()));
      if (normalised) CHECK(total(values) == doctest::Approx(40).epsilon(1e-12));
      // three spikes lift three eigenvalues from the bulk
      for (std::size_t k = 4; k < 40; ++k)
        CHECK(values[k] == doctest::Approx(values[3]).epsilon(1e-9));
      CHECK(values[2] > values[3]);
    }
}

TEST_CASE("random spikes belong to the seed and are normal numbers") {
  const SpikedModel model{.features = 2000, .spikes = Spikes::random, .seed = 1};
  SpikedModel other = model;
  other.seed = 2;
  const Array64 a = data::spikes(model);
  CHECK(a == data::spikes(model));
  CHECK(a != data::spikes(other));
  double norm2 = 0;
  for (std::size_t i = 0; i < 2000; ++i) norm2 += a(0, i) * a(0, i);
  // a sum of 2000 squares fluctuates by sqrt(2 / 2000) = 0.032: five of these
  CHECK(std::abs(norm2 / 2000 - 1) < 0.16);
}

TEST_CASE("impossible spiked models are refused") {
  CHECK_THROWS_AS(data::spikes({.features = 0, .strengths = {}}), std::invalid_argument);
  CHECK_THROWS_AS(data::spikes({.features = 1, .strengths = {1, 2}}), std::invalid_argument);
  CHECK_THROWS_AS(data::spikes({.strengths = {-1}}), std::invalid_argument);
  CHECK_THROWS_AS(data::spikes({.noise_deviation = NAN}), std::invalid_argument);
  CHECK_THROWS_AS(data::spectrum(SpikedModel{.strengths = {}, .noise_deviation = 0}),
                  std::invalid_argument);
}
