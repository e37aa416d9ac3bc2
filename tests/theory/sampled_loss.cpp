#include "enumerated_noise.hpp"
#include "random_matrices.hpp"
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/matrix.hpp>

#include <cmath>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;

namespace {

constexpr std::size_t N = 5, D = 4, H = 3;

Array64 drawn(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  weight_flow::Draw draw{std::mt19937_64(seed)};
  return random_matrices::normal(rows, columns, 0.7, draw);
}

const Array64 X = drawn(N, D, 1), W1 = drawn(H, D, 2), W2 = drawn(D, H, 3);

double enumerated(const enumerated_noise::Outcomes& outcomes) {
  return enumerated_noise::loss_moments(X, W1, W2, outcomes).variance;
}

}  // namespace

TEST_CASE("sampled loss: its variance is that of every outcome of the noise") {
  const auto near = [](double x) { return doctest::Approx(x).epsilon(1e-12); };
  for (const double p : {0.0, 0.1, 0.6}) {
    CAPTURE(p);
    for (const bool rescale : {false, true})
      CHECK(sampled_loss_variance(X, W1, W2, masking_entries(p, rescale)) ==
            near(enumerated(enumerated_noise::masking(p, rescale ? 1 / (1 - p) : 1))));
    CHECK(sampled_loss_variance(X, W1, W2, salt_and_pepper_entries(p, -0.3, 1.2)) ==
          near(enumerated(enumerated_noise::salt_and_pepper(p, -0.3, 1.2))));
    CHECK(sampled_loss_variance(X, W1, W2, multiplicative_entries(p)) ==
          near(enumerated(enumerated_noise::normal([=](double x, auto) { return p * x * x; }))));
  }
  CHECK(sampled_loss_variance(X, W1, W2, salt_and_pepper_entries(1, 0, 1)) ==
        near(enumerated(enumerated_noise::salt_and_pepper(1, 0, 1))));
  const std::vector<double> variances{0.5, 0, 1.3, 0.2};
  CHECK(sampled_loss_variance(X, W1, W2, gaussian_entries(variances)) ==
        near(enumerated(
            enumerated_noise::normal([&](double, std::size_t j) { return variances[j]; }))));
}

TEST_CASE("sampled loss: Gaussian noise by its covariance alone") {
  const Array64 C = second_moment(X);
  const std::vector<double> variances{0.5, 0, 1.3, 0.2};
  CHECK(sampled_loss_variance(C, W1, W2, diagonal(variances), N) ==
        doctest::Approx(sampled_loss_variance(X, W1, W2, gaussian_entries(variances)))
            .epsilon(1e-12));
  CHECK(sampled_loss_variance(C, W1, W2, diagonal(std::vector<double>(D, 0.3)), N) ==
        doctest::Approx(sampled_loss_variance(C, W1, W2, 0.3, N)).epsilon(1e-12));
  // A rotation of data and weights turns a full covariance into its eigenvalues.
  weight_flow::Draw draw{std::mt19937_64(7)};
  const Array64 V = random_matrices::basis(D, draw), Vt = transposed(V);
  const Array64 Sigma = product(scale_columns(V, variances), Vt);
  CHECK(sampled_loss_variance(product(product(V, C), Vt), product(W1, Vt), product(V, W2), Sigma,
                              N) ==
        doctest::Approx(sampled_loss_variance(C, W1, W2, diagonal(variances), N)).epsilon(1e-12));
}

TEST_CASE("sampled loss: outside the domain") {
  CHECK_THROWS_AS(masking_entries(1, false), std::domain_error);
  CHECK_THROWS_AS(salt_and_pepper_entries(1.1, 0, 1), std::domain_error);
  CHECK_THROWS_AS(multiplicative_entries(-1), std::domain_error);
  CHECK_THROWS_AS(gaussian_entries({1, -1}), std::domain_error);
  CHECK_THROWS_AS(sampled_loss_variance(X, W2, W1, multiplicative_entries(1)), std::domain_error);
  CHECK_THROWS_AS(sampled_loss_variance(second_moment(X), W1, W2, X, N), std::domain_error);
}
