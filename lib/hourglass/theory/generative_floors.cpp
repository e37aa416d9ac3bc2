#include <hourglass/theory/generative_domain.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/generative_floors.hpp>

namespace hourglass::theory {
namespace {

void require_samples(const char* argument, double count) {
  require(count >= 1, argument, count, "expected at least one sample");
}

void require_orthonormal(std::size_t n, std::size_t m) {
  require(n >= m && m >= 1, "n", n, "an orthonormal dictionary has n >= m");
}

// Sum over steps of what is left of one step's noise: 1/(1 - rho^2).
double memory(double rho) {
  require(std::abs(rho) < 1, "contraction of a step", rho, "this step size does not contract");
  return 1 / (1 - rho * rho);
}

}  // namespace

double mixture_sgd_floor(std::size_t n, std::size_t m, double sigma, double c, double b,
                         double batch) {
  require(n >= 1 && m >= 1, "n", n, "expected n, m >= 1");
  require_noise(sigma);
  require_samples("batch", batch);
  const double rho = mixture_contraction(c, b), D = 1 + c * (1 - (1 + b) * (1 + b));
  const double noise = sigma * sigma, atoms = static_cast<double>(m);
  const double V = (1 + noise) * noise * static_cast<double>(n - 1) / atoms;
  return c * atoms / D * std::sqrt(V / batch * memory(rho));
}

double sparse_sgd_floor(std::size_t n, std::size_t m, const SparseCodes& codes, double sigma,
                        double zeta, double batch) {
  require_orthonormal(n, m);
  require_samples("batch", batch);
  const SparseRates rates = sparse_rates(codes, m, sigma);
  const auto q = support_probabilities(codes.k, m);
  const auto left = [zeta](double rate) { return memory(1 - zeta * rate); };
  const double inside = static_cast<double>(m - 1) * (q[1] - q[2]) / 2 *
                        (left(rates.antisymmetric) + left(rates.symmetric));
  const double outside = static_cast<double>(n - m) * q[1] * left(rates.out_of_span);
  const double noise = sigma * sigma;
  return zeta * std::sqrt(noise * (codes.kappa2 + noise) * (inside + outside) / batch);
}

IncoherentSgdFloor incoherent_sgd_floor(std::size_t n, std::size_t m, const SparseCodes& codes,
                                        double sigma, double squared_overlap, double zeta,
                                        double batch) {
  require_codes(codes, m);
  require(n >= codes.k, "n", n, "expected n >= k");
  require_noise(sigma);
  require(squared_overlap >= 0 && squared_overlap <= 1, "squared overlap", squared_overlap,
          "unit atoms have overlaps between -1 and 1");
  require_samples("batch", batch);
  const auto q = support_probabilities(codes.k, m);
  const double q1 = q[1], q2 = q[2], k = static_cast<double>(codes.k);
  const double kappa2 = codes.kappa2, noise = sigma * sigma;
  const double V = q1 * (noise * (kappa2 + noise) * (static_cast<double>(n) - k) +
                         2 * k * (k - 1) * kappa2 * kappa2 * squared_overlap);
  // Overlaps that an atom has with all others: T - 1 for a tight frame.
  const double s = static_cast<double>(m - 1) * squared_overlap;
  const double D = 1 - 2 * zeta * q2 * (2 * kappa2 + noise) * s;
  const double rate = q1 * kappa2 + q2 * (kappa2 * (1 + 2 * s) + 2 * noise * (1 + s));
  require(D > 0, "norm of a column after a step", D, "this step size is too large");
  const double rho = (1 - zeta * rate) / D;
  const double growth = zeta * zeta / (D * D) * q1 * (k - 1) * kappa2 * kappa2 / batch;
  return {zeta * std::sqrt(V / batch * memory(1 - zeta * q1 * kappa2)),
          zeta / D * std::sqrt(V / batch * memory(std::sqrt(rho * rho + growth))), growth};
}

double nonnegative_sgd_floor(std::size_t m, const SparseCodes& codes, double sigma, double beta,
                             double zeta, double batch) {
  require(beta >= 0, "beta", beta, "the bias is -beta, beta >= 0");
  require_samples("batch", batch);
  const NonnegativeRates rates = nonnegative_rates(codes, m, sigma);
  const auto q = support_probabilities(codes.k, m);
  const double v = codes.kappa2 - codes.kappa1 * codes.kappa1, noise = sigma * sigma;
  const double kept_s = memory(1 - zeta * rates.symmetric);
  const double from_noise = noise * (codes.kappa2 + noise) * static_cast<double>(m - 1) *
                            (q[1] - q[2]) / 2 * (memory(1 - zeta * rates.antisymmetric) + kept_s);
  const double pull = 2 * codes.kappa1 - beta;
  const double from_bias =
      q[1] * (static_cast<double>(codes.k) - 1) * beta * beta * (pull * pull + 2 * v) * kept_s;
  const double D = 1 + zeta * q[1] * beta * pull;
  return zeta / D * std::sqrt((from_noise + from_bias) / batch);
}

double mixture_finite_floor(std::size_t n, std::size_t m, double sigma, double N) {
  require(n >= 1 && m >= 1, "n", n, "expected n, m >= 1");
  require_noise(sigma);
  require_samples("N", N);
  const double noise = sigma * sigma;
  return std::sqrt((1 + noise) * noise * static_cast<double>(n - 1) * static_cast<double>(m) / N);
}

double sparse_finite_floor(std::size_t n, std::size_t m, std::size_t k, double sigma, double N) {
  require_orthonormal(n, m);
  require_samples("N", N);
  const SparseRates rates = sparse_rates({.k = k}, m, sigma);
  const auto q = support_probabilities(k, m);
  const auto inverse_square = [](double rate) {
    require(rate > 0, "rate of a rotation", rate, "with k = m the dictionary is not identified");
    return 1 / (rate * rate);
  };
  const double inside =
      m == 1 ? 0
             : static_cast<double>(m - 1) * (q[1] - q[2]) / 2 *
                   (inverse_square(rates.antisymmetric) + inverse_square(rates.symmetric));
  const double noise = sigma * sigma;
  return std::sqrt(noise * (1 + noise) / N * (inside + static_cast<double>(n - m) / q[1]));
}

}  // namespace hourglass::theory
