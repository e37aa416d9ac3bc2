#include "random_matrices.hpp"
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <cmath>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using namespace random_matrices;

namespace {

struct Setting {
  std::vector<double> lambdas;
  double sigma2;
  std::vector<double> gammas;
  std::size_t H() const { return gammas.size(); }
  std::size_t D() const { return lambdas.size(); }
};

// The balanced minimum, its hidden units turned by an orthogonal `turn` (only for equal decays).
LinearNetwork balanced_minimum(const Setting& s, const Array64& turn) {
  Array64 W2 = empty64({s.D(), s.H()});
  W2.fill(0);
  for (std::size_t i = 0; i < s.H(); ++i)
    W2(i, i) = std::sqrt(std::max(0.0, s.lambdas[i] - s.gammas[i]) / (s.lambdas[i] + s.sigma2));
  W2 = product(W2, turn);
  return {transposed(W2), W2};
}

// All weights in one row: the gradient at `net`, decay of each unit included.
std::vector<double> gradient(const Setting& s, const LinearNetwork& net) {
  const auto at = expected_loss(additive_noise(diagonal(s.lambdas), s.sigma2), net.W1, net.W2, 0);
  std::vector<double> all;
  for (std::size_t h = 0; h < s.H(); ++h)
    for (std::size_t j = 0; j < s.D(); ++j)
      all.push_back(at.dW1(h, j) + s.gammas[h] * net.W1(h, j));
  for (std::size_t j = 0; j < s.D(); ++j)
    for (std::size_t h = 0; h < s.H(); ++h)
      all.push_back(at.dW2(j, h) + s.gammas[h] * net.W2(j, h));
  return all;
}

// Central differences of the gradient, a polynomial of degree 3: exact to rounding and h^2.
std::vector<double> numerical_eigenvalues(const Setting& s, const LinearNetwork& at) {
  const double h = 1e-4;
  const std::size_t half = s.D() * s.H();
  Array64 hessian = empty64({2 * half, 2 * half});
  for (std::size_t k = 0; k < 2 * half; ++k) {
    const auto shifted = [&](double by) {
      LinearNetwork net = at;
      (k < half ? net.W1.data()[k] : net.W2.data()[k - half]) += by;
      return gradient(s, net);
    };
    const auto up = shifted(h), down = shifted(-h);
    for (std::size_t j = 0; j < 2 * half; ++j) hessian(j, k) = (up[j] - down[j]) / (2 * h);
  }
  auto values = eigh(hessian).values;
  std::sort(values.begin(), values.end());
  return values;
}

void check_spectrum(const Setting& s, const Array64& turn) {
  const auto found = network_hessian_eigenvalues(s.lambdas, s.sigma2, s.gammas);
  const LinearNetwork net = balanced_minimum(s, turn);
  for (const double slope : gradient(s, net)) CHECK(std::abs(slope) < 1e-13);
  const auto expected = numerical_eigenvalues(s, net);
  REQUIRE(found.size() == expected.size());
  // a difference of 1e-16/1e-4 from rounding, 1e-8 from the step
  for (std::size_t k = 0; k < found.size(); ++k) CHECK(std::abs(found[k] - expected[k]) < 1e-7);
}

}  // namespace

TEST_CASE("network Hessian: against finite differences at the turned minimum") {
  weight_flow::Draw draw{std::mt19937_64(21)};
  const std::vector<double> lambdas{3, 2, 1, 0.5};
  for (const double sigma2 : {0.0, 0.7})
    for (const double gamma : {0.0, 0.6, 1.3, 4.0})  // none, one and all modes dead among three
      for (const std::size_t H : {1u, 3u, 4u}) {
        CAPTURE(sigma2);
        CAPTURE(gamma);
        CAPTURE(H);
        check_spectrum({lambdas, sigma2, std::vector<double>(H, gamma)}, basis(H, draw));
      }
}

TEST_CASE("network Hessian: a decay for each unit, ordered and exchanged") {
  const Array64 unturned = diagonal({1, 1, 1});
  check_spectrum({{3, 2, 1, 0.5}, 0, {0.1, 0.2, 0.4}}, unturned);
  check_spectrum({{3, 2, 1, 0.5}, 0, {0.4, 0.1, 0.2}}, unturned);
  CHECK(network_hessian_eigenvalues({3, 2, 1, 0.5}, 0, {0.1, 0.2, 0.4}).front() > 0);
  CHECK(network_hessian_eigenvalues({3, 2, 1, 0.5}, 0, {0.4, 0.1, 0.2}).front() < 0);
}

TEST_CASE("network Hessian: sharpness and zeros as section 7 says") {
  weight_flow::Draw draw{std::mt19937_64(22)};
  for (int k = 0; k < 200; ++k) {
    std::vector<double> lambdas(5);
    for (double& lambda : lambdas) lambda = draw.log_uniform(0.1, 5);
    std::sort(lambdas.rbegin(), lambdas.rend());
    const double sigma2 = draw.uniform(0, 3), gamma = draw.uniform(0.01, 0.99) * lambdas[0];
    const auto plain = network_hessian_eigenvalues(lambdas, sigma2, 0, 3);
    CHECK(plain.back() == doctest::Approx(2 * lambdas[0]).epsilon(1e-12));
    CHECK(plain[8] < 1e-12);  // H^2 zeros
    CHECK(plain[9] > 1e-9);
    const double decayed = network_hessian_eigenvalues(lambdas, sigma2, gamma, 3).back();
    CHECK(decayed >= 2 * (lambdas[0] - gamma) * (1 - 1e-12));
    CHECK(decayed <= 2 * lambdas[0] * (1 + 1e-12));
  }
}

TEST_CASE("network Hessian: descent leaves the minimum beyond 2/sharpness, and only there") {
  const Setting s{{3, 2, 1, 0.5}, 0, {0.6, 0.6}};
  const double edge = 2 / network_hessian_eigenvalues(s.lambdas, 0, 0.6, 2).back();
  const auto distance = [&](double alpha) {
    weight_flow::Draw draw{std::mt19937_64(23)};
    LinearNetwork net = balanced_minimum(s, diagonal({1, 1}));
    const Array64 W = product(net.W2, net.W1);
    add(net.W1, 1e-6, normal(2, 4, 1, draw));
    net.descend(clean(diagonal(s.lambdas)), 0.6, alpha, 2000);
    return largest_difference(product(net.W2, net.W1), W);
  };
  CHECK(distance(0.98 * edge) < 1e-9);
  CHECK_FALSE(distance(1.02 * edge) < 1e-3);
}

TEST_CASE("network Hessian: outside its domain") {
  CHECK_THROWS_AS(network_hessian_eigenvalues({1, 2}, 0, 0, 1), std::domain_error);
  CHECK_THROWS_AS(network_hessian_eigenvalues({2, 1}, -1, 0, 1), std::domain_error);
  CHECK_THROWS_AS(network_hessian_eigenvalues({2, 1}, 0, -1, 1), std::domain_error);
  CHECK_THROWS_AS(network_hessian_eigenvalues({2, 1}, 0, 0, 0), std::domain_error);
  CHECK_THROWS_WITH_AS(network_hessian_eigenvalues({2, 1}, 0, 0, 3),
                       "H = 3: hidden units number between 1 and D", std::domain_error);
}
