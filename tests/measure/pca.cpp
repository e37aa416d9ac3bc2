#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/measure/pca.hpp>
#include <hourglass/measure/reconstruction.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/random/stream.hpp>

#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("pca: the error is the sum of the variances left out, over the features") {
  const GaussianDataset data = data::gaussian({.spectrum = {4, 2, 1, .5},
                                               .samples = 1500,
                                               .seed = 3,
                                               .basis = Basis::random,
                                               .exact_moments = true});
  const double tolerance = HOURGLASS_SINGLE ? 1e-5 : 1e-11;
  CHECK(Pca(data.x, 2, false).error(data.x) == doctest::Approx(1.5 / 4).epsilon(tolerance));
  CHECK(Pca(data.x, 1, true).error(data.x) == doctest::Approx(3.5 / 4).epsilon(tolerance));
  CHECK(Pca(data.x, 4, false).error(data.x) < tolerance);
}

TEST_CASE("pca: a mean far away costs a component unless it is removed") {
  GaussianDataset data = data::gaussian(
      {.spectrum = {4, 2, 1, .5}, .samples = 1500, .seed = 3, .exact_moments = true});
  for (std::size_t r = 0; r < data.samples(); ++r) data.x(r, 3) += 10;
  const double tolerance = HOURGLASS_SINGLE ? 1e-3 : 1e-10;
  CHECK(Pca(data.x, 2, true).error(data.x) == doctest::Approx(1.5 / 4).epsilon(tolerance));
  CHECK(Pca(data.x, 2, false).error(data.x) == doctest::Approx(3.0 / 4).epsilon(tolerance));
}

TEST_CASE("pca: the mean is taken off before anything is squared") {
  // as pressures in pascal: E[xx] - mm was 22 % off at 1e7 deviations
  for (const double mean : {1e3, 1e5, 1e7}) {
    if (HOURGLASS_SINGLE && mean > 1e3) continue;  // the rows themselves are rounded to more
    CAPTURE(mean);
    GaussianDataset data = data::gaussian(
        {.spectrum = {4, 2, 1, .5}, .samples = 1500, .seed = 3, .exact_moments = true});
    for (Real& value : data.x) value += Real(mean);
    const double tolerance = mean * std::numeric_limits<Real>::epsilon();
    CHECK(Pca(data.x, 2, true).error(data.x) == doctest::Approx(1.5 / 4).epsilon(tolerance));
  }
}

TEST_CASE("pca: of fewer rows than features, from the rows alone") {
  const Array x = Stream{.seed = 3}.normals({20, 40000});
  Array64 rows = to_double(x);
  const std::vector<double> mean = data::feature_means(x);
  for (const bool centred : {false, true}) {
    for (std::size_t r = 0; r < 20 && centred; ++r)
      for (std::size_t c = 0; c < 40000; ++c) rows(r, c) -= mean[c];
    // the N x N matrix has the same eigenvalues as the D x D one
    const Eigenpairs gram = eigh(kernels::product(rows, rows, false, true));
    for (const std::size_t kept : {1, 2, 18}) {
      CAPTURE(kept);
      const double left =
          std::accumulate(gram.values.begin() + std::ptrdiff_t(kept), gram.values.end(), 0.0);
      CHECK(Pca(x, kept, centred).error(x) ==
            doctest::Approx(left / double(x.size())).epsilon(1e-10).scale(0));
    }
    CHECK(Pca(x, 20, centred).error(x) < 1e-25);
    CHECK(Pca(x, 30, centred).error(x) < 1e-25);
  }
}

TEST_CASE("pca: refuses impossible ranks and other features") {
  const Array x = filled({5, 3}, 1);
  CHECK_THROWS_AS(Pca(x, 0, false), std::invalid_argument);
  CHECK_THROWS_AS(Pca(x, 4, false), std::invalid_argument);
  CHECK_THROWS_AS(Pca(empty({0, 3}), 1, false), std::invalid_argument);
  CHECK_THROWS_AS(Pca(x, 1, false).error(filled({5, 4}, 1)), std::invalid_argument);
}

TEST_CASE("reconstruction: in blocks as in one piece, without noise, any number of rows") {
  Autoencoder model = shallow_autoencoder(3, 2, {.activation = Activation::tanh});
  init::gaussian(model.parameters(), 0.7, {.seed = 5});
  model.corrupt = [](Var x, Position) { return scale(x, 100); };
  const GaussianDataset data = data::gaussian({.spectrum = {1, 1, 1}, .samples = 2345, .seed = 1});
  Tape tape;
  tape.begin();
  const Array whole = model.reconstruct(tape.constant(data.x)).value();
  const Array blocks = reconstruct(model, data.x);
  double squares = 0, difference = 0;
  for (std::size_t k = 0; k < whole.size(); ++k) {
    difference = std::max(difference, std::abs(double(whole.data()[k] - blocks.data()[k])));
    squares += std::pow(double(whole.data()[k]) - double(data.x.data()[k]), 2);
  }
  CHECK(difference < (HOURGLASS_SINGLE ? 1e-6 : 1e-14));
  CHECK(reconstruction_error(model, data.x) ==
        doctest::Approx(squares / double(whole.size())).epsilon(HOURGLASS_SINGLE ? 1e-5 : 1e-12));
  CHECK_THROWS_AS(reconstruction_error(model, empty({0, 3})), std::invalid_argument);
}
