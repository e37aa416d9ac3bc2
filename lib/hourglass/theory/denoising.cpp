#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/denoising.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/math/quadrature/gauss_kronrod.hpp>

namespace hourglass::theory {
namespace {

void require_valid(const ShallowReconstruction& r, const std::vector<double>& x) {
  const Shape shape = shape_of(r.W1);
  require_shape("W2", r.W2, {shape.columns, shape.rows});
  require(r.b.size() == shape.rows, "length of b", r.b.size(), "there is one bias a hidden unit");
  require(x.size() == shape.columns, "length of x", x.size(), "x has D entries");
}

std::vector<double> hidden_inputs(const ShallowReconstruction& r, const std::vector<double>& x) {
  std::vector<double> z = r.b;
  for (std::size_t h = 0; h < z.size(); ++h)
    for (std::size_t j = 0; j < x.size(); ++j) z[h] += r.W1(h, j) * x[j];
  return z;
}

double half_squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum / 2;
}

// Nodes and weights for the standard normal: eigenpairs of its Jacobi matrix (Golub & Welsch).
struct HermiteRule {
  std::vector<double> nodes, weights;
  explicit HermiteRule(std::size_t points) {
    Array64 jacobi = diagonal(std::vector<double>(points, 0.0));
    for (std::size_t k = 1; k < points; ++k)
      jacobi(k, k - 1) = jacobi(k - 1, k) = std::sqrt(static_cast<double>(k));
    const Eigenpairs pairs = eigh(jacobi);
    nodes = pairs.values;
    for (std::size_t k = 0; k < points; ++k)
      weights.push_back(pairs.vectors(0, k) * pairs.vectors(0, k));
  }
};

}  // namespace

ActivationJet tanh_jet(double z) {
  const double y = std::tanh(z), d = 1 - y * y;
  return {{y, d, -2 * y * d, d * (6 * y * y - 2), 8 * y * d * (2 - 3 * y * y)}};
}

ActivationJet identity_jet(double z) { return {{z, 1, 0, 0, 0}}; }

std::vector<double> ShallowReconstruction::operator()(const std::vector<double>& x) const {
  require_valid(*this, x);
  const std::vector<double> z = hidden_inputs(*this, x);
  std::vector<double> output(x.size(), 0.0);
  for (std::size_t h = 0; h < z.size(); ++h) {
    const double code = activation(z[h]).f[0];
    for (std::size_t k = 0; k < output.size(); ++k) output[k] += W2(k, h) * code;
  }
  return output;
}

// Every derivative of r_k is sum_h W2_kh phi^(n)_h times a product of rows of W1, so the sums over
// k are quadratic forms in S = W2^T W2 and the Gram matrix of the rows.
SmallNoiseExpansion small_noise_expansion(const ShallowReconstruction& r,
                                          const std::vector<double>& x) {
  const std::vector<double> output = r(x), z = hidden_inputs(r, x);
  const Array64 S = product(transposed(r.W2), r.W2), rows = product(r.W1, transposed(r.W1));
  double jacobian = 0, hessian = 0, gradient = 0, laplacian = 0, bent = 0, bent_twice = 0;
  for (std::size_t h = 0; h < z.size(); ++h) {
    const ActivationJet a = r.activation(z[h]);
    const double n = rows(h, h);
    double error = 0;
    for (std::size_t k = 0; k < x.size(); ++k) error += r.W2(k, h) * (output[k] - x[k]);
    bent += error * a.f[2] * n;
    bent_twice += error * a.f[4] * n * n;
    for (std::size_t g = 0; g < z.size(); ++g) {
      const ActivationJet b = r.activation(z[g]);
      const double m = rows(g, g), overlap = rows(h, g);
      jacobian += S(h, g) * a.f[1] * b.f[1] * overlap;
      hessian += S(h, g) * a.f[2] * b.f[2] * overlap * overlap;
      gradient += S(h, g) * a.f[1] * b.f[3] * m * overlap;
      laplacian += S(h, g) * a.f[2] * n * b.f[2] * m;
    }
  }
  return {half_squared_distance(output, x), jacobian / 2 + bent / 2,
          hessian / 4 + gradient / 2 + laplacian / 8 + bent_twice / 8, jacobian / 2};
}

double exact_noisy_loss(const ShallowReconstruction& r, const std::vector<double>& x,
                        double sigma) {
  require_valid(r, x);
  require(sigma >= 0, "sigma", sigma, "a standard deviation is >= 0");
  require(x.size() <= 3, "D", x.size(), "the rule has 60^D nodes; D <= 3");
  static const HermiteRule rule(60);
  const std::size_t points = rule.nodes.size();
  std::size_t total = 1;
  for (std::size_t j = 0; j < x.size(); ++j) total *= points;
  spend(static_cast<double>(total) * (500 + 150 * static_cast<double>(r.b.size())), "sigma", sigma);
  double loss = 0;
  for (std::size_t node = 0; node < total; ++node) {
    std::vector<double> noisy = x;
    double weight = 1;
    for (std::size_t j = 0, digits = node; j < x.size(); ++j, digits /= points) {
      noisy[j] += sigma * rule.nodes[digits % points];
      weight *= rule.weights[digits % points];
    }
    loss += weight * half_squared_distance(r(noisy), x);
  }
  return loss;
}

namespace {

// What x + noise says about x: each component's share, and the mean it gives x.
struct Posterior {
  std::vector<double> shares, means;
  double mean = 0;
};

// As m s + x v over v + s, and not x plus a correction, which cancels where the noise is large.
Posterior posterior_of(const GaussianMixture& p, double sigma, double x) {
  const std::size_t n = p.means.size();
  require(n > 0 && p.variances.size() == n && p.weights.size() == n, "components", n,
          "means, variances and weights have one entry a component");
  require(sigma > 0, "sigma", sigma, "the noise has a standard deviation > 0");
  require_finite("x", x);
  spend(100 * static_cast<double>(n), "components", n);
  const double s = sigma * sigma;
  Posterior result;
  std::vector<double> log_density;
  for (std::size_t k = 0; k < n; ++k) {
    require(p.variances[k] >= 0, "variances", p.variances[k], "a variance is >= 0");
    require(p.weights[k] > 0, "weights", p.weights[k], "a weight is > 0");
    require_finite("means", p.means[k]);
    const double v = p.variances[k] + s, d = x - p.means[k];
    log_density.push_back(std::log(p.weights[k]) - std::log(v) / 2 - d * d / (2 * v));
    result.means.push_back((p.means[k] * s + x * p.variances[k]) / v);
  }
  const double largest = *std::max_element(log_density.begin(), log_density.end());
  double total = 0;
  for (const double log : log_density) {
    result.shares.push_back(std::exp(log - largest));
    total += result.shares.back();
  }
  for (std::size_t k = 0; k < n; ++k) {
    result.shares[k] /= total;
    result.mean += result.shares[k] * result.means[k];
  }
  return result;
}

// Of x, given x + noise: a sum of terms that are not negative.
double posterior_variance(const GaussianMixture& p, double sigma, double x) {
  const Posterior posterior = posterior_of(p, sigma, x);
  double variance = 0;
  for (std::size_t k = 0; k < p.means.size(); ++k) {
    const double v = p.variances[k], away = posterior.means[k] - posterior.mean;
    variance += posterior.shares[k] * (v * sigma / (v + sigma * sigma) * sigma + away * away);
  }
  return variance;
}

}  // namespace

double optimal_denoiser(const GaussianMixture& p, double sigma, double x) {
  return posterior_of(p, sigma, x).mean;
}

// Component by component, each over ten of its standard deviations: its tail beyond is 1e-23.
double optimal_denoising_loss(const GaussianMixture& p, double sigma) {
  using Rule = boost::math::quadrature::gauss_kronrod<double, 31>;
  double total = 0, loss = 0;
  for (std::size_t k = 0; k < p.means.size(); ++k) {
    optimal_denoiser(p, sigma, p.means[k]);  // checks the arguments
    const double deviation = std::sqrt(p.variances[k] + sigma * sigma);
    const auto density_times_variance = [&](double z) {
      return std::exp(-z * z / 2) * posterior_variance(p, sigma, p.means[k] + deviation * z);
    };
    loss += p.weights[k] * Rule::integrate(density_times_variance, -10.0, 10.0, 15, 1e-11) /
            std::sqrt(2 * std::numbers::pi);
    total += p.weights[k];
  }
  require(total > 0, "components", 0, "a mixture has at least one");
  return loss / total / 2;
}

double gaussian_denoising_loss(const std::vector<double>& lambdas, double sigma2) {
  require(sigma2 >= 0, "sigma2", sigma2, "a noise variance is >= 0");
  double loss = 0;
  for (const double lambda : lambdas) {
    require(lambda >= 0, "lambdas", lambda, "eigenvalues of a covariance are >= 0");
    if (lambda > 0) loss += lambda * sigma2 / (lambda + sigma2) / 2;
  }
  return loss;
}

EffectiveConstants effective_constants(double D, double learning_rate, double weight_decay,
                                       double noise_std) {
  require(D >= 1, "D", D, "there is at least one feature");
  require(learning_rate > 0, "learning_rate", learning_rate, "a learning rate is > 0");
  require(weight_decay >= 0, "weight_decay", weight_decay, "a weight decay is >= 0");
  require(noise_std >= 0, "noise_std", noise_std, "a standard deviation is >= 0");
  return {2 * learning_rate / D, weight_decay * D / 2, noise_std * noise_std};
}

}  // namespace hourglass::theory
