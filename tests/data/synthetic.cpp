#include <hourglass/data/moments.hpp>
#include <hourglass/data/synthetic.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

const std::vector<double> spectrum{3, 2, 1, 0.5, 0};

double precision() { return std::is_same_v<Real, float> ? 1e-5 : 1e-12; }

// Largest difference of X^T X / N from basis diag(spectrum) basis^T.
double moment_error(const GaussianDataset& dataset) {
  const Array64 moments = data::second_moments(dataset.x);
  double worst = 0;
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    for (std::size_t j = 0; j < spectrum.size(); ++j) {
      double expected = 0;
      for (std::size_t k = 0; k < spectrum.size(); ++k)
        expected += dataset.basis(i, k) * spectrum[k] * dataset.basis(j, k);
      worst = std::max(worst, std::abs(moments(i, j) - expected));
    }
  return worst;
}

}  // namespace

TEST_CASE("Gaussian data has the spectrum asked for, up to sampling noise") {
  for (const Basis basis : {Basis::identity, Basis::random}) {
    const auto dataset =
        data::gaussian({.spectrum = spectrum, .samples = 20000, .seed = 3, .basis = basis});
    CHECK(shape_of(dataset.x) == Shape{20000, 5});
    // an entry fluctuates by sqrt(2) 3 / sqrt(20000) = 0.03: five of these
    CHECK(moment_error(dataset) < 0.15);
    CHECK(moment_error(dataset) > 1e-4);
  }
}

TEST_CASE("exact moments leave no sampling noise and no mean") {
  auto dataset = data::gaussian({.spectrum = spectrum,
                                 .samples = 50,
                                 .seed = 3,
                                 .basis = Basis::random,
                                 .exact_moments = true});
  CHECK(moment_error(dataset) < precision());
  data::centre(dataset);
  CHECK(moment_error(dataset) < precision());
}

TEST_CASE("the random basis is orthonormal and belongs to the seed") {
  const auto basis = [](std::uint64_t seed) {
    return data::gaussian(
               {.spectrum = spectrum, .samples = 1, .seed = seed, .basis = Basis::random})
        .basis;
  };
  const Array64 b = basis(1);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 0; j < 5; ++j) {
      double dot = 0;
      for (std::size_t k = 0; k < 5; ++k) dot += b(k, i) * b(k, j);
      CHECK(std::abs(dot - (i == j)) < 1e-12);
    }
  CHECK(basis(1) == b);
  CHECK(basis(2) != b);
}

TEST_CASE("the same model gives the same samples, and a longer one starts with them") {
  const GaussianModel model{.spectrum = spectrum, .samples = 10, .seed = 5};
  GaussianModel longer = model;
  longer.samples = 20;
  const auto a = data::gaussian(model), b = data::gaussian(model), c = data::gaussian(longer);
  CHECK(a.x == b.x);
  CHECK(a.checksum == b.checksum);
  CHECK(std::equal(a.x.begin(), a.x.end(), c.x.begin()));
  CHECK(a.checksum != c.checksum);
}

TEST_CASE("impossible Gaussian models are refused") {
  CHECK_THROWS_AS(data::gaussian({.spectrum = {}, .samples = 3}), std::invalid_argument);
  CHECK_THROWS_AS(data::gaussian({.spectrum = {1, -1}, .samples = 3}), std::invalid_argument);
  CHECK_THROWS_AS(data::gaussian({.spectrum = {1, NAN}, .samples = 3}), std::invalid_argument);
  CHECK_THROWS_AS(data::gaussian({.spectrum = {1}, .samples = 0}), std::invalid_argument);
  CHECK_THROWS_AS(data::gaussian({.spectrum = {1, 1}, .samples = 2, .exact_moments = true}),
                  std::invalid_argument);
}
