#include <hourglass/data/moments.hpp>
#include <hourglass/data/synthetic.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("online inputs are a function of stream and step, and never repeat") {
  const std::vector<double> spectrum{4, 1, 0.25};
  OnlineGaussian a(spectrum, {1, 2}, 2), b(spectrum, {1, 2}, 2), c(spectrum, {1, 3}, 2);
  const Array fifth = a.batch(5).x;
  CHECK(shape_of(fifth) == Shape{2, 3});
  b.batch(9);
  CHECK(Array(b.batch(5).x) == fifth);
  CHECK(Array(a.batch(6).x) != fifth);
  CHECK(Array(c.batch(5).x) != fifth);
  // the first row is what a batch of one would see
  OnlineGaussian one(spectrum, {1, 2});
  const Array single = one.batch(5).x;
  CHECK(std::equal(single.begin(), single.end(), fifth.begin()));
}

TEST_CASE("online inputs have the spectrum asked for and independent coordinates") {
  const std::vector<double> spectrum{4, 1, 0};
  OnlineGaussian online(spectrum, {1, 2}, 5);
  constexpr std::size_t steps = 8000, samples = 5 * steps;
  Array64 moments = empty64({3, 3});
  moments.fill(0.0);
  for (std::size_t step = 0; step < steps; ++step) {
    const Batch batch = online.batch(step);
    for (std::size_t r = 0; r < 5; ++r)
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
          moments(i, j) += static_cast<double>(batch.x(r, i)) * static_cast<double>(batch.x(r, j));
  }
  moments /= static_cast<double>(samples);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      // an entry fluctuates by sqrt((1 + [i = j]) variances / samples): five of these
      const double deviation =
          std::sqrt((i == j ? 2 : 1) * spectrum[i] * spectrum[j] / static_cast<double>(samples));
      CHECK(std::abs(moments(i, j) - (i == j ? spectrum[i] : 0)) <= 5 * deviation);
    }
}

TEST_CASE("impossible online inputs are refused") {
  CHECK_THROWS_AS(OnlineGaussian({}, {1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(OnlineGaussian({1, -1}, {1, 2}), std::invalid_argument);
  CHECK_THROWS_AS(OnlineGaussian({1}, {1, 2}, 0), std::invalid_argument);
}

TEST_CASE("a Gaussian surrogate has the second moments of its data set, and not its values") {
  // not Gaussian: signs, tied together by one column being the product of the others
  Dataset signs{"signs", empty({400, 3}), "sum"};
  for (std::size_t r = 0; r < 400; ++r) {
    const Real a = r % 2 ? 1 : -1, b = r % 3 ? 1 : -1;
    signs.x(r, 0) = 2 * a, signs.x(r, 1) = b, signs.x(r, 2) = a * b;
  }
  const GaussianDataset surrogate = data::gaussian_surrogate(signs, 40000, 5);
  CHECK(surrogate.name == "signs, Gaussian surrogate");
  REQUIRE(shape_of(surrogate.x) == Shape{40000, 3});
  const Array64 given = data::second_moments(signs.x), found = data::second_moments(surrogate.x);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      // an entry fluctuates by at most sqrt(2) 4 / sqrt(40000) = 0.028: five of these
      CHECK(std::abs(given(i, j) - found(i, j)) < 0.14);
  double fourth = 0;
  for (std::size_t r = 0; r < 40000; ++r)
    fourth += std::pow(static_cast<double>(surrogate.x(r, 1)), 4);
  CHECK(fourth / 40000 == doctest::Approx(3).epsilon(0.1));  // of the signs it would be 1
}
