// Rates against differences of the expected gradient along each family of modes, maps and fixed
// points against iteration.

#include "../golden_generative.hpp"
#include "random_matrices.hpp"
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/matrix.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;
using random_matrices::largest_difference;

namespace {

using List = std::vector<double>;

// The first m columns of the n x n identity.
Array64 axes(std::size_t n, std::size_t m) { return first_columns(diagonal(List(n, 1.0)), m); }

// Jacobian of a gradient at W = A times a direction E.
template <class Gradient>
Array64 derivative(const Gradient& gradient, const Array64& A, const Array64& E) {
  const double h = 1e-5;
  Array64 ahead = A, behind = A;
  add(ahead, h, E);
  add(behind, -h, E);
  Array64 result = gradient(ahead);
  add(result, -1, gradient(behind));
  for (double& x : result) x /= 2 * h;
  return result;
}

template <class Gradient>
void check_mode(const Gradient& gradient, const Array64& A, const Array64& E, double rate) {
  Array64 expected = E;
  for (double& x : expected) x *= rate;
  CHECK(largest_difference(derivative(gradient, A, E), expected) < 1e-8);
}

Array64 zeros(std::size_t n, std::size_t m) {
  Array64 E = empty64({n, m});
  E.fill(0);
  return E;
}

}  // namespace

TEST_CASE("generative rates: codes of mean 0, mode by mode") {
  const SparseCodes codes{3, 0, 1.3};
  const std::size_t n = 7, m = 5;
  const double sigma = 0.4;
  const Array64 A = axes(n, m);
  const auto gradient = [&](const Array64& W) {
    return sparse_expected_gradient(W, A, codes, sigma);
  };
  const SparseRates rates = sparse_rates(codes, m, sigma);
  Array64 E = zeros(n, m);
  E(5, 1) = 1;
  E(6, 3) = -0.4;
  check_mode(gradient, A, E, rates.out_of_span);
  E = zeros(n, m);
  E(0, 1) = 1;
  E(1, 0) = -1;
  check_mode(gradient, A, E, rates.antisymmetric);
  E(1, 0) = 1;
  check_mode(gradient, A, E, rates.symmetric);
  E = zeros(n, m);
  E(2, 2) = 1;
  check_mode(gradient, A, E, rates.radial);
  const List all = sparse_spectrum(codes, n, m, sigma);
  CHECK(all.size() == n * m);
  CHECK(std::count(all.begin(), all.end(), rates.symmetric) == 10);
}

TEST_CASE("generative rates: codes of any mean without bias, mode by mode") {
  const SparseCodes codes{3, 1.1, 1.5};
  const std::size_t n = 7, m = 5;
  const double sigma = 0.3;
  const Array64 A = axes(n, m);
  const auto gradient = [&](const Array64& W) {
    return nonnegative_expected_gradient(W, A, List(m, 0.0), codes, sigma);
  };
  const NonnegativeRates rates = nonnegative_rates(codes, m, sigma);
  Array64 E = zeros(n, m);
  for (std::size_t j = 0; j < m; ++j) E(6, j) = 1;
  check_mode(gradient, A, E, rates.out_of_span_common);
  E = zeros(n, m);
  E(5, 0) = 1;
  E(5, 3) = -1;
  check_mode(gradient, A, E, rates.out_of_span_difference);
  // four atoms, alternating signs around a cycle: zero row and column sums
  for (const double turn : {-1.0, 1.0}) {
    E = zeros(n, m);
    const double value[] = {1, turn, 1, turn};
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t next = (i + 1) % 4;
      const double sign = turn > 0 && i % 2 ? -1 : 1;
      E(i, next) += sign * std::abs(value[i]);
      E(next, i) += turn * sign * std::abs(value[i]);
    }
    check_mode(gradient, A, E, turn > 0 ? rates.symmetric : rates.antisymmetric);
  }
  for (std::size_t family = 0; family < 2; ++family) {
    E = zeros(n, m);
    for (std::size_t i = 0; i < m; ++i)
      for (std::size_t j = 0; j < m; ++j) E(i, j) = (i == j) == (family == 0);
    const Array64 image = derivative(gradient, A, E);
    CHECK(image(1, 1) == doctest::Approx(rates.uniform[0][family]).epsilon(1e-7));
    CHECK(image(1, 3) == doctest::Approx(rates.uniform[1][family]).epsilon(1e-7));
  }
  const double trace = rates.uniform[0][0] + rates.uniform[1][1];
  CHECK(rates.uniform_eigenvalues[0] + rates.uniform_eigenvalues[1] == doctest::Approx(trace));
}

TEST_CASE("generative maps: the angle to a centre, at any angle and noise") {
  weight_flow::Draw draw{std::mt19937_64(3)};
  for (const double theta : {0.05, 0.7, 1.5, 2.2}) {
    const Array64 A = axes(4, 1);
    Array64 W = zeros(4, 1);
    W(0, 0) = std::cos(theta);
    W(2, 0) = std::sin(theta);
    const double c = draw.uniform(0.1, 0.9), b = draw.uniform(-0.8, 0.1);
    const List tangents = mixture_angle_map(c, b, theta, 20);
    for (std::size_t s = 0; s <= 20; ++s) {
      CHECK(W(2, 0) / W(0, 0) == doctest::Approx(tangents[s]).epsilon(1e-10));
      expected_step(W, mixture_expected_gradient(W, A, {b}, {1}, 0.7), c, true);
    }
  }
  const List late = mixture_angle_map(0.5, -0.5, 0.5, 40);
  CHECK(late[40] / late[39] == doctest::Approx(mixture_contraction(0.5, -0.5)).epsilon(1e-9));
  CHECK(mixture_contraction(0.5, -0.5) == doctest::Approx(7.0 / 11));
}

TEST_CASE("generative maps: un-normalised columns reach the norm of the cubic") {
  for (const double b : {-0.5, -0.1, 0.0, 0.3})
    for (const double sigma : {0.05, 0.6}) {
      const Array64 A = axes(3, 1);
      Array64 W = A;
      for (int s = 0; s < 400; ++s)
        expected_step(W, mixture_expected_gradient(W, A, {b}, {1}, sigma), 0.1, false);
      CHECK(W(0, 0) == doctest::Approx(mixture_norm(b, sigma).norm).epsilon(1e-12));
    }
}

TEST_CASE("generative maps: radial, by the expected gradient of either path") {
  const Array64 A = axes(6, 4);
  const double sigma = 0.3, q1 = 0.5;
  for (const Path path : {Path::both, Path::decoder, Path::encoder}) {
    Array64 W = A;
    for (double& x : W) x *= 0.8;
    const List t = radial_map(0.1, sigma, 0.8, 8, path);
    for (std::size_t s = 0; s <= 8; ++s) {
      CHECK(W(1, 1) == doctest::Approx(t[s]).epsilon(1e-12));
      expected_step(W, sparse_expected_gradient(W, A, {2, 0, 1}, sigma, path), 0.1 / q1, false);
    }
  }
}

TEST_CASE("generative distances: energies of the two families inside the span") {
  const SparseRates rates = sparse_rates({4, 0, 1}, 64, 0.02);
  CHECK(sparse_distance(rates, 8, 0.3, 0) == doctest::Approx(0.3));
  const double ra = 1 - 8 * rates.antisymmetric, rs = 1 - 8 * rates.symmetric;
  CHECK(sparse_distance(rates, 8, 0.3, 2) ==
        doctest::Approx(0.3 * std::sqrt((std::pow(ra, 4) + std::pow(rs, 4)) / 2)));
}

TEST_CASE("generative fixed points: where the expected gradient lies along the columns") {
  weight_flow::Draw draw{std::mt19937_64(8)};
  Array64 A = random_matrices::normal(20, 12, 1, draw);
  expected_step(A, A, 0, true);  // norm 1
  const SparseCodes codes{2, 0, 1};
  const IncoherentFixedPoint point = incoherent_fixed_point(A, codes, 0.02);
  const Array64 G = sparse_expected_gradient(point.W, A, codes, 0.02);
  double mean = 0, refined = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    double along = 0;
    for (std::size_t r = 0; r < 20; ++r) along += G(r, i) * point.W(r, i);
    for (std::size_t r = 0; r < 20; ++r) CHECK(std::abs(G(r, i) - along * point.W(r, i)) < 1e-13);
    mean += point.distances[i] / 12;
    refined += point.refined[i] / 12;
  }
  CHECK(mean > 0.01);
  CHECK(std::abs(refined / mean - 1) < 0.15);  // first order in overlaps of about 1/sqrt(20)
}

// Mean contraction across the atoms and the norm after a step, from the expected map itself.
TEST_CASE("generative floors: overlaps change what a step keeps of the noise") {
  const std::size_t n = 16, m = 32;
  const SparseCodes codes{2, 0, 1};  // q_3 = 0: the refinement is first order in q_3
  const double sigma = 0.1, zeta = 0.4 * 16, batch = 1e12, h = 1e-5;
  const Array64 A = data::identity_hadamard_dictionary(n);
  const auto moved = [&](std::size_t r, std::size_t j, double by) {
    Array64 W = A;
    W(r, j) += by;
    expected_step(W, sparse_expected_gradient(W, A, codes, sigma), zeta, true);
    return W;
  };
  double trace = 0;
  for (std::size_t j = 0; j < m; ++j)
    for (std::size_t r = 0; r < n; ++r)
      trace += (moved(r, j, h)(r, j) - moved(r, j, -h)(r, j)) / (2 * h);
  const double rho = trace / static_cast<double>(m * (n - 1));  // nothing is left along the atom
  const double D = 1 - zeta * tight_frame_coefficient(A, codes, sigma);
  const auto floor =
      incoherent_sgd_floor(n, m, codes, sigma, data::coherence(A).mean_square, zeta, batch);
  const double kept = (1 - 0.6 * 0.6) / (1 - rho * rho);
  CHECK(floor.refined / floor.leading_order == doctest::Approx(std::sqrt(kept) / D).epsilon(1e-6));
  CHECK(floor.refined > 1.01 * floor.leading_order);
}

// The floors that the handbook's figures of merit list (their own closed forms, double).
TEST_CASE("generative floors: those predicted for the reference runs") {
  const auto floor_of = [](const char* name) {
    return golden_generative::golden_case(name)["outputs"]["predicted_rms_sgd_floor"].get<double>();
  };
  const double kappa2 = 7.0 / 3, zeta = 0.25 * 64 / (4 * kappa2);
  CHECK(mixture_sgd_floor(64, 32, 0.05, 0.5, -0.5, 4096) ==
        doctest::Approx(floor_of("figure_P1_mog_orthonormal")).epsilon(1e-12));
  CHECK(sparse_sgd_floor(64, 64, {4, 0, 1}, 0.02, 8, 4096) ==
        doctest::Approx(floor_of("figure_P3_sparse_dct")).epsilon(1e-12));
  CHECK(incoherent_sgd_floor(64, 128, {3, 0, 1}, 0.02, 1.0 / 127, 0.5 * 128 / 3, 4096)
            .leading_order ==
        doctest::Approx(floor_of("figure_P4_sparse_identity_hadamard")).epsilon(1e-12));
  CHECK(nonnegative_sgd_floor(64, {4, 1.5, kappa2}, 0.02, 0.1, zeta, 4096) ==
        doctest::Approx(floor_of("figure_P6_nonneg_decaying_bias")).epsilon(1e-12));
  CHECK(nonnegative_sgd_floor(64, {4, 1.5, kappa2}, 0.02, 0.35, zeta, 4096) ==
        doctest::Approx(floor_of("figure_P7_nonneg_fixed_bias")).epsilon(1e-12));
}

namespace {

double squared_distance_to_first_axis(List w) {
  double norm = 0;
  for (const double x : w) norm += x * x;
  return 2 - 2 * w[0] / std::sqrt(norm);
}

// A unit column trained on all samples of its centre, the first axis, by the gradient of 2.2.
List trained(const std::vector<List>& samples, double b) {
  List w(samples[0].size(), 0.0);
  w[0] = 1;
  for (int step = 0; step < 200; ++step) {
    List gradient(w.size(), 0.0);
    for (const List& x : samples) {
      const double h = std::inner_product(x.begin(), x.end(), w.begin(), 0.0), code = h + b;
      const double left = h - code;  // of the residual x - code w, along w
      for (std::size_t r = 0; r < w.size(); ++r)
        gradient[r] -= (code * (x[r] - code * w[r]) + left * x[r]) / double(samples.size());
    }
    double norm = 0;
    for (std::size_t r = 0; r < w.size(); ++r) w[r] -= 0.5 * gradient[r], norm += w[r] * w[r];
    for (double& x : w) x /= std::sqrt(norm);
  }
  return w;
}

}  // namespace

// The mean of 250 squared distances with 19 degrees of freedom each is known to 2 %.
TEST_CASE("generative dynamics: a centre of finite data is known worse than its sample mean") {
  const std::size_t n = 20, count = 200, sets = 250;
  const double sigma = 0.5;
  std::mt19937_64 draw(1);
  std::normal_distribution<double> normal(0, sigma);
  double of_training = 0, of_mean = 0;
  for (std::size_t set = 0; set < sets; ++set) {
    std::vector<List> samples(count, List(n));
    List mean(n, 0.0);
    for (List& x : samples)
      for (std::size_t r = 0; r < n; ++r) mean[r] += x[r] = (r == 0 ? 1 : 0) + normal(draw);
    of_training += squared_distance_to_first_axis(trained(samples, -0.5)) / sets;
    of_mean += squared_distance_to_first_axis(mean) / sets;
  }
  CAPTURE(of_training);
  CAPTURE(of_mean);
  const double floor = mixture_finite_floor(n, 1, sigma, count);
  CHECK(floor * floor == doctest::Approx(1.25 * 0.25 * 19 / 200).epsilon(1e-12));
  CHECK(of_training == doctest::Approx(floor * floor).epsilon(0.06));
  CHECK(of_mean == doctest::Approx(floor * floor / 1.25).epsilon(0.06));
}

TEST_CASE("generative dynamics: outside the domain the reason is given") {
  CHECK_THROWS_AS(sparse_rates({2, 0.1, 1}, 4, 0), std::domain_error);
  CHECK_THROWS_AS(sparse_spectrum({2, 0, 1}, 3, 4, 0), std::domain_error);
  CHECK_THROWS_AS(nonnegative_rates({1, 1, 1}, 1, 0), std::domain_error);
  CHECK_THROWS_AS(mixture_angle_map(0, -0.5, 0.1, 3), std::domain_error);
  CHECK_THROWS_AS(mixture_norm(1, 0.1), std::domain_error);
  CHECK_THROWS_AS(radial_map(0.1, 0.1, 0, 3, Path::both), std::domain_error);
  CHECK_THROWS_AS(tight_frame_coefficient(axes(3, 2), {1, 0, 1}, 0), std::domain_error);
  CHECK_THROWS_AS(sparse_sgd_floor(64, 65, {4, 0, 1}, 0.02, 8, 4096), std::domain_error);
  CHECK_THROWS_WITH_AS(sparse_sgd_floor(64, 64, {4, 0, 1}, 0.02, 80, 4096),
                       doctest::Contains("this step size does not contract"), std::domain_error);
  CHECK_THROWS_AS(mixture_finite_floor(4, 2, 0.1, 0), std::domain_error);
  CHECK_THROWS_AS(sparse_finite_floor(4, 4, 4, 0.1, 100), std::domain_error);
  CHECK_THROWS_AS(bias_floor({2, 1.5, 2.5}, 8, 0, -0.1), std::domain_error);
  Array64 W = zeros(2, 1);
  CHECK_THROWS_AS(expected_step(W, W, 0.1, true), std::domain_error);
}
