#pragma once

#include <hourglass/core/array.hpp>

#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Nonlinear autoencoders under small noise, and the optimal denoiser: docs/theory/linear.md,
// sections 10 and 11. Arguments outside their domain throw DomainError.

// Value and derivatives of an activation at one point, up to order 4.
struct ActivationJet {
  double f[5];
};
using Activation = ActivationJet (*)(double z);
ActivationJet tanh_jet(double z);
ActivationJet identity_jet(double z);

// r(x) = W2 phi(W1 x + b), with W1 H x D, b of length H, W2 D x H.
struct ShallowReconstruction {
  Array64 W1;
  std::vector<double> b;
  Array64 W2;
  Activation activation;

  std::vector<double> operator()(const std::vector<double>& x) const;  // D numbers
};

// E 1/2 |r(x + sigma z) - x|^2 = clean + sigma^2 c2 + sigma^4 c4 + O(sigma^6) for one sample
// (Bishop 1995; Alain & Bengio 2014 keep the first term of c2). jacobian = 1/2 |J|_F^2 is the
// contractive penalty, without e . Laplacian of r, which is not small early in training.
struct SmallNoiseExpansion {
  double clean, c2, c4, jacobian;
};
SmallNoiseExpansion small_noise_expansion(const ShallowReconstruction& r,
                                          const std::vector<double>& x);

// The same expectation by a 60-point Gauss-Hermite rule a direction; D <= 3, sigma >= 0.
double exact_noisy_loss(const ShallowReconstruction& r, const std::vector<double>& x, double sigma);

// E[x | x~] = x~ + sigma^2 d/dx~ ln p_sigma(x~) for a mixture of Gaussians in one dimension
// (Tweedie's formula; Alain & Bengio 2014 for sigma -> 0). Variances >= 0, weights > 0 and of any
// sum, sigma > 0.
struct GaussianMixture {
  std::vector<double> means, variances, weights;
};
double optimal_denoiser(const GaussianMixture& p, double sigma, double x);

// Its loss, the least of any function: 1/2 (sigma^2 - sigma^4 E |d/dx~ ln p_sigma|^2), by adaptive
// quadrature, relative accuracy 1e-9.
double optimal_denoising_loss(const GaussianMixture& p, double sigma);

// Loss of the best function for Gaussian data: 1/2 sum lambda sigma2/(lambda + sigma2).
double gaussian_denoising_loss(const std::vector<double>& lambdas, double sigma2);

// Constants in the convention of section 0 of a run whose loss is the mean over samples and D
// features and whose optimiser adds weight_decay W to the gradient.
struct EffectiveConstants {
  double alpha, gamma, sigma2;
};
EffectiveConstants effective_constants(double D, double learning_rate, double weight_decay,
                                       double noise_std);

}  // namespace theory
}  // namespace hourglass
