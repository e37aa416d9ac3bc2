#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/data/search.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array irregular(Shape shape) {
  std::minstd_rand generator(7);
  Array x = empty(shape);
  for (Real& value : x) value = static_cast<Real>(generator() % 1000) / 500 - Real{0.7};
  return x;
}

Array64 brute_force(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  Array64 result = empty64({columns, columns});
  for (std::size_t i = 0; i < columns; ++i)
    for (std::size_t j = 0; j < columns; ++j) {
      long double sum = 0;
      for (std::size_t r = 0; r < rows; ++r)
        sum += static_cast<long double>(x(r, i)) * static_cast<long double>(x(r, j));
      result(i, j) = static_cast<double>(sum / static_cast<long double>(rows));
    }
  return result;
}

// Sets the threads for one test.
struct Threads {
  explicit Threads(std::size_t count) : before(threads()) { set_threads(count); }
  ~Threads() { set_threads(before); }
  std::size_t before;
};

}  // namespace

TEST_CASE("second moments agree with the definition for any shape") {
  // around the sizes of a strip (4 columns) and of a chunk (128 rows)
  for (const Shape shape : {Shape{1, 1}, {3, 5}, {127, 4}, {128, 7}, {129, 9}, {400, 3}}) {
    const Array x = irregular(shape);
    const Array64 moments = data::second_moments(x), expected = brute_force(x);
    REQUIRE(shape_of(moments) == shape_of(expected));
    for (std::size_t i = 0; i < shape.columns; ++i)
      for (std::size_t j = 0; j < shape.columns; ++j) {
        INFO(shape.str() << " entry " << i << " " << j);
        // sums of at most 400 terms below 2: 400 roundings of a double
        CHECK(std::abs(moments(i, j) - expected(i, j)) < 1e-13);
      }
  }
  CHECK_THROWS_AS(data::second_moments(empty({0, 3})), std::invalid_argument);
}

TEST_CASE("second moments are the same bits for any number of threads") {
  const Array x = irregular({1000, 37});
  const Array64 alone = data::second_moments(x);
  for (const std::size_t count : {2, 3, 5}) {
    const Threads set(count);
    const Array64 together = data::second_moments(x);
    CHECK(std::equal(alone.begin(), alone.end(), together.begin()));
  }
}

TEST_CASE("the spectrum of a small matrix is known") {
  Array x = empty({2, 2});
  x(0, 0) = 2, x(0, 1) = 1, x(1, 0) = 1, x(1, 1) = 2;
  const Spectrum s = data::spectrum(data::second_moments(x));
  REQUIRE(s.values.size() == 2);
  // X has eigenvalues 3 and 1 along (1, 1) and (1, -1): squared and halved 4.5 and 0.5
  CHECK(s.values[0] == doctest::Approx(4.5).epsilon(1e-12));
  CHECK(s.values[1] == doctest::Approx(0.5).epsilon(1e-12));
  CHECK(s.vectors(0, 0) == doctest::Approx(s.vectors(1, 0)));
  CHECK(s.vectors(0, 1) == doctest::Approx(-s.vectors(1, 1)));
}

TEST_CASE("eigenvalues that are zero do not come out negative") {
  const Spectrum s = data::spectrum(data::second_moments(irregular({3, 20})));  // rank 3 at most
  CHECK(std::all_of(s.values.begin(), s.values.end(), [](double v) { return v >= 0; }));
  CHECK(s.values[2] > 1e-3);
  CHECK(s.values[3] < 1e-12);
}

TEST_CASE("covariance: the mean comes off first") {
  Array x = irregular({5000, 3});
  for (std::size_t r = 0; r < 5000; ++r) x(r, 1) *= Real(1e-3);
  const Array64 expected = data::covariance(x);
  const double mean = HOURGLASS_SINGLE ? 1024 : 0x1p30;
  for (std::size_t r = 0; r < 5000; ++r) x(r, 0) += Real(mean);
  const Array64 found = data::covariance(x);
  for (std::size_t k = 0; k < 9; ++k)
    CHECK(found.data()[k] ==
          doctest::Approx(expected.data()[k]).epsilon(mean * std::numeric_limits<Real>::epsilon()));
}

TEST_CASE("the spectrum of rows is that of their second moments, however many there are") {
  for (const Shape shape : {Shape{1, 1}, {1, 5}, {7, 20}, {19, 20}, {20, 20}, {40, 20}})
    for (const bool centred : {false, true}) {
      INFO(shape.str(), " centred ", centred);
      const Array x = irregular(shape);
      const Spectrum rows = data::spectrum_of_rows(x, centred);
      const Spectrum whole =
          data::spectrum(centred ? data::covariance(x) : data::second_moments(x));
      const std::size_t columns = std::min(shape.rows, shape.columns);
      REQUIRE(rows.values.size() == shape.columns);
      REQUIRE(shape_of(rows.vectors) == Shape{shape.columns, columns});
      for (std::size_t j = 0; j < shape.columns; ++j) {
        CHECK(rows.values[j] == doctest::Approx(whole.values[j]).epsilon(1e-12));
        if (!(whole.values[j] > 1e-10)) continue;
        for (std::size_t i = 0; i < shape.columns; ++i)
          CHECK(rows.vectors(i, j) == doctest::Approx(whole.vectors(i, j)).epsilon(1e-8));
      }
    }
}

TEST_CASE("second moments that no memory holds are refused by name") {
  CHECK_THROWS_WITH_AS(data::second_moments(filled({2, 40000}, 1)),
                       "second moments: found 40000 features, expected at most 20000 where their "
                       "second moments, a matrix of features x features, are needed",
                       InputError);
}

TEST_CASE("the spectrum of Fashion-MNIST") {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")) {
    MESSAGE("skipped: Debian's dataset-fashion-mnist is not installed");
    return;
  }
  const Dataset fashion = data::load_dataset({.directory = "/usr/share/datasets"});
  const std::vector<double> values = data::spectrum(data::second_moments(fashion.x)).values;
  CHECK(values[0] == doctest::Approx(110.3).epsilon(5e-4));
  CHECK(values[1] == doctest::Approx(13.26).epsilon(5e-4));
  CHECK(values[3] == doctest::Approx(3.66).epsilon(1e-3));
  CHECK(values[31] == doctest::Approx(0.181).epsilon(1e-3));
}
