#include "random_matrices.hpp"
#include <hourglass/theory/landscape.hpp>
#include <hourglass/theory/linear_network.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using namespace random_matrices;

namespace {

const std::vector<double> lambdas{3, 2, 1, 0.5, 0.2};

struct Data {
  weight_flow::Draw draw{std::mt19937_64(31)};
  Array64 V = basis(5, draw);
  Array64 C = product(scale_columns(V, lambdas), transposed(V));
};

double norm(const Array64& x) { return std::sqrt(inner(x, x)); }

// Where long descent from random weights ends; the loss there and the map.
struct End {
  double loss;
  Array64 W;
};
End descended(const CorruptedMoments& moments, std::size_t H, double gamma, Data& data) {
  LinearNetwork net{normal(H, 5, 0.3, data.draw), normal(5, H, 0.3, data.draw)};
  net.descend(moments, gamma, 0.1, 20000);
  return {expected_loss(moments, net.W1, net.W2, gamma).loss, product(net.W2, net.W1)};
}

}  // namespace

TEST_CASE("landscape: descent from random weights ends in the optimum") {
  Data data;
  for (const double sigma2 : {0.0, 0.7})
    for (const double gamma : {0.0, 0.35, 1.5}) {
      const Optimum best = optimum(data.C, 3, sigma2, gamma);
      const End end = descended(additive_noise(data.C, sigma2), 3, gamma, data);
      CAPTURE(sigma2);
      CAPTURE(gamma);
      CHECK(end.loss == doctest::Approx(best.loss).epsilon(1e-10));
      CHECK(largest_difference(end.W, best.W) < 1e-5);
    }
}

TEST_CASE("landscape: with decay the decoder of the optimum is V sqrt(w), and stationary") {
  Data data;
  const Optimum best = optimum(data.C, 3, 0.4, 0.35);
  std::vector<double> roots;
  for (const double w : best.strengths) roots.push_back(std::sqrt(w));
  const Array64 W2 = scale_columns(first_columns(data.V, 3), roots);
  const auto at = expected_loss(additive_noise(data.C, 0.4), transposed(W2), W2, 0.35);
  CHECK(at.loss == doctest::Approx(best.loss).epsilon(1e-13));
  CHECK(norm(at.dW1) + norm(at.dW2) < 1e-13);
  CHECK(largest_difference(product(W2, transposed(W2)), best.W) < 1e-13);
}

TEST_CASE("landscape: the error a pixel of PCA is what the discarded modes hold") {
  Data data;
  const Optimum pca = optimum(data.C, 3, 0, 0);
  CHECK(pca.pixel_error == doctest::Approx((0.5 + 0.2) / 5).epsilon(1e-13));
  CHECK(pca.pixel_error == doctest::Approx(2 * pca.loss / 5).epsilon(1e-13));
  const Optimum noisy = optimum(data.C, 3, 0.7, 0.35);
  Array64 rest = diagonal(std::vector<double>(5, 1.0));
  add(rest, -1, noisy.W);
  CHECK(noisy.pixel_error ==
        doctest::Approx(inner(product(rest, data.C), rest) / 5).epsilon(1e-12));
}

TEST_CASE("landscape: any corruption is a reduced-rank regression, also with a singular B") {
  Data data;
  const Array64 root = normal(5, 5, 0.5, data.draw);
  for (const CorruptedMoments& moments :
       {masking_noise(data.C, 0.3, false), masking_noise(data.C, 0.3, true),
        additive_noise(data.C, product(root, transposed(root)))}) {
    const auto best = reduced_rank_optimum(moments, 2);
    const End end = descended(moments, 2, 0, data);
    CHECK(end.loss == doctest::Approx(best.loss).epsilon(1e-10));
    CHECK(largest_difference(end.W, best.W) < 1e-5);
  }
  const Array64 flat = product(scale_columns(data.V, {3, 2, 0, 0, 0}), transposed(data.V));
  const auto singular = reduced_rank_optimum(clean(flat), 3);
  CHECK(std::abs(singular.loss) < 1e-13);
  CHECK(largest_difference(product(singular.W, flat), flat) < 1e-12);
}

TEST_CASE("landscape: noise is the special case of a product penalty") {
  Data data;
  const auto general = reduced_rank_optimum(additive_noise(data.C, 0.7), 3);
  const Optimum special = optimum(data.C, 3, 0.7, 0);
  CHECK(general.loss == doctest::Approx(special.loss).epsilon(1e-13));
  CHECK(largest_difference(general.W, special.W) < 1e-12);
}

TEST_CASE("landscape: a decay for each unit orders the columns; exchanging two costs more") {
  Data data;
  const std::vector<double> gammas{0.1, 0.3};
  const auto best = nonuniform_l2_optimum(data.C, gammas);
  const auto total = [&](const Array64& W2, const std::vector<double>& decay) {
    return expected_loss(clean(data.C), transposed(W2), W2, 0).loss +
           inner(W2, scale_columns(W2, decay));
  };
  CHECK(total(best.W2, gammas) == doctest::Approx(best.loss).epsilon(1e-13));
  // W1 = W2^T: the gradient of the loss in W1 is minus the one of the penalty
  const auto at = expected_loss(clean(data.C), transposed(best.W2), best.W2, 0);
  Array64 slope = scale_columns(best.W2, gammas);
  add(slope, 1, at.dW2);
  CHECK(norm(slope) < 1e-13);
  const Array64 exchanged =
      scale_columns(first_columns(data.V, 2), {std::sqrt(1 - 0.3 / 3), std::sqrt(1 - 0.1 / 2)});
  CHECK(total(exchanged, {0.3, 0.1}) - best.loss ==
        doctest::Approx((0.09 - 0.01) / 2 * (1.0 / 2 - 1.0 / 3)).epsilon(1e-10));
}

TEST_CASE("landscape: the rotation leaves the map alone at first order, and orders the code") {
  Data data;
  const LinearNetwork start{normal(3, 5, 1e-3, data.draw), normal(5, 3, 1e-3, data.draw)};
  const auto moments = clean(data.C);
  const auto drift = [&](double alpha) {
    const auto plain = rotation_augmented_step(moments, start.W1, start.W2, 0, alpha, 0);
    const auto turned = rotation_augmented_step(moments, start.W1, start.W2, 0, alpha, 0.5);
    return largest_difference(product(plain.W2, plain.W1), product(turned.W2, turned.W1));
  };
  CHECK(drift(0.01) > 0);
  CHECK(drift(0.02) / drift(0.01) == doctest::Approx(4).epsilon(0.05));  // second order only

  LinearNetwork net = start;
  const Array64 V = first_columns(data.V, 3);
  for (int step = 0; step < 5000; ++step) {
    const auto next = rotation_augmented_step(moments, net.W1, net.W2, 0, 0.1, 0.5);
    net = {next.W1, next.W2};
  }
  CHECK(ordered_axis_distance(V, net.W2) < 1e-6);
}

TEST_CASE("landscape: probabilistic PCA reconstructs as the decayed autoencoder does") {
  Data data;
  CHECK(largest_difference(ppca_reconstruction(lambdas, data.V, 3, 0.7),
                           optimum(data.C, 3, 0, 0.7).W) < 1e-13);
  CHECK(largest_difference(ppca_reconstruction(lambdas, data.V, 5, 0),
                           diagonal(std::vector<double>(5, 1.0))) < 1e-13);
}

TEST_CASE("metrics: zero where they should be, and one where nothing is shared") {
  Data data;
  const Array64 V = first_columns(data.V, 2);
  Array64 exchanged = V, other = V, half = V;
  for (std::size_t i = 0; i < 5; ++i) {
    exchanged(i, 0) = -3 * data.V(i, 1), exchanged(i, 1) = 0.1 * data.V(i, 0);
    other(i, 0) = data.V(i, 2), other(i, 1) = data.V(i, 3);
    half(i, 1) = 0;
  }
  CHECK(std::abs(ordered_axis_distance(V, V)) < 1e-15);
  CHECK(std::abs(axis_distance(V, exchanged)) < 1e-14);
  CHECK(ordered_axis_distance(V, exchanged) == doctest::Approx(1));
  CHECK(axis_distance(V, other) == doctest::Approx(1));
  CHECK(subspace_distance(V, other) == doctest::Approx(1));
  const Array64 turn{{0.6, -0.8}, {0.8, 0.6}};
  CHECK(std::abs(subspace_distance(V, product(V, turn))) < 1e-14);
  CHECK(axis_distance(V, product(V, turn)) == doctest::Approx(1 - 0.64));
  CHECK(subspace_distance(V, half) == doctest::Approx(0.5));
  CHECK(axis_distance(V, half) == doctest::Approx(0.5));
  CHECK(transpose_distance(transposed(V), V) == 0);
  CHECK_THROWS_AS(axis_distance(V, data.V), std::domain_error);
  CHECK_THROWS_AS(transpose_distance(V, V), std::domain_error);
}

TEST_CASE("landscape: outside its domain") {
  Data data;
  CHECK_THROWS_WITH_AS(optimum(data.C, 0, 0, 0), "H = 0: hidden units number between 1 and D",
                       std::domain_error);
  CHECK_THROWS_AS(optimum(data.C, 6, 0, 0), std::domain_error);
  CHECK_THROWS_AS(optimum(data.C, 2, -1, 0), std::domain_error);
  CHECK_THROWS_WITH_AS(optimum(Array64{{2, 0.5}, {0.25, 1}}, 1, 0, 0),
                       "C = 0.25: a covariance is symmetric", std::domain_error);
  CHECK_THROWS_AS(optimum(data.C, 2, 0, -1), std::domain_error);
  CHECK_THROWS_AS(nonuniform_l2_optimum(data.C, {0.3, 0.1}), std::domain_error);
  CHECK_THROWS_AS(nonuniform_l2_optimum(data.C, {0.1, 2.5}), std::domain_error);
  CHECK_THROWS_AS(nonuniform_l2_optimum(data.C, {0, 0.1}), std::domain_error);
  CHECK_THROWS_AS(ppca_reconstruction(lambdas, data.V, 2, -1), std::domain_error);
  CHECK_THROWS_AS(reduced_rank_optimum(clean(data.C), 6), std::domain_error);
}
