#include "ode.hpp"
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/sanger.hpp>

#include <algorithm>

namespace hourglass::theory {
namespace {

struct SangerFlow {
  double lr;
  const std::vector<double>& ell;
  std::size_t units;

  // Unit k is deflated by units up to itself.
  void operator()(const std::vector<double>& w, std::vector<double>& rates, double) const {
    const std::size_t D = ell.size();
    for (std::size_t k = 0; k < units; ++k) {
      const double* own = w.data() + k * D;
      double* rate = rates.data() + k * D;
      for (std::size_t i = 0; i < D; ++i) rate[i] = lr * ell[i] * own[i];
      for (std::size_t a = 0; a <= k; ++a) {
        const double* other = w.data() + a * D;
        double overlap = 0;
        for (std::size_t i = 0; i < D; ++i) overlap += ell[i] * own[i] * other[i];
        for (std::size_t i = 0; i < D; ++i) rate[i] -= lr * overlap * other[i];
      }
    }
  }
};

std::vector<double> listed(const Array64& w) { return {w.data(), w.data() + w.size()}; }

Array64 shaped(const std::vector<double>& x, Shape shape) {
  Array64 w = empty64(shape);
  std::copy(x.begin(), x.end(), w.data());
  return w;
}

void require_valid(double lr, const std::vector<double>& ell, const Array64& w) {
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require_shape("w", w, {w.shape()[0], ell.size()});
  require_finite("w", w);
  for (const double x : ell) require(x >= 0, "ell", x, "an eigenvalue of a covariance is >= 0");
}

}  // namespace

Array64 sanger_rates(double lr, const std::vector<double>& ell, const Array64& w) {
  require_valid(lr, ell, w);
  std::vector<double> rates(w.size());
  SangerFlow{lr, ell, w.shape()[0]}(listed(w), rates, 0);
  return shaped(rates, shape_of(w));
}

// |(I - W^T W) e|^2 = 1 - 2 |W e|^2 + (W e)^T (W W^T) (W e).
double sanger_pixel_error(const std::vector<double>& ell, const Array64& w) {
  require_valid(1, ell, w);
  const Array64 gram = product(w, transposed(w)), twice = product(gram, w);
  double error = 0;
  for (std::size_t tau = 0; tau < ell.size(); ++tau) {
    double left = 1;
    for (std::size_t k = 0; k < w.shape()[0]; ++k)
      left += w(k, tau) * (twice(k, tau) - 2 * w(k, tau));
    error += ell[tau] * left / 2;
  }
  return error;
}

std::vector<Array64> sanger_trajectory(double lr, const std::vector<double>& ell, const Array64& w0,
                                       const std::vector<double>& times, const Accuracy& accuracy) {
  require_valid(lr, ell, w0);
  std::vector<Array64> path;
  ode::integrate(SangerFlow{lr, ell, w0.shape()[0]}, listed(w0), times, accuracy,
                 [&](double, const auto& x) { path.push_back(shaped(x, shape_of(w0))); });
  return path;
}

}  // namespace hourglass::theory
