#include "random_matrices.hpp"
#include <hourglass/theory/denoising.hpp>
#include <hourglass/theory/landscape.hpp>

#include <cmath>
#include <stdexcept>

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using namespace random_matrices;

namespace {

ShallowReconstruction drawn(std::size_t H, std::size_t D, Activation activation) {
  weight_flow::Draw draw{std::mt19937_64(41)};
  std::vector<double> b(H);
  for (double& x : b) x = draw.uniform(-1, 1);
  return {normal(H, D, 0.8, draw), b, normal(D, H, 0.8, draw), activation};
}

}  // namespace

TEST_CASE("activation jets: each derivative is the difference quotient of the one before") {
  const double h = 1e-5;
  for (const double z : {-2.0, -0.3, 0.0, 0.7, 1.9})
    for (int n = 0; n < 4; ++n)
      for (const Activation jet : {tanh_jet, identity_jet})
        CHECK(std::abs((jet(z + h).f[n] - jet(z - h).f[n]) / (2 * h) - jet(z).f[n + 1]) < 1e-8);
}

TEST_CASE("optimal denoising loss: the mean over the mixture of the loss at each noisy value") {
  const GaussianMixture p{{-2, 0.5, 2}, {0.05, 0.1, 0.4}, {2, 1.5, 1.5}};
  const double pi = std::acos(-1.0);
  for (const double sigma : {0.25, 1.0}) {
    // trapezoids over x~ and x, which sums of smooth, decaying functions make exact
    double loss = 0;
    const double h = 0.02;
    for (double noisy = -8; noisy <= 8; noisy += h) {
      const double r = optimal_denoiser(p, sigma, noisy);
      for (std::size_t k = 0; k < 3; ++k)
        for (double x = p.means[k] - 6; x <= p.means[k] + 6; x += h) {
          const double z = (x - p.means[k]) * (x - p.means[k]) / p.variances[k] +
                           (noisy - x) * (noisy - x) / (sigma * sigma);
          loss += h * h * p.weights[k] / 5 * std::exp(-z / 2) * (r - x) * (r - x) / 2 /
                  (2 * pi * sigma * std::sqrt(p.variances[k]));
        }
    }
    CHECK(optimal_denoising_loss(p, sigma) == doctest::Approx(loss).epsilon(1e-6));
  }
  CHECK(optimal_denoising_loss({{1}, {2}, {0.3}}, 0.7) ==
        doctest::Approx(gaussian_denoising_loss({2}, 0.49)).epsilon(1e-12));
  CHECK_THROWS_AS(optimal_denoising_loss({{}, {}, {}}, 1), std::domain_error);
  CHECK_THROWS_AS(optimal_denoising_loss({{0}, {1}, {1}}, 0), std::domain_error);
}

TEST_CASE("small noise: what is left over scales as sigma^4 after c2 and sigma^6 after c4") {
  for (const std::size_t D : {1u, 2u, 3u}) {
    const auto r = drawn(4, D, tanh_jet);
    const std::vector<double> x = std::vector<double>{0.4, -0.7, 0.2};
    const std::vector<double> sample(x.begin(), x.begin() + static_cast<long>(D));
    const auto terms = small_noise_expansion(r, sample);
    const auto rest = [&](double sigma, double c4) {
      const double s2 = sigma * sigma;
      return exact_noisy_loss(r, sample, sigma) - terms.clean - s2 * terms.c2 - s2 * s2 * c4;
    };
    CAPTURE(D);
    CHECK(exact_noisy_loss(r, sample, 0) == doctest::Approx(terms.clean).epsilon(1e-13));
    CHECK(rest(0.04, 0) / rest(0.02, 0) == doctest::Approx(16).epsilon(0.02));
    // small enough that sigma^8 does not show, large enough that rounding does not
    CHECK(rest(0.02, terms.c4) / rest(0.01, terms.c4) == doctest::Approx(64).epsilon(0.1));
  }
}

TEST_CASE("small noise: a linear map has c2 = 1/2 |W|^2, c4 = 0, exactly for every sigma") {
  const auto r = drawn(3, 2, identity_jet);
  const Array64 W = product(r.W2, r.W1);
  const auto terms = small_noise_expansion(r, {0.4, -0.7});
  CHECK(terms.c2 == doctest::Approx(inner(W, W) / 2).epsilon(1e-13));
  CHECK(terms.jacobian == doctest::Approx(terms.c2).epsilon(1e-15));
  CHECK(terms.c4 == 0);
  CHECK(exact_noisy_loss(r, {0.4, -0.7}, 2) ==
        doctest::Approx(terms.clean + 4 * terms.c2).epsilon(1e-12));
}

TEST_CASE("small noise: the contractive penalty is not the whole of c2 away from the optimum") {
  const auto terms = small_noise_expansion(drawn(4, 2, tanh_jet), {0.4, -0.7});
  CHECK(std::abs(terms.c2 - terms.jacobian) > 0.01);
}

TEST_CASE("optimal denoiser: the posterior mean by quadrature") {
  const GaussianMixture p{{-1, 1.5, 4}, {0.2, 0.4, 0.01}, {0.4, 0.5, 0.3}};
  for (const double sigma : {0.1, 0.5, 2.0})
    for (const double x : {-3.0, 0.2, 2.9, 5.0}) {
      const auto moment = [&](int power) {
        const auto density = [&](double clean) {
          double sum = 0;
          for (int k = 0; k < 3; ++k)
            sum += p.weights[k] / std::sqrt(p.variances[k]) *
                   std::exp(-std::pow(clean - p.means[k], 2) / (2 * p.variances[k]));
          return sum * std::exp(-std::pow(x - clean, 2) / (2 * sigma * sigma)) *
                 std::pow(clean, power);
        };
        return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(density, -8.0, 10.0,
                                                                             20, 1e-12);
      };
      CHECK(optimal_denoiser(p, sigma, x) == doctest::Approx(moment(1) / moment(0)).epsilon(1e-9));
    }
}

TEST_CASE("optimal denoiser: one Gaussian is a linear filter, far tails stay finite") {
  const GaussianMixture one{{2}, {3}, {0.1}};
  for (const double x : {-1e4, 0.0, 7.0})
    CHECK(optimal_denoiser(one, 0.5, x) == doctest::Approx(2 + 3 / 3.25 * (x - 2)).epsilon(1e-12));
  const GaussianMixture points{{-1, 1}, {0, 0}, {1, 1}};  // two points: tanh(x/sigma^2)
  CHECK(optimal_denoiser(points, 0.8, 0.3) == doctest::Approx(std::tanh(0.3 / 0.64)));
  CHECK(optimal_denoiser(points, 0.1, 1e6) == doctest::Approx(1));
}

TEST_CASE("optimal denoiser: noise far larger than the data cancels nothing") {
  CHECK(optimal_denoiser({{0}, {1}, {1}}, 1e10, 1e10) == doctest::Approx(1e-10).epsilon(1e-12));
  CHECK(optimal_denoising_loss({{0}, {1}, {1}}, 1e10) == doctest::Approx(0.5).epsilon(1e-9));
  const GaussianMixture p{{-1, 2}, {0.5, 0.25}, {1, 3}};  // half of its variance is left
  CHECK(optimal_denoising_loss(p, 1e8) ==
        doctest::Approx((0.25 * 0.5 + 0.75 * 0.25 + 0.25 * 0.75 * 9) / 2).epsilon(1e-9));
}

TEST_CASE("Gaussian data: the wide linear autoencoder is the optimal denoiser") {
  const std::vector<double> lambdas{2, 1, 0.3, 0};
  CHECK(gaussian_denoising_loss(lambdas, 0.6) ==
        doctest::Approx(optimum(diagonal(lambdas), 4, 0.6, 0).loss).epsilon(1e-13));
  CHECK(gaussian_denoising_loss(lambdas, 0) == 0);
}

TEST_CASE("denoising: outside its domain") {
  const auto r = drawn(3, 2, tanh_jet);
  CHECK_THROWS_AS(r({1, 2, 3}), std::domain_error);
  CHECK_THROWS_AS(exact_noisy_loss(r, {1, 2}, -1), std::domain_error);
  CHECK_THROWS_WITH_AS(exact_noisy_loss(drawn(2, 4, tanh_jet), {1, 2, 3, 4}, 0.1),
                       "D = 4: the rule has 60^D nodes; D <= 3", std::domain_error);
  CHECK_THROWS_AS(optimal_denoiser({{0}, {1}, {1}}, 0, 0), std::domain_error);
  CHECK_THROWS_AS(optimal_denoiser({{0}, {-1}, {1}}, 1, 0), std::domain_error);
  CHECK_THROWS_AS(optimal_denoiser({{0, 1}, {1}, {1}}, 1, 0), std::domain_error);
  CHECK_THROWS_AS(gaussian_denoising_loss({-1}, 1), std::domain_error);
  CHECK_THROWS_AS(effective_constants(0, 1, 0, 0), std::domain_error);
  ShallowReconstruction short_bias = r;
  short_bias.b.pop_back();
  CHECK_THROWS_AS(short_bias({1, 2}), std::domain_error);
}
