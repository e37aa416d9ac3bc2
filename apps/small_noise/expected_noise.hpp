#pragma once

#include <hourglass/model/autoencoder.hpp>
#include <hourglass/theory/denoising.hpp>

#include <cstddef>
#include <vector>

// Denoising losses without sampling: the noise of each row, and where wanted the data, on the nodes
// of a Gauss-Hermite rule, which an autoencoder on the tape then sees as weighted rows.
namespace hourglass {

// Nodes and weights for the standard normal (Golub & Welsch 1969): exact for polynomials of degree
// 2 points - 1.
struct NormalRule {
  std::vector<double> nodes, weights;
};
NormalRule normal_rule(std::size_t points);

// Inputs with the rows that they come from; the weights (Bx1) add up to the number of rows or to 1.
struct NoisyRows {
  Array noisy, clean, weights;
};

// Each row of `x` (N x D) with noise N(0, sigma^2) in every entry, points^D nodes a row.
NoisyRows noisy_rows(const Array64& x, double sigma, const NormalRule& rule);

// x from the mixture and x + sigma z, points^2 nodes a component; the mixture's weights have any
// sum.
NoisyRows noisy_mixture(const theory::GaussianMixture& p, double sigma, const NormalRule& rule);

// E 1/2 |r(x~) - x|^2 through the tape.
double expected_denoising_loss(const Autoencoder& model, const NoisyRows& rows);

}  // namespace hourglass
