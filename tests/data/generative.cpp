#include "../allocations.hpp"
#include <hourglass/core/parallel.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/data/generative.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

GenerativeModel sparse(std::size_t n, std::size_t m, std::size_t k) {
  return {.dictionary = data::gaussian_dictionary(n, m, 2),
          .k = k,
          .law = CoefficientLaw::rademacher(),
          .sigma = 0,
          .seed = 11};
}

}  // namespace

TEST_CASE("generative data: every support of k atoms is equally likely") {
  const std::size_t m = 6, k = 3, samples = 40000;
  GenerativeBatch batch;
  GenerativeSource(sparse(4, m, k)).draw(0, samples, batch);
  std::vector<double> count(std::size_t{1} << m, 0);
  for (std::size_t r = 0; r < samples; ++r) {
    std::size_t key = 0;
    for (std::size_t i = 0; i < k; ++i) key |= std::size_t{1} << batch.support_of(r)[i];
    ++count[key];
  }
  const double expected = samples / 20.0;
  double chi2 = 0;
  for (std::size_t key = 0; key < count.size(); ++key)
    if (__builtin_popcountll(key) == 3) {
      chi2 += std::pow(count[key] - expected, 2) / expected;
    } else {
      CHECK(count[key] == 0);  // never an atom twice
    }
  CHECK(chi2 < 43.8);  // 19 degrees of freedom, probability 0.001
  CHECK(chi2 > 4.9);   // and not more even than chance, 0.0005
}

TEST_CASE("generative data: without noise a sample is its atoms times its coefficients") {
  const GenerativeSource source(sparse(5, 9, 4));
  GenerativeBatch batch;
  source.draw(3, 50, batch);
  for (std::size_t r = 0; r < 50; ++r)
    for (std::size_t c = 0; c < 5; ++c) {
      double x = 0;
      for (std::size_t i = 0; i < 4; ++i)
        x +=
            double(batch.coefficients(r, i)) * source.model().dictionary(c, batch.support_of(r)[i]);
      CHECK(std::abs(double(batch.x(r, c)) - x) < (sizeof(Real) == 4 ? 1e-6 : 1e-14));
    }
  Array indicator;
  data::support_indicator(batch, 9, indicator);
  for (std::size_t r = 0; r < 50; ++r) {
    double active = 0;
    for (std::size_t j = 0; j < 9; ++j) active += double(indicator(r, j));
    CHECK(active == 4);
    CHECK(indicator(r, batch.support_of(r)[2]) == 1);
  }
}

TEST_CASE("generative data: coefficients have the moments and the bound of their law") {
  for (const CoefficientLaw law : {CoefficientLaw::one(), CoefficientLaw::rademacher(),
                                   CoefficientLaw::gaussian(0.6), CoefficientLaw::gaussian(0),
                                   CoefficientLaw::uniform(1, 2), CoefficientLaw::uniform(-1, 3)}) {
    GenerativeModel model = sparse(3, 8, 4);
    model.law = law;
    GenerativeBatch batch;
    const std::size_t samples = 20000;
    GenerativeSource(model).draw(1, samples, batch);
    double mean = 0, second = 0, fourth = 0, least = 1e9;
    for (const Real value : batch.coefficients) {
      const double z = double(value), size = double(batch.coefficients.size());
      mean += z / size;
      second += z * z / size;
      fourth += z * z * z * z / size;
      least = std::min(least, std::abs(z));
    }
    const double error = 5 / std::sqrt(80000.0), rounding = sizeof(Real) == 4 ? 1e-5 : 1e-10;
    const double spread = std::sqrt(std::max(0.0, second - mean * mean));
    CHECK(std::abs(mean - law.mean()) <= error * spread + rounding);
    CHECK(std::abs(second - law.second_moment()) <=
          error * std::sqrt(std::max(0.0, fourth - second * second)) + rounding);
    CHECK(least >= law.least_magnitude() - rounding);
    CHECK(least < law.least_magnitude() + 0.01);
  }
}

TEST_CASE("generative data: noise has its deviation in every feature") {
  GenerativeModel model = sparse(7, 8, 2);
  GenerativeBatch clean, noisy;
  GenerativeSource(model).draw(2, 10000, clean);
  model.sigma = 0.3;
  GenerativeSource(model).draw(2, 10000, noisy);
  CHECK(clean.support == noisy.support);
  for (std::size_t c = 0; c < 7; ++c) {
    double variance = 0;
    for (std::size_t r = 0; r < 10000; ++r)
      variance += std::pow(double(noisy.x(r, c)) - double(clean.x(r, c)), 2) / 10000;
    CHECK(std::abs(variance / 0.09 - 1) < 5 * std::sqrt(2.0 / 10000));
  }
}

TEST_CASE("generative data: a row is a function of the step and its position alone") {
  GenerativeModel model = sparse(6, 10, 3);
  model.sigma = 0.1;
  model.law = CoefficientLaw::gaussian(0.5);
  const GenerativeSource source(model);
  GenerativeBatch whole, part, other;
  source.draw(5, 1000, whole);
  set_threads(2);
  source.draw(5, 300, part, 700);
  set_threads(1);
  CHECK(std::equal(part.x.begin(), part.x.end(), whole.x.data() + 700 * 6));
  CHECK(std::equal(part.support.begin(), part.support.end(), whole.support.begin() + 700 * 3));
  source.draw(6, 1000, other);
  CHECK(other.x != whole.x);
  CHECK(other.support != whole.support);
}

TEST_CASE("generative data: filling the same batch again allocates nothing") {
  GenerativeModel model = sparse(64, 100, 4);
  model.sigma = 0.1;
  const GenerativeSource source(model);
  GenerativeBatch batch;
  Array indicator;
  const auto draw = [&](std::uint64_t step) {
    source.draw(step, 600, batch);
    data::support_indicator(batch, 100, indicator);
  };
  draw(0);
  const long before = heap_allocations();
  for (std::uint64_t step = 1; step < 10; ++step) draw(step);
  CHECK(heap_allocations() == before);
}

TEST_CASE("generative data: the components of a mixture have their weights") {
  GenerativeModel model{
      .dictionary = data::dct_dictionary(4, 3), .sigma = 0.1, .seed = 8, .weights = {1, 2, 5}};
  GenerativeBatch batch;
  GenerativeSource(model).draw(0, 20000, batch);
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = model.weights[i] / 8;
    const auto found = std::count(batch.support.begin(), batch.support.end(), i);
    CHECK(std::abs(double(found) / 20000 - p) < 5 * std::sqrt(p * (1 - p) / 20000));
  }
}

TEST_CASE("generative data: models that make no sense are refused") {
  const auto refused = [](auto change) {
    GenerativeModel model = sparse(4, 6, 2);
    change(model);
    CHECK_THROWS_AS(GenerativeSource{model}, std::invalid_argument);
  };
  refused([](auto& m) { m.k = 0; });
  refused([](auto& m) { m.k = 7; });
  refused([](auto& m) { m.sigma = -1; });
  refused([](auto& m) { m.sigma = NAN; });
  refused([](auto& m) { m.dictionary = empty64({0, 0}); });
  refused([](auto& m) { m.law = CoefficientLaw::uniform(2, 1); });
  refused([](auto& m) { m.law = CoefficientLaw::gaussian(-0.1); });
  refused([](auto& m) { m.weights = std::vector<double>(6, 1.0); });  // and k = 2
  refused([](auto& m) {
    m.k = 1;
    m.weights = {1, 2};
  });
  refused([](auto& m) {
    m.k = 1;
    m.weights = {1, 1, 1, 1, 1, 0};
  });
}

TEST_CASE(
    "generative models: a bound that no normal number exceeds, and atoms that are not there") {
  GenerativeModel model = sparse(4, 4, 2);
  model.law = CoefficientLaw::gaussian(40);
  CHECK_THROWS_AS(GenerativeSource{model}, std::invalid_argument);
  model.law = CoefficientLaw::gaussian(30);
  GenerativeBatch batch;
  GenerativeSource(model).draw(0, 50, batch);
  for (const Real x : batch.coefficients)
    CHECK(std::abs(double(x)) == doctest::Approx(30).epsilon(0.02));
  Array on;
  CHECK_THROWS_AS(data::support_indicator(batch, 2, on), std::invalid_argument);
}
