// The expected gradients against enumeration: every support, every pair of signs and, for the
// noise, points with its first three moments. The gradient is quadratic in the sample, so this is
// exact.

#include "random_matrices.hpp"
#include <hourglass/theory/generative.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using random_matrices::largest_difference;

namespace {

using List = std::vector<double>;
using Support = std::vector<std::size_t>;

struct Problem {
  Array64 W, A;
  List b;
  SparseCodes codes;
  double sigma;
};

Problem random_problem(std::size_t n, std::size_t m, const SparseCodes& codes, double sigma,
                       bool biased, std::uint64_t seed) {
  weight_flow::Draw draw{std::mt19937_64(seed)};
  Problem p{random_matrices::normal(n, m, 0.7, draw), random_matrices::normal(n, m, 0.6, draw),
            List(m, 0.0), codes, sigma};
  if (biased)
    for (double& x : p.b) x = draw.uniform(-0.8, 0.3);
  return p;
}

// (2.2) for one sample: gates are the support.
void add_gradient(const Problem& p, const Support& S, const List& x, double weight, Path path,
                  Array64& total) {
  const std::size_t n = x.size();
  List r(n), h(p.b.size());
  for (std::size_t d = 0; d < n; ++d) r[d] = -x[d];
  for (const std::size_t j : S) {
    h[j] = p.b[j];
    for (std::size_t d = 0; d < n; ++d) h[j] += p.W(d, j) * x[d];
    for (std::size_t d = 0; d < n; ++d) r[d] += p.W(d, j) * h[j];
  }
  for (const std::size_t i : S) {
    double back = 0;
    for (std::size_t d = 0; d < n; ++d) back += p.W(d, i) * r[d];
    for (std::size_t d = 0; d < n; ++d)
      total(d, i) += weight * ((path != Path::encoder ? h[i] * r[d] : 0) +
                               (path != Path::decoder ? back * x[d] : 0));
  }
}

// Given the support: coefficients kappa1 +- sqrt(v), noise +- sigma sqrt(n) along each axis.
void add_support(const Problem& p, const Support& S, double weight, Path path, Array64& total) {
  const std::size_t n = shape_of(p.W).rows, signs = std::size_t{1} << S.size();
  const double spread = std::sqrt(p.codes.kappa2 - p.codes.kappa1 * p.codes.kappa1);
  for (std::size_t pattern = 0; pattern < signs; ++pattern)
    for (std::size_t axis = 0; axis < 2 * n; ++axis) {
      List x(n, 0.0);
      for (std::size_t i = 0; i < S.size(); ++i)
        for (std::size_t d = 0; d < n; ++d)
          x[d] += (p.codes.kappa1 + (pattern >> i & 1 ? spread : -spread)) * p.A(d, S[i]);
      x[axis / 2] += (axis % 2 ? 1 : -1) * p.sigma * std::sqrt(double(n));
      add_gradient(p, S, x, weight / double(signs * 2 * n), path, total);
    }
}

Array64 enumerated(const Problem& p, Path path = Path::both) {
  const std::size_t m = p.b.size();
  std::vector<Support> supports;
  for (std::size_t set = 0; set < std::size_t{1} << m; ++set) {
    Support S;
    for (std::size_t j = 0; j < m; ++j)
      if (set >> j & 1) S.push_back(j);
    if (S.size() == p.codes.k) supports.push_back(S);
  }
  Array64 total = empty64(shape_of(p.W));
  total.fill(0);
  for (const Support& S : supports) add_support(p, S, 1 / double(supports.size()), path, total);
  return total;
}

}  // namespace

TEST_CASE("generative gradients: codes of mean 0, both paths and each, by enumeration") {
  for (std::size_t k = 1; k <= 5; ++k)
    for (const Path path : {Path::both, Path::decoder, Path::encoder}) {
      const Problem p = random_problem(3, 5, {k, 0, 1.4}, 0.3, false, k);
      const Array64 formula = sparse_expected_gradient(p.W, p.A, p.codes, p.sigma, path);
      CHECK(largest_difference(formula, enumerated(p, path)) < 1e-13);
    }
}

TEST_CASE("generative gradients: codes of any mean and any bias, by enumeration") {
  for (std::size_t k = 1; k <= 6; ++k) {
    const Problem p = random_problem(4, 6, {k, 1.3, 2.1}, 0.2, true, 10 + k);
    const Array64 formula = nonnegative_expected_gradient(p.W, p.A, p.b, p.codes, p.sigma);
    CHECK(largest_difference(formula, enumerated(p)) < 1e-12);
  }
}

TEST_CASE("generative gradients: given the support, and a mixture of unequal components") {
  const Problem p = random_problem(4, 5, {3, 1.2, 1.9}, 0.3, true, 30);
  const Support S{4, 1, 2};
  Array64 total = empty64({4, 5});
  total.fill(0);
  add_support(p, S, 1, Path::both, total);
  CHECK(largest_difference(conditional_expected_gradient(p.W, p.A, p.b, S, p.codes, p.sigma),
                           total) < 1e-13);
  Problem mixture = random_problem(4, 3, {1, 1, 1}, 0.3, true, 31);
  const List pi{0.2, 0.5, 0.3};
  total = empty64({4, 3});
  total.fill(0);
  for (std::size_t i = 0; i < 3; ++i) add_support(mixture, {i}, pi[i], Path::both, total);
  CHECK(largest_difference(mixture_expected_gradient(mixture.W, mixture.A, mixture.b, pi, 0.3),
                           total) < 1e-14);
}

TEST_CASE("generative gradients: without mean and bias the general form is the special one") {
  const Problem p = random_problem(5, 7, {3, 0, 1.7}, 0.4, false, 41);
  CHECK(largest_difference(nonnegative_expected_gradient(p.W, p.A, p.b, p.codes, p.sigma),
                           sparse_expected_gradient(p.W, p.A, p.codes, p.sigma)) < 1e-13);
}

TEST_CASE("hard threshold: the loss's derivative is the mean gradient plus the surface term") {
  for (const double w : {0.3, 0.8, 1.0, 1.2, 2.5}) {
    const double h = 1e-5;
    const double slope =
        (thresholded_loss(w + h, 0.5).value - thresholded_loss(w - h, 0.5).value) / (2 * h);
    const ThresholdedLoss at = thresholded_loss(w, 0.5);
    CHECK(at.expected_gradient + at.surface_term == doctest::Approx(slope).epsilon(1e-8));
  }
}

TEST_CASE("generative gradients: outside the domain the reason is given") {
  const Problem p = random_problem(3, 4, {2, 0, 1}, 0.1, false, 50);
  CHECK_THROWS_WITH_AS(support_probabilities(5, 4), "k = 5: a support has 1 to m of the m atoms",
                       std::domain_error);
  CHECK_THROWS_AS(support_probabilities(0, 4), std::domain_error);
  CHECK_THROWS_WITH_AS(sparse_expected_gradient(p.W, p.A, p.codes, -1),
                       "sigma = -1: a standard deviation is >= 0", std::domain_error);
  CHECK_THROWS_AS(sparse_expected_gradient(p.W, p.A, {2, 0.5, 1}, 0), std::domain_error);
  CHECK_THROWS_AS(sparse_expected_gradient(p.W, first_columns(p.A, 3), p.codes, 0),
                  std::domain_error);
  CHECK_THROWS_AS(nonnegative_expected_gradient(p.W, p.A, p.b, {2, 2, 1}, 0), std::domain_error);
  CHECK_THROWS_AS(nonnegative_expected_gradient(p.W, p.A, {0}, p.codes, 0), std::domain_error);
  CHECK_THROWS_AS(mixture_expected_gradient(p.W, p.A, p.b, {0.5, 0.5, 0.5, 0.5}, 0),
                  std::domain_error);
  CHECK_THROWS_AS(conditional_expected_gradient(p.W, p.A, p.b, {1, 1}, p.codes, 0),
                  std::domain_error);
  CHECK_THROWS_AS(conditional_expected_gradient(p.W, p.A, p.b, {4}, p.codes, 0), std::domain_error);
  CHECK_THROWS_AS(thresholded_loss(1, 0), std::domain_error);
}
