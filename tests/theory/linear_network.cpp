#include "random_matrices.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_network.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using namespace random_matrices;

namespace {

// log det of the Gram matrix of the first k of m_i = (W1 v_i + W2^T v_i)/2.
double log_gram(const Array64& W1, const Array64& W2, const Array64& V, std::size_t k) {
  Array64 sum = W1;
  add(sum, 1, transposed(W2));
  const Array64 m = first_columns(product(sum, V), k);
  double log_det = 0;
  for (const double value : eigh(product(transposed(m), m)).values) log_det += std::log(value / 4);
  return log_det;
}

}  // namespace

TEST_CASE("effective strengths: ratios of Gram determinants, nothing beyond H") {
  weight_flow::Draw draw{std::mt19937_64(6)};
  const std::size_t D = 9, H = 6;
  const Array64 W1 = normal(H, D, 1e-3, draw), W2 = normal(D, H, 1e-3, draw), V = basis(D, draw);
  const auto u0 = effective_strengths(W1, W2, V);
  REQUIRE(u0.size() == D);
  for (std::size_t i = 0; i < H; ++i) {
    const double before = i == 0 ? 0 : log_gram(W1, W2, V, i);
    CHECK(std::log(u0[i]) == doctest::Approx(log_gram(W1, W2, V, i + 1) - before).epsilon(1e-9));
  }
  for (std::size_t i = H; i < D; ++i) CHECK(u0[i] == 0);
  CHECK(effective_strengths(W1, W2, first_columns(V, 2)).size() == 2);
  CHECK(effective_strengths(W1, W2, first_columns(V, 2))[1] == u0[1]);
}

TEST_CASE(
    "effective strengths: a mode in the span of stronger ones takes no direction from later") {
  weight_flow::Draw draw{std::mt19937_64(7)};
  Array64 W1 = normal(5, 4, 1, draw), without = empty64({5, 3});
  for (std::size_t h = 0; h < 5; ++h) {
    W1(h, 2) = 3 * W1(h, 0) - W1(h, 1);
    without(h, 0) = W1(h, 0), without(h, 1) = W1(h, 1), without(h, 2) = W1(h, 3);
  }
  const auto u0 = effective_strengths(W1, transposed(W1), diagonal({1, 1, 1, 1}));
  const auto rest = effective_strengths(without, transposed(without), diagonal({1, 1, 1}));
  CHECK(u0[2] == 0);
  CHECK(u0[3] == doctest::Approx(rest[2]).epsilon(1e-13));
}

TEST_CASE("effective strengths: nearly parallel modes keep their digits") {
  // columns (1, e, 0, 0), (1, 0, e, 0), (1, 0, 0, e): Gram determinants are known
  const double e = 1e-8, e2 = e * e;
  const Array64 W1{{1, 1, 1}, {e, 0, 0}, {0, e, 0}, {0, 0, e}};
  const auto u0 = effective_strengths(W1, transposed(W1), diagonal({1, 1, 1}));
  CHECK(u0[1] == doctest::Approx(e2 * (2 + e2) / (1 + e2)).epsilon(1e-14));
  CHECK(u0[2] == doctest::Approx(e2 * (3 + e2) / (2 + e2)).epsilon(1e-14));
}

TEST_CASE("effective strengths: their mean over draws is (H - i + 1) s^2/2") {
  weight_flow::Draw draw{std::mt19937_64(8)};
  const std::size_t D = 5, H = 4, draws = 4000;
  const double s = 0.01;
  const Array64 V = diagonal(std::vector<double>(D, 1.0));
  std::vector<double> mean(D, 0.0);
  for (std::size_t k = 0; k < draws; ++k) {
    const auto u0 = effective_strengths(normal(H, D, s, draw), normal(D, H, s, draw), V);
    for (std::size_t i = 0; i < D; ++i) mean[i] += u0[i] / draws;
  }
  const auto expected = expected_strengths(H, D, s);
  // chi-square of n degrees: relative standard deviation sqrt(2/n) of one draw, four of the mean
  for (std::size_t i = 0; i < H; ++i)
    CHECK(mean[i] == doctest::Approx(expected[i])
                         .epsilon(4 * std::sqrt(2.0 / static_cast<double>(H - i) / draws)));
  CHECK(expected[4] == 0);
  CHECK(mean[4] == 0);
}

TEST_CASE("mode strengths and imbalances are v'W2 W1 v and |W2'v|^2 - |W1 v|^2") {
  weight_flow::Draw draw{std::mt19937_64(9)};
  const Array64 W1 = normal(3, 5, 1, draw), W2 = normal(5, 3, 1, draw), V = basis(5, draw);
  const Array64 turned = product(transposed(V), product(product(W2, W1), V));
  const Array64 encoder = product(W1, V), decoder = product(transposed(W2), V);
  const Array64 difference = product(transposed(decoder), decoder);
  const Array64 encoder_gram = product(transposed(encoder), encoder);
  const auto u = mode_strengths(W1, W2, V), c = mode_imbalances(W1, W2, V);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(std::abs(u[i] - turned(i, i)) < 1e-13);
    CHECK(std::abs(c[i] - (difference(i, i) - encoder_gram(i, i))) < 1e-13);
  }
  CHECK_THROWS_AS(mode_strengths(W1, W1, V), std::domain_error);
  CHECK_THROWS_AS(effective_strengths(W1, W2, W1), std::domain_error);
}

TEST_CASE("aligned networks decouple: each mode is its own balanced mode under descent") {
  weight_flow::Draw draw{std::mt19937_64(10)};
  const std::vector<double> lambdas{2, 1, 0.5};
  const Array64 V = basis(3, draw);
  const Array64 C = product(scale_columns(V, lambdas), transposed(V));
  LinearNetwork net{transposed(scale_columns(V, {0.1, 0.2, 0.3})),
                    scale_columns(V, {0.1, 0.2, 0.3})};
  net.descend(additive_noise(C, 0.4), 0.1, 0.05, 100);
  const auto u = mode_strengths(net.W1, net.W2, V);
  for (std::size_t i = 0; i < 3; ++i) {
    double a = 0.1 * static_cast<double>(i + 1);
    for (int step = 0; step < 100; ++step)
      a *= 1 + 0.05 * (lambdas[i] - 0.1 - (lambdas[i] + 0.4) * a * a);
    CHECK(u[i] == doctest::Approx(a * a).epsilon(1e-12));
  }
}

TEST_CASE("small random weights: rise times predicted within the handbook's accuracy") {
  weight_flow::Draw draw{std::mt19937_64(11)};
  std::vector<double> lambdas;
  for (int i = 0; i < 8; ++i) lambdas.push_back(4 * std::pow(0.8, i));
  const std::size_t D = 8, H = 24;
  const LinearNetwork start{normal(H, D, 1e-4, draw), normal(D, H, 1e-4, draw)};
  const auto predicted = predict_modes(lambdas, start, 0.3, 0.1, 0.02);
  const auto measured = descent_rise_times(lambdas, start, 0.3, 0.1, 0.02, 0.5, 20000);
  // the table of section 8: 0.03 % (0.1) at three times as many units as modes and s = 1e-4
  for (std::size_t i = 0; i < D; ++i)
    CHECK(predicted.half_times[i] == doctest::Approx(measured[i]).epsilon(2e-3));
}

TEST_CASE("small random weights: dead modes and modes beyond H never rise") {
  weight_flow::Draw draw{std::mt19937_64(12)};
  const std::vector<double> lambdas{4, 2, 1, 0.2};
  const LinearNetwork start{normal(2, 4, 1e-3, draw), normal(4, 2, 1e-3, draw)};
  const auto narrow = predict_modes(lambdas, start, 0, 0, 0.02);
  CHECK(narrow.half_times[1] > 0);
  CHECK(narrow.u0[2] == 0);
  CHECK(std::isnan(narrow.half_times[2]));
  const LinearNetwork wide{normal(6, 4, 1e-3, draw), normal(4, 6, 1e-3, draw)};
  CHECK(std::isnan(predict_modes(lambdas, wide, 0, 0.3, 0.02).half_times[3]));
  const auto measured = descent_rise_times(lambdas, wide, 0, 0.3, 0.02, 0.5, 3000);
  CHECK(measured[2] > 0);
  CHECK(std::isnan(measured[3]));
  CHECK_THROWS_AS(descent_rise_times(lambdas, wide, 0, 0, 0.02, 1, 10), std::domain_error);
}
