#include "random_matrices.hpp"
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <functional>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using random_matrices::largest_difference;

namespace {

constexpr std::size_t N = 6, D = 4, H = 3;

Array64 drawn(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  weight_flow::Draw draw{std::mt19937_64(seed)};
  Array64 x = empty64({rows, columns});
  for (double& entry : x) entry = draw.uniform(-1, 1);
  return x;
}

const Array64 X = drawn(N, D, 1), W1 = drawn(H, D, 2), W2 = drawn(D, H, 3);

// 1/2 |x - W x~|^2 of sample n, entry by entry.
double sample_loss(const Array64& encoder, const Array64& decoder, std::size_t n,
                   const std::vector<double>& noisy) {
  double sum = 0;
  for (std::size_t i = 0; i < D; ++i) {
    double output = 0;
    for (std::size_t h = 0; h < H; ++h)
      for (std::size_t j = 0; j < D; ++j) output += decoder(i, h) * encoder(h, j) * noisy[j];
    sum += (X(n, i) - output) * (X(n, i) - output);
  }
  return sum / 2;
}

// Mean over samples and over equally likely corruptions, or weighted ones.
struct Corruption {
  double probability;
  std::vector<double> factor, shift;
};

double enumerated_loss(const Array64& encoder, const Array64& decoder,
                       const std::vector<Corruption>& corruptions) {
  double loss = 0;
  for (std::size_t n = 0; n < N; ++n)
    for (const Corruption& c : corruptions) {
      std::vector<double> noisy(D);
      for (std::size_t j = 0; j < D; ++j) noisy[j] = c.factor[j] * X(n, j) + c.shift[j];
      loss += c.probability * sample_loss(encoder, decoder, n, noisy) / N;
    }
  return loss;
}

std::vector<Corruption> all_masks(double p_drop, bool rescale) {
  std::vector<Corruption> masks;
  for (unsigned mask = 0; mask < 1u << D; ++mask) {
    Corruption c{1, std::vector<double>(D, 0.0), std::vector<double>(D, 0.0)};
    for (std::size_t j = 0; j < D; ++j) {
      const bool kept = mask >> j & 1;
      c.probability *= kept ? 1 - p_drop : p_drop;
      c.factor[j] = kept ? (rescale ? 1 / (1 - p_drop) : 1) : 0;
    }
    masks.push_back(c);
  }
  return masks;
}

// +- sqrt(D) times each column of a square root of the covariance: exact for second moments.
std::vector<Corruption> two_point_noise(const Array64& root) {
  std::vector<Corruption> points;
  for (std::size_t j = 0; j < D; ++j)
    for (const double side : {1.0, -1.0}) {
      Corruption c{0.5 / D, std::vector<double>(D, 1.0), std::vector<double>(D)};
      for (std::size_t i = 0; i < D; ++i) c.shift[i] = side * std::sqrt(D) * root(i, j);
      points.push_back(c);
    }
  return points;
}

// Central differences; the loss is a polynomial of degree 4, its third derivatives are of order 1.
Array64 numerical_gradient(const Array64& at, const std::function<double(const Array64&)>& loss) {
  const double h = 1e-5;
  Array64 gradient = empty64(shape_of(at));
  for (std::size_t k = 0; k < at.size(); ++k) {
    Array64 up = at, down = at;
    up.data()[k] += h;
    down.data()[k] -= h;
    gradient.data()[k] = (loss(up) - loss(down)) / (2 * h);
  }
  return gradient;
}

void check_corruption(const CorruptedMoments& moments, const std::vector<Corruption>& noise) {
  const double gamma = 0.3;
  const auto full = [&](const Array64& encoder, const Array64& decoder) {
    double penalty = 0;
    for (const double w : encoder) penalty += w * w;
    for (const double w : decoder) penalty += w * w;
    return enumerated_loss(encoder, decoder, noise) + gamma / 2 * penalty;
  };
  const LossAndGradients found = expected_loss(moments, W1, W2, gamma);
  CHECK(found.loss == doctest::Approx(full(W1, W2)).epsilon(1e-13));
  const Array64 dW1 = numerical_gradient(W1, [&](const Array64& w) { return full(w, W2); });
  const Array64 dW2 = numerical_gradient(W2, [&](const Array64& w) { return full(W1, w); });
  CHECK(largest_difference(found.dW1, dW1) < 1e-9);
  CHECK(largest_difference(found.dW2, dW2) < 1e-9);
}

}  // namespace

TEST_CASE("expected loss: every corruption against its enumeration and finite differences") {
  const Array64 C = second_moment(X);
  SUBCASE("none") {
    check_corruption(clean(C), {{1, std::vector<double>(D, 1.0), std::vector<double>(D, 0.0)}});
  }
  SUBCASE("isotropic noise") {
    check_corruption(additive_noise(C, 0.49),
                     two_point_noise(diagonal(std::vector<double>(D, 0.7))));
  }
  SUBCASE("noise with a covariance") {
    const Array64 root = drawn(D, D, 4);
    check_corruption(additive_noise(C, product(root, transposed(root))), two_point_noise(root));
  }
  SUBCASE("masking") { check_corruption(masking_noise(C, 0.3, false), all_masks(0.3, false)); }
  SUBCASE("rescaled masking") {
    check_corruption(masking_noise(C, 0.6, true), all_masks(0.6, true));
  }
}

TEST_CASE("expected loss: product regularisation is Gaussian noise") {
  const Array64 C = second_moment(X), W = product(W2, W1);
  const double plain = expected_loss(clean(C), W1, W2, 0).loss;
  CHECK(expected_loss(additive_noise(C, 0.8), W1, W2, 0).loss ==
        doctest::Approx(plain + 0.4 * inner(W, W)).epsilon(1e-13));
}

TEST_CASE("expected loss: variance of the sampled loss against cubature") {
  // three-point Gauss-Hermite nodes in each direction: exact for the fourth moments needed
  const double sigma2 = 0.7, node = std::sqrt(3 * sigma2);
  double variance = 0;
  for (std::size_t n = 0; n < N; ++n) {
    double mean = 0, square = 0;
    for (int point = 0; point < 81; ++point) {
      double weight = 1;
      std::vector<double> noisy(D);
      for (std::size_t j = 0, digits = static_cast<std::size_t>(point); j < D; ++j, digits /= 3) {
        const double side = static_cast<double>(digits % 3) - 1;
        noisy[j] = X(n, j) + side * node;
        weight *= side == 0 ? 2.0 / 3 : 1.0 / 6;
      }
      const double loss = sample_loss(W1, W2, n, noisy);
      mean += weight * loss;
      square += weight * loss * loss;
    }
    variance += (square - mean * mean) / (N * N);
  }
  CHECK(sampled_loss_variance(second_moment(X), W1, W2, sigma2, N) ==
        doctest::Approx(variance).epsilon(1e-11));
}

TEST_CASE("expected loss: what does not fit is refused") {
  const Array64 C = second_moment(X);
  CHECK_THROWS_WITH_AS(additive_noise(C, -1), "sigma2 = -1: a noise variance is >= 0",
                       std::domain_error);
  CHECK_THROWS_WITH_AS(masking_noise(C, 1, true), "p_drop = 1: a drop probability is in [0, 1)",
                       std::domain_error);
  CHECK_THROWS_WITH_AS(additive_noise(C, drawn(3, 3, 1)), "Sigma = 3x3: expected 4x4",
                       std::domain_error);
  CHECK_THROWS_WITH_AS(clean(X), "C = 6x4: expected 6x6", std::domain_error);
  CHECK_THROWS_WITH_AS(expected_loss(clean(C), W1, W1, 0), "W2 = 3x4: expected 4x3",
                       std::domain_error);
  CHECK_THROWS_WITH_AS(expected_loss(clean(C), W2, W1, 0), "A = 4x4: expected 3x3",
                       std::domain_error);
  CHECK_THROWS_AS(expected_loss(clean(C), W1, W2, -1), std::domain_error);
  CHECK_THROWS_AS(sampled_loss_variance(C, W1, W2, 0.1, 0), std::domain_error);
  Array64 broken = C;
  broken(0, 1) = NAN;
  CHECK_THROWS_WITH_AS(clean(broken), "C = nan: expected a finite number", std::domain_error);
  CHECK_THROWS_AS(product(W1, W1), std::domain_error);
}
