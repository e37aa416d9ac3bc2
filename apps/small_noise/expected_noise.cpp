#include "expected_noise.hpp"

#include <hourglass/core/spectral.hpp>
#include <hourglass/model/losses.hpp>

#include <cmath>

namespace hourglass {

NormalRule normal_rule(std::size_t points) {
  Array64 jacobi = empty64({points, points});
  jacobi.fill(0);
  for (std::size_t k = 1; k < points; ++k)
    jacobi(k, k - 1) = jacobi(k - 1, k) = std::sqrt(static_cast<double>(k));
  const Eigenpairs pairs = eigh(jacobi);
  NormalRule rule{pairs.values, {}};
  for (std::size_t k = 0; k < points; ++k)
    rule.weights.push_back(pairs.vectors(0, k) * pairs.vectors(0, k));
  return rule;
}

NoisyRows noisy_rows(const Array64& x, double sigma, const NormalRule& rule) {
  const auto [N, D] = shape_of(x);
  const std::size_t points = rule.nodes.size();
  std::size_t total = 1;
  for (std::size_t j = 0; j < D; ++j) total *= points;
  NoisyRows rows{empty({N * total, D}), empty({N * total, D}), empty({N * total, 1})};
  for (std::size_t n = 0, row = 0; n < N; ++n)
    for (std::size_t node = 0; node < total; ++node, ++row) {
      double weight = 1;
      for (std::size_t j = 0, digits = node; j < D; ++j, digits /= points) {
        rows.clean(row, j) = static_cast<Real>(x(n, j));
        rows.noisy(row, j) = static_cast<Real>(x(n, j) + sigma * rule.nodes[digits % points]);
        weight *= rule.weights[digits % points];
      }
      rows.weights(row, 0) = static_cast<Real>(weight);
    }
  return rows;
}

NoisyRows noisy_mixture(const theory::GaussianMixture& p, double sigma, const NormalRule& rule) {
  const std::size_t points = rule.nodes.size(), total = p.means.size() * points * points;
  NoisyRows rows{empty({total, 1}), empty({total, 1}), empty({total, 1})};
  for (std::size_t k = 0, row = 0; k < p.means.size(); ++k)
    for (std::size_t i = 0; i < points; ++i)
      for (std::size_t j = 0; j < points; ++j, ++row) {
        const double x = p.means[k] + std::sqrt(p.variances[k]) * rule.nodes[i];
        rows.clean(row, 0) = static_cast<Real>(x);
        rows.noisy(row, 0) = static_cast<Real>(x + sigma * rule.nodes[j]);
        rows.weights(row, 0) = static_cast<Real>(p.weights[k] * rule.weights[i] * rule.weights[j]);
      }
  return rows;
}

double expected_denoising_loss(const Autoencoder& model, const NoisyRows& rows) {
  Tape tape;
  tape.begin();
  const Var y = model.reconstruct(tape.constant(rows.noisy));
  const Var errors = squared_errors(y, tape.constant(rows.clean));
  return weighted_mean(errors, tape.constant(rows.weights)).item() / 2;
}

}  // namespace hourglass
