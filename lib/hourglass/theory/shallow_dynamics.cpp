#include "ode.hpp"
#include "shallow_flow.hpp"
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

namespace hourglass::theory {
namespace {

using shallow::Flow;

ShallowMoment moment(Flow& flow, double time, const std::vector<double>& x) {
  spend(flow.work() + 100 * static_cast<double>(x.size()), "times", time);  // kept
  return {time, flow.pixel_error(x), flow.unpack(x)};
}

void require_tied(Rule rule, const Amplitudes& at) {
  if (rule != Rule::tied && rule != Rule::tied_detached) return;
  const double root = std::sqrt(static_cast<double>(at.modes()));
  for (std::size_t i = 0; i < at.w.size(); ++i) {
    const double w = at.w.data()[i], u = at.u.data()[i];
    require(std::abs(w - root * u) <= 1e-9 * (std::abs(w) + std::abs(root * u)), "u", u,
            "tied weights have u = w/sqrt(D), over all D modes");
  }
}

Flow flow_of(const ShallowDynamics& run) {
  require_shape("u", run.start.u, shape_of(run.start.w));
  require_tied(run.rule, run.start);
  return {run.unit, run.rule, run.lr, run.ell, run.start};
}

double dot(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
  return sum;
}

// G_k for fields of vanishing variance.
double small_gain(Unit unit) {
  return unit == Unit::linear ? 1 : unit == Unit::relu ? 0.5 : std::sqrt(2 / std::numbers::pi);
}

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

void require_sanger(double lr, const std::vector<double>& ell, const Array64& w) {
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require_shape("w", w, {w.shape()[0], ell.size()});
  require_finite("w", w);
  for (const double x : ell) require(x >= 0, "ell", x, "an eigenvalue of a covariance is >= 0");
}

}  // namespace

Amplitudes amplitude_rates(Unit unit, Rule rule, double lr, const std::vector<double>& ell,
                           const Amplitudes& at) {
  Flow flow = flow_of({unit, rule, lr, ell, at});
  const std::vector<double> x = flow.pack(at);
  std::vector<double> rates(x.size());
  flow(x, rates, 0);
  return flow.unpack(rates);
}

std::vector<ShallowMoment> ShallowDynamics::integrate(const std::vector<double>& times,
                                                      const Accuracy& accuracy) const {
  Flow flow = flow_of(*this);
  std::vector<ShallowMoment> moments;
  ode::integrate({std::ref(flow), flow.work()}, flow.pack(start), times, accuracy,
                 [&](double t, const auto& x) { moments.push_back(moment(flow, t, x)); });
  return moments;
}

std::vector<ShallowMoment> ShallowDynamics::euler(double dt,
                                                  const std::vector<std::size_t>& steps) const {
  require(dt > 0, "dt", dt, "a step is > 0");
  Flow flow = flow_of(*this);
  std::vector<double> x = flow.pack(start), rates(x.size());
  std::vector<ShallowMoment> moments;
  std::size_t done = 0;
  for (const std::size_t wanted : steps) {
    require(wanted >= done, "steps", wanted, "step numbers do not decrease");
    spend(static_cast<double>(wanted - done) * flow.work(), "steps", wanted);
    for (; done < wanted; ++done) {
      flow(x, rates, 0);
      shallow::kernels().add(dt, rates.data(), x.data(), x.size());
    }
    moments.push_back(moment(flow, static_cast<double>(done) * dt, x));
  }
  return moments;
}

std::vector<double> ShallowDynamics::half_times(std::size_t modes, double until,
                                                const Accuracy& accuracy) const {
  require(modes <= ell.size(), "modes", modes, "more than there are");
  Flow flow = flow_of(*this);
  const auto gain = [&](const auto& x, std::size_t mode) { return flow.gain(x, mode); };
  return ode::crossings({std::ref(flow), flow.work()}, flow.pack(start), gain, modes, 0.5, until,
                        accuracy);
}

std::vector<double> predicted_half_times(Unit unit, double lr, const std::vector<double>& ell,
                                         const Amplitudes& start, std::size_t modes) {
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require(modes <= start.modes(), "modes", modes, "more than there are");
  require_shape("w", start.w, {start.units(), ell.size()});
  require_shape("u", start.u, shape_of(start.w));
  const double c = small_gain(unit);
  std::vector<std::vector<double>> taken;  // orthonormal directions of earlier modes
  std::vector<double> times(modes, NAN);
  for (std::size_t tau = 0; tau < std::min(modes, start.units()); ++tau) {
    require(ell[tau] > 0, "ell", ell[tau], "a mode that is learned has an eigenvalue > 0");
    std::vector<double> y;
    for (std::size_t k = 0; k < start.units(); ++k) y.push_back(start.w(k, tau) + start.u(k, tau));
    for (const auto& direction : taken) {
      const double along = dot(direction, y);
      for (std::size_t k = 0; k < y.size(); ++k) y[k] -= along * direction[k];
    }
    const double left = dot(y, y), gain = c * left / 4;
    if (left == 0) continue;
    times[tau] = std::log(1 / gain - 1) / (2 * lr * c * ell[tau]);
    for (double& x : y) x /= std::sqrt(left);
    taken.push_back(std::move(y));
  }
  return times;
}

Amplitudes gaussian_start(const Array64& z_encoder, const Array64& z_decoder, double scale) {
  require_shape("z_decoder", z_decoder, shape_of(z_encoder));
  const double root = std::sqrt(static_cast<double>(z_encoder.shape()[1]));
  return {z_encoder * scale, z_decoder * (scale / root), {}, {}};
}

Array64 sanger_rates(double lr, const std::vector<double>& ell, const Array64& w) {
  require_sanger(lr, ell, w);
  std::vector<double> rates(w.size());
  SangerFlow{lr, ell, w.shape()[0]}(listed(w), rates, 0);
  return shaped(rates, shape_of(w));
}

// |(I - W^T W) e|^2 = 1 - 2 |W e|^2 + (W e)^T (W W^T) (W e).
double sanger_pixel_error(const std::vector<double>& ell, const Array64& w) {
  require_sanger(1, ell, w);
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
  require_sanger(lr, ell, w0);
  std::vector<Array64> path;
  const SangerFlow flow{lr, ell, w0.shape()[0]};
  const double work = 2 * static_cast<double>(w0.size() * (w0.shape()[0] + 1));
  ode::integrate({flow, work}, listed(w0), times, accuracy,
                 [&](double, const auto& x) { path.push_back(shaped(x, shape_of(w0))); });
  return path;
}

}  // namespace hourglass::theory
