#include <hourglass/core/spectral.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/linear.hpp>
#include <hourglass/theory/linear_network.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass::theory {
namespace {

// Rows v_i^T W1^T and v_i^T W2 for every mode: k x H each.
struct ModeRows {
  Array64 encoder, decoder;
  ModeRows(const Array64& W1, const Array64& W2, const Array64& V) {
    require_shape("W2", W2, {W1.shape()[1], W1.shape()[0]});
    require_shape("V", V, {W1.shape()[1], V.shape()[1]});
    encoder = product(transposed(V), transposed(W1));
    decoder = product(transposed(V), W2);
  }
  std::size_t modes() const { return encoder.shape()[0]; }
  std::size_t width() const { return encoder.shape()[1]; }
};

// Removes from row i of `rows` its part along the orthonormal rows before it.
void project_out(Array64& rows, std::size_t i) {
  const std::size_t H = rows.shape()[1];
  for (std::size_t k = 0; k < i; ++k) {
    double along = 0;
    for (std::size_t h = 0; h < H; ++h) along += rows(k, h) * rows(i, h);
    for (std::size_t h = 0; h < H; ++h) rows(i, h) -= along * rows(k, h);
  }
}

double squared_norm(const Array64& rows, std::size_t i) {
  double sum = 0;
  for (std::size_t h = 0; h < rows.shape()[1]; ++h) sum += rows(i, h) * rows(i, h);
  return sum;
}

// Steps since the previous one, in [0, 1], at which ln(u/(u* - u)) passes that of `level`. A mode
// that starts without the sign of its end is interpolated in u itself.
double fraction_of_step(double before, double now, double level, double end) {
  if (before <= 0 || now >= end) return (level - before) / (now - before);
  const auto logit = [&](double u) { return std::log(u / (end - u)); };
  return (logit(level) - logit(before)) / (logit(now) - logit(before));
}

std::vector<double> diagonal_strengths(const LinearNetwork& net) {
  const std::size_t H = net.W1.shape()[0], D = net.W1.shape()[1];
  std::vector<double> u(D, 0.0);
  for (std::size_t i = 0; i < D; ++i)
    for (std::size_t h = 0; h < H; ++h) u[i] += net.W2(i, h) * net.W1(h, i);
  return u;
}

BalancedMode mode_of(double lambda, double sigma2, double gamma, double alpha, double u0) {
  return {.lambda = lambda, .sigma2 = sigma2, .gamma = gamma, .alpha = alpha, .u0 = u0};
}

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

// Modified Gram-Schmidt, twice: the second pass removes what rounding left along earlier rows.
std::vector<double> effective_strengths(const Array64& W1, const Array64& W2, const Array64& V) {
  const ModeRows rows(W1, W2, V);
  Array64 m = (rows.encoder + rows.decoder) / 2;
  require_finite("W1 v + W2^T v", m);
  std::vector<double> strengths(rows.modes(), 0.0);
  for (std::size_t i = 0; i < std::min(rows.modes(), rows.width()); ++i) {
    const double whole = squared_norm(m, i);
    for (int pass = 0; pass < 2; ++pass) project_out(m, i);
    const double left = squared_norm(m, i);
    const bool independent = left > 1e-28 * whole;  // the rest of a dependent one is rounding
    strengths[i] = independent ? left : 0;
    const double scale = independent ? 1 / std::sqrt(left) : 0;
    for (std::size_t h = 0; h < rows.width(); ++h) m(i, h) *= scale;
  }
  return strengths;
}

std::vector<double> expected_strengths(std::size_t H, std::size_t modes, double s) {
  require(s >= 0, "s", s, "a standard deviation is >= 0");
  std::vector<double> strengths(modes, 0.0);
  for (std::size_t i = 0; i < std::min(H, modes); ++i)
    strengths[i] = static_cast<double>(H - i) * s * s / 2;
  return strengths;
}

std::vector<double> mode_strengths(const Array64& W1, const Array64& W2, const Array64& V) {
  const ModeRows rows(W1, W2, V);
  std::vector<double> u(rows.modes(), 0.0);
  for (std::size_t i = 0; i < rows.modes(); ++i)
    for (std::size_t h = 0; h < rows.width(); ++h) u[i] += rows.decoder(i, h) * rows.encoder(i, h);
  return u;
}

std::vector<double> mode_imbalances(const Array64& W1, const Array64& W2, const Array64& V) {
  const ModeRows rows(W1, W2, V);
  std::vector<double> c(rows.modes(), 0.0);
  for (std::size_t i = 0; i < rows.modes(); ++i)
    for (std::size_t h = 0; h < rows.width(); ++h)
      c[i] += (rows.decoder(i, h) - rows.encoder(i, h)) * (rows.decoder(i, h) + rows.encoder(i, h));
  return c;
}

void LinearNetwork::descend(const CorruptedMoments& moments, double gamma, double alpha,
                            std::size_t steps) {
  require(alpha > 0, "alpha", alpha, "a learning rate is > 0");
  // what the products do not count themselves, and before they begin
  spend(static_cast<double>(steps) * static_cast<double>(1000 + W1.size()), "steps", steps);
  for (std::size_t step = 0; step < steps; ++step) {
    const LossAndGradients at = expected_loss(moments, W1, W2, gamma);
    add(W1, -alpha, at.dW1);
    add(W2, -alpha, at.dW2);
  }
}

ModePredictions predict_modes(const std::vector<double>& lambdas, const LinearNetwork& start,
                              double sigma2, double gamma, double alpha) {
  const Array64 basis = diagonal(std::vector<double>(lambdas.size(), 1.0));
  ModePredictions predicted{effective_strengths(start.W1, start.W2, basis), {}};
  for (std::size_t i = 0; i < lambdas.size(); ++i)
    predicted.half_times.push_back(
        mode_of(lambdas[i], sigma2, gamma, alpha, predicted.u0[i]).descent_half_time());
  return predicted;
}

std::vector<double> descent_rise_times(const std::vector<double>& lambdas, LinearNetwork start,
                                       double sigma2, double gamma, double alpha, double fraction,
                                       std::size_t max_steps) {
  require(fraction > 0 && fraction < 1, "fraction", fraction, "a fraction of u* is in (0, 1)");
  const CorruptedMoments moments = additive_noise(diagonal(lambdas), sigma2);
  const std::size_t D = lambdas.size(), H = start.W1.shape()[0];
  require_shape("W1", start.W1, {H, D});
  require_shape("W2", start.W2, {D, H});
  std::vector<double> end(D), times(D, NAN), before = diagonal_strengths(start);
  std::size_t waiting = 0;  // a mode beyond H may pass the level for a while, but is not awaited
  for (std::size_t i = 0; i < D; ++i) {
    end[i] = mode_of(lambdas[i], sigma2, gamma, alpha, 0).fixed_point();
    if (i < H && before[i] < fraction * end[i]) ++waiting;
  }
  for (std::size_t step = 0; step < max_steps && waiting > 0; ++step) {
    start.descend(moments, gamma, alpha);
    const std::vector<double> now = diagonal_strengths(start);
    for (std::size_t i = 0; i < D; ++i) {
      const double level = fraction * end[i];
      if (!(end[i] > 0 && std::isnan(times[i]) && before[i] < level && now[i] >= level)) continue;
      times[i] = static_cast<double>(step) + fraction_of_step(before[i], now[i], level, end[i]);
      if (i < H) --waiting;
    }
    before = now;
  }
  return times;
}

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
  spend(2000 * H * static_cast<double>(lambdas.size()), "H", H);  // small matrices, and memory
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
