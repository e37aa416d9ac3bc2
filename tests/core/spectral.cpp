#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>

#include <cmath>
#include <random>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array64 random64(Shape shape) {
  std::mt19937 engine(5);
  std::normal_distribution<double> normal;
  Array64 x = empty64(shape);
  for (double& entry : x) entry = normal(engine);
  return x;
}

}  // namespace

TEST_CASE("spectral: eigh gives descending values and orthonormal, signed vectors") {
  const Array64 x = random64({9, 6});
  const Array64 c = kernels::product(x, x, true, false);
  const Eigenpairs pairs = eigh(c);
  for (std::size_t j = 0; j < 6; ++j) {
    if (j > 0) CHECK(pairs.values[j - 1] >= pairs.values[j]);
    double largest = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      double image = 0;
      for (std::size_t k = 0; k < 6; ++k) image += c(i, k) * pairs.vectors(k, j);
      CHECK(image == doctest::Approx(pairs.values[j] * pairs.vectors(i, j)).epsilon(1e-9));
      if (std::abs(pairs.vectors(i, j)) > std::abs(largest)) largest = pairs.vectors(i, j);
    }
    CHECK(largest > 0);
  }
  CHECK_THROWS_AS(eigh(x), std::invalid_argument);
  Array64 bad = c;
  bad(2, 1) = NAN;
  CHECK_THROWS_AS(eigh(bad), std::invalid_argument);
}

TEST_CASE("spectral: thin svd multiplies back") {
  for (const Shape shape : {Shape{7, 4}, Shape{4, 7}}) {
    const Array64 x = random64(shape);
    const Svd svd = thin_svd(x);
    REQUIRE(svd.values.size() == 4);
    for (std::size_t i = 0; i < shape.rows; ++i)
      for (std::size_t j = 0; j < shape.columns; ++j) {
        double total = 0;
        for (std::size_t k = 0; k < 4; ++k) total += svd.u(i, k) * svd.values[k] * svd.vt(k, j);
        CHECK(total == doctest::Approx(x(i, j)));
      }
  }
}
