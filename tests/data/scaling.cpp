#include "reference.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/data/search.hpp>

#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

Dataset dataset(std::initializer_list<Real> values, std::size_t columns) {
  Dataset result{"d", empty({values.size() / columns, columns}), ""};
  std::copy(values.begin(), values.end(), result.x.begin());
  return result;
}

}  // namespace

TEST_CASE("scaling divides by the deviation of all entries, then subtracts the means") {
  // mean 4, deviation sqrt(5): of 1, 3, 5, 7
  const Dataset given = dataset({1, 5, 3, 7}, 2);
  const double factor = 0.5 / std::sqrt(5.0);
  const auto scaled = [&](Centring centring, double deviation) {
    Dataset copy = given;
    data::apply(data::fit(given, centring, deviation), copy);
    return copy;
  };
  const Dataset plain = scaled(Centring::none, 0), half = scaled(Centring::none, 0.5);
  CHECK(plain.x == given.x);
  CHECK(plain.name == "d");
  CHECK(half.x(1, 1) == doctest::Approx(7 * factor));
  const Dataset scalar = scaled(Centring::scalar, 0.5), feature = scaled(Centring::feature, 0.5);
  CHECK(scalar.x(0, 0) == doctest::Approx(-3 * factor));
  CHECK(scalar.x(1, 1) == doctest::Approx(3 * factor));
  CHECK(scalar.name == "d, scaled by 0.223607, centred by one mean");
  CHECK(feature.x(0, 0) == doctest::Approx(-factor));
  CHECK(feature.x(1, 1) == doctest::Approx(factor));
  CHECK(scaled(Centring::feature, 0).name == "d, centred");
}

TEST_CASE("what was found on one part is applied to another") {
  const Scaling scaling = data::fit(dataset({1, 5, 3, 7}, 2), Centring::feature);
  Dataset other = dataset({10, 20}, 2);
  data::apply(scaling, other);
  CHECK(other.x(0, 0) == doctest::Approx(8));
  CHECK(other.x(0, 1) == doctest::Approx(14));
  Dataset narrow = dataset({1, 2}, 1);
  CHECK_THROWS_AS(data::apply(scaling, narrow), std::invalid_argument);
}

TEST_CASE("what cannot be scaled is refused") {
  const Dataset constant = dataset({2, 2}, 1);
  CHECK_THROWS_AS(data::fit(constant, Centring::none, -1), std::invalid_argument);
  CHECK_THROWS_AS(data::fit(constant, Centring::none, NAN), std::invalid_argument);
  CHECK_THROWS_AS(data::fit({"", empty({0, 3}), ""}, Centring::scalar), std::invalid_argument);
  CHECK(data::fit(constant, Centring::scalar).means == std::vector<double>{2});
}

TEST_CASE("values that are equal within rounding are not scaled up to its noise") {
  for (const Real value : {Real(2), Real(0.1), Real(14.62), Real(-1e30), Real(1e-30), Real(0)}) {
    Dataset constant{"d", empty({7, 3}), ""};
    constant.x.fill(value);
    const auto refused = [&] {
      CHECK_THROWS_WITH_AS(data::fit(constant, Centring::scalar, 0.5),
                           doctest::Contains("d: all values are "), InputError);
    };
    refused();
    constant.x(4, 1) = std::nextafter(value, Real(100));
    if (value != 0) refused();
    constant.x(4, 1) = value + std::max(std::abs(value), Real(1)) / 1000;
    CHECK(data::fit(constant, Centring::scalar, 0.5).factor > 0);
  }
}

TEST_CASE("values of any size are scaled, or refused as what they are") {
  using Limits = std::numeric_limits<Real>;
  for (const Real size : {Limits::max() / 8, Real(1), Limits::min() * 8}) {
    const Dataset given = dataset({-size, size, size / 2, -size / 2}, 2);
    Dataset scaled = given;
    data::apply(data::fit(given, Centring::scalar, 0.5), scaled);
    CHECK(scaled.x(0, 1) == doctest::Approx(0.5 / std::sqrt(0.625)));
  }
  Dataset huge = dataset({Limits::max(), Limits::max(), -Limits::max(), 1}, 2);
  CHECK_THROWS_WITH_AS(data::scale(huge, 2), doctest::Contains("row 1, column 1: found "),
                       InputError);
  huge = dataset({1, -Limits::max(), 1, Limits::max()}, 2);
  CHECK_NOTHROW(data::centre(huge));
  huge = dataset({1, -Limits::max(), 1, -Limits::max(), 1, Limits::max()}, 2);
  CHECK_THROWS_WITH_AS(data::centre(huge), doctest::Contains("d: "), InputError);
  const Dataset infinite = dataset({1, 2, INFINITY, 3}, 2);
  CHECK_THROWS_WITH_AS(data::fit(infinite, Centring::feature, 0.5),
                       doctest::Contains("d: row 2, column 1: found inf, expected a finite number"),
                       InputError);
  if constexpr (sizeof(Real) == 8) {
    Dataset tiny = dataset({0, static_cast<Real>(1e-320)}, 1);
    CHECK_THROWS_WITH_AS(data::fit(tiny, Centring::none, 0.5),
                         doctest::Contains("by a factor that is beyond double precision"),
                         InputError);
  }
}

TEST_CASE("Fashion-MNIST, scaled and centred, has the spectra of the reference") {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")) {
    MESSAGE("skipped: Debian's dataset-fashion-mnist is not installed");
    return;
  }
  const Dataset images = data::load_dataset({.directory = "/usr/share/datasets"});
  for (const auto& [name, centring] : {std::pair{"fashion_mnist_train_scalar", Centring::scalar},
                                       std::pair{"fashion_mnist_train_pixel", Centring::feature}}) {
    const Reference reference(name);
    Dataset scaled = images;
    data::apply(data::fit(images, centring, 0.5), scaled);
    std::vector<double> ell = data::spectrum(data::second_moments(scaled.x)).values;
    for (double& value : ell) value /= 784;
    reference.check("trace_over_D", 2 * left_over(ell, 0));
    reference.check("top10_ell", {ell.begin(), ell.begin() + 10});
    std::vector<double> errors;
    for (const std::size_t rank : reference.outputs()["pca_ranks"])
      errors.push_back(left_over(ell, rank));
    reference.check("pca_pmse", errors);
    double norm2 = 0;
    for (const double mean : data::fit(scaled, Centring::feature).means) norm2 += mean * mean;
    reference.check("mean_image_norm2_over_D", norm2 / 784);
  }
}
