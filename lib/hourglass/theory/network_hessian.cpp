#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/network_hessian.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::theory {
namespace {

// Constants of the minimum: the gradient of the loss in W is diagonal, G_i = xi_i w_i - lambda_i.
struct Minimum {
  std::vector<double> xi, w, G, gamma;
  std::size_t H, D;

  Minimum(const std::vector<double>& lambdas, double sigma2, const std::vector<double>& gammas)
      : gamma(gammas), H(gammas.size()), D(lambdas.size()) {
    for (std::size_t i = 0; i < D; ++i) {
      const double drive = i < H ? std::max(0.0, lambdas[i] - gammas[i]) : 0;
      xi.push_back(lambdas[i] + sigma2);
      w.push_back(drive > 0 ? drive / xi[i] : 0);
      G.push_back(xi[i] * w[i] - lambdas[i]);
    }
  }

  // Weights of unit i on its own mode.
  void own_mode(std::size_t i, std::vector<double>& all) const {
    const double middle = xi[i] * w[i] + gamma[i], gap = xi[i] * w[i] + G[i];
    all.insert(all.end(), {middle - gap, middle + gap});
  }
  // Weights of units i and j on each other's mode, in the order P_ij, Q_ij, P_ji, Q_ji.
  void pair(std::size_t i, std::size_t j, std::vector<double>& all) const {
    const double root = std::sqrt(w[i] * w[j]);
    const Array64 block{{xi[j] * w[j] + gamma[j], xi[j] * root, 0, G[i]},
                        {xi[j] * root, xi[j] * w[i] + gamma[i], G[j], 0},
                        {0, G[j], xi[i] * w[i] + gamma[i], xi[i] * root},
                        {G[i], 0, xi[i] * root, xi[i] * w[j] + gamma[j]}};
    const auto values = eigh(block).values;
    all.insert(all.end(), values.begin(), values.end());
  }
  // Weights of unit j on a mode i that no unit carries.
  void free_mode(std::size_t i, std::size_t j, std::vector<double>& all) const {
    const double a = xi[j] * w[j] + gamma[j], b = xi[i] * w[j] + gamma[j];
    const double half_gap = std::hypot((a - b) / 2, G[i]);
    all.insert(all.end(), {(a + b) / 2 - half_gap, (a + b) / 2 + half_gap});
  }
};

}  // namespace

std::vector<double> network_hessian_eigenvalues(const std::vector<double>& lambdas, double sigma2,
                                                const std::vector<double>& gammas) {
  const double H = static_cast<double>(gammas.size());
  require(!gammas.empty() && gammas.size() <= lambdas.size(), "H", H,
          "hidden units number between 1 and D");
  require(sigma2 >= 0, "sigma2", sigma2, "a noise variance is >= 0");
  for (std::size_t i = 0; i < lambdas.size(); ++i)
    require(lambdas[i] >= 0 && (i == 0 || lambdas[i] <= lambdas[i - 1]), "lambdas", lambdas[i],
            "eigenvalues are >= 0 and come largest first");
  for (const double gamma : gammas) require(gamma >= 0, "gamma", gamma, "a weight decay is >= 0");
  const Minimum minimum(lambdas, sigma2, gammas);
  std::vector<double> all;
  for (std::size_t j = 0; j < minimum.H; ++j) {
    minimum.own_mode(j, all);
    for (std::size_t i = 0; i < j; ++i) minimum.pair(i, j, all);
    for (std::size_t i = minimum.H; i < minimum.D; ++i) minimum.free_mode(i, j, all);
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<double> network_hessian_eigenvalues(const std::vector<double>& lambdas, double sigma2,
                                                double gamma, std::size_t H) {
  require(H <= lambdas.size(), "H", H, "hidden units number between 1 and D");
  return network_hessian_eigenvalues(lambdas, sigma2, std::vector<double>(H, gamma));
}

}  // namespace hourglass::theory
