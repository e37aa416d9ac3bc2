#include "ode.hpp"
#include "shallow_flow.hpp"
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/shallow_reduced.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace hourglass::theory {
namespace {

// One vector holds w and u of the spikes and the bulk's Q1, R1 and T0, in that order.
class ReducedFlow {
 public:
  explicit ReducedFlow(const SpikeBulkDynamics& run)
      : run_(run),
        K_(run.start.spikes.units()),
        M_(run.ell.size()),
        drift_(run.unit, run.rule, K_) {
    for (auto* product : {&FQ1_, &FR1t_, &SR1_, &ST0_}) product->resize(K_ * K_);
  }

  std::vector<double> pack(const SpikeBulk& at) const {
    std::vector<double> x;
    for (const Array64* part : {&at.spikes.w, &at.spikes.u, &at.Q1, &at.R1, &at.T0})
      x.insert(x.end(), part->data(), part->data() + part->size());
    return x;
  }
  SpikeBulk unpack(const std::vector<double>& x) const {
    SpikeBulk at;
    const double* from = x.data();
    for (Array64* part : {&at.spikes.w, &at.spikes.u, &at.Q1, &at.R1, &at.T0}) {
      const bool bulk = part != &at.spikes.w && part != &at.spikes.u;
      *part = empty64({K_, bulk ? K_ : M_});
      std::copy_n(from, part->size(), part->data());
      from += part->size();
    }
    return at;
  }

  void operator()(const std::vector<double>& x, std::vector<double>& rates, double) {
    observe(x);
    drift_.set_coefficients(run_.lr);
    spike_rates(x, rates);
    bulk_rates(x, rates);
  }

  double work() const {  // operations of a call
    const double K = static_cast<double>(K_), modes = static_cast<double>(M_);
    return (6 * K * K + 13 * K) * modes + 200 * K * K + 500 + 4 * K * K * K;
  }

  double pixel_error(const std::vector<double>& x) {
    observe(x);
    const double total = std::accumulate(run_.ell.begin(), run_.ell.end(), 0.0) +
                         static_cast<double>(run_.bulk_modes) * run_.ell_bulk;
    return total / 2 + drift_.explained_error();
  }

 private:
  std::size_t spike(std::size_t k, std::size_t tau) const { return k * M_ + tau; }
  std::size_t u_at() const { return K_ * M_; }
  std::size_t bulk_at(std::size_t which) const { return 2 * K_ * M_ + which * K_ * K_; }

  void observe(const std::vector<double>& x) {
    const double *w = x.data(), *u = w + u_at(), *Q1 = w + bulk_at(0), *R1 = w + bulk_at(1),
                 *T0 = w + bulk_at(2);
    for (std::size_t k = 0; k < K_; ++k) {
      drift_.R1[k] = R1[k * K_ + k];
      for (std::size_t tau = 0; tau < M_; ++tau)
        drift_.R1[k] += run_.ell[tau] * u[spike(k, tau)] * w[spike(k, tau)];
      for (std::size_t a = 0; a < K_; ++a) {
        double q = Q1[k * K_ + a], t = T0[k * K_ + a];
        for (std::size_t tau = 0; tau < M_; ++tau) {
          q += run_.ell[tau] * w[spike(k, tau)] * w[spike(a, tau)];
          t += u[spike(k, tau)] * u[spike(a, tau)];
        }
        drift_.Q1[k * K_ + a] = q, drift_.T0[k * K_ + a] = t;
      }
    }
    drift_.average(nullptr);
  }

  void spike_rates(const std::vector<double>& x, std::vector<double>& rates) const {
    const double *w = x.data(), *u = w + u_at();
    for (std::size_t k = 0; k < K_; ++k)
      for (std::size_t tau = 0; tau < M_; ++tau) {
        double dw = drift_.G[k] * u[spike(k, tau)];
        double du = run_.ell[tau] * drift_.G[k] * w[spike(k, tau)];
        for (std::size_t a = 0; a < K_; ++a) {
          dw += drift_.F[k * K_ + a] * w[spike(a, tau)];
          du -= drift_.S[k * K_ + a] * u[spike(a, tau)];
        }
        rates[spike(k, tau)] = run_.ell[tau] * dw;
        rates[u_at() + spike(k, tau)] = du;
      }
  }

  // A B or A B^T.
  void multiply(const std::vector<double>& A, const double* B, bool transposed,
                std::vector<double>& AB) const {
    for (std::size_t k = 0; k < K_; ++k)
      for (std::size_t l = 0; l < K_; ++l) {
        double sum = 0;
        for (std::size_t c = 0; c < K_; ++c)
          sum += A[k * K_ + c] * (transposed ? B[l * K_ + c] : B[c * K_ + l]);
        AB[k * K_ + l] = sum;
      }
  }

  void bulk_rates(const std::vector<double>& x, std::vector<double>& rates) {
    const double *Q1 = x.data() + bulk_at(0), *R1 = x.data() + bulk_at(1),
                 *T0 = x.data() + bulk_at(2), ell = run_.ell_bulk;
    double *dQ1 = rates.data() + bulk_at(0), *dR1 = rates.data() + bulk_at(1),
           *dT0 = rates.data() + bulk_at(2);
    const auto& G = drift_.G;
    multiply(drift_.F, Q1, false, FQ1_);
    multiply(drift_.F, R1, true, FR1t_);
    multiply(drift_.S, R1, false, SR1_);
    multiply(drift_.S, T0, false, ST0_);
    for (std::size_t k = 0; k < K_; ++k)
      for (std::size_t l = 0; l < K_; ++l) {
        const std::size_t i = k * K_ + l, j = l * K_ + k;
        dQ1[i] = ell * (FQ1_[i] + FQ1_[j] + G[k] * R1[i] + G[l] * R1[j]);
        dR1[i] = ell * (FR1t_[j] + ell * T0[i] * G[l] + G[k] * Q1[i]) - SR1_[i];
        dT0[i] = G[k] * R1[j] + G[l] * R1[i] - ST0_[i] - ST0_[j];
      }
  }

  const SpikeBulkDynamics& run_;
  std::size_t K_, M_;
  shallow::Drift drift_;
  std::vector<double> FQ1_, FR1t_, SR1_, ST0_;
};

void require_valid(const SpikeBulkDynamics& run) {
  const std::size_t K = run.start.spikes.units();
  require(K > 0, "w", 0, "expected at least one unit");
  require_shape("w", run.start.spikes.w, {K, run.ell.size()});
  require_shape("u", run.start.spikes.u, {K, run.ell.size()});
  for (const Array64* bulk : {&run.start.Q1, &run.start.R1, &run.start.T0})
    require_shape("bulk", *bulk, {K, K});
  require(run.start.spikes.b.empty() && run.start.spikes.d.empty(), "biases", 1,
          "the reduction is without biases");
  require(run.rule == Rule::vanilla || run.rule == Rule::truncated, "rule", 0,
          "the reduction is for untied weights");
  require(run.lr > 0, "lr", run.lr, "a learning rate is > 0");
  require(run.ell_bulk >= 0, "ell_bulk", run.ell_bulk, "an eigenvalue of a covariance is >= 0");
  for (const double x : run.ell) require(x >= 0, "ell", x, "an eigenvalue of a covariance is >= 0");
}

}  // namespace

SpikeBulk SpikeBulkDynamics::rates() const {
  require_valid(*this);
  ReducedFlow flow(*this);
  const std::vector<double> x = flow.pack(start);
  std::vector<double> change(x.size());
  flow(x, change, 0);
  return flow.unpack(change);
}

double SpikeBulkDynamics::pixel_error() const {
  require_valid(*this);
  ReducedFlow flow(*this);
  return flow.pixel_error(flow.pack(start));
}

std::vector<SpikeBulkMoment> SpikeBulkDynamics::integrate(const std::vector<double>& times,
                                                          const Accuracy& accuracy) const {
  require_valid(*this);
  ReducedFlow flow(*this);
  std::vector<SpikeBulkMoment> moments;
  ode::integrate({std::ref(flow), flow.work()}, flow.pack(start), times, accuracy,
                 [&](double t, const auto& x) {
                   moments.push_back({t, flow.pixel_error(x), flow.unpack(x)});
                 });
  return moments;
}

SpikeBulkDynamics reduced(const ShallowDynamics& full, std::size_t spikes) {
  const std::size_t D = full.ell.size(), K = full.start.units();
  require(spikes < D, "spikes", spikes, "expected fewer than the modes");
  require_shape("w", full.start.w, {K, D});
  require_shape("u", full.start.u, {K, D});
  const double ell = full.ell[spikes];
  for (std::size_t tau = spikes; tau < D; ++tau)
    require(std::abs(full.ell[tau] - ell) <= 1e-12 * ell, "ell", full.ell[tau],
            "the modes of the bulk have one eigenvalue");
  SpikeBulkDynamics run{full.unit, full.rule, full.lr, {}, ell, D - spikes, {}};
  run.ell.assign(full.ell.begin(), full.ell.begin() + static_cast<std::ptrdiff_t>(spikes));
  Amplitudes bulk =
      run.start.spikes = {empty64({K, spikes}), empty64({K, spikes}), full.start.b, full.start.d};
  bulk.w = bulk.u = empty64({K, D - spikes});
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t tau = 0; tau < D; ++tau) {
      Amplitudes& to = tau < spikes ? run.start.spikes : bulk;
      const std::size_t column = tau < spikes ? tau : tau - spikes;
      to.w(k, column) = full.start.w(k, tau), to.u(k, column) = full.start.u(k, tau);
    }
  const OrderParameters sums = order_parameters(std::vector<double>(D - spikes, ell), bulk);
  run.start.Q1 = sums.Q1, run.start.R1 = sums.R1, run.start.T0 = sums.T0;
  require_valid(run);
  return run;
}

}  // namespace hourglass::theory
