#include "shallow_flow.hpp"

#include <hourglass/core/instruction_set.hpp>
#include <hourglass/theory/domain.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass::theory::shallow {
namespace {

std::size_t padded(std::size_t n) { return (n + row_multiple - 1) / row_multiple * row_multiple; }

void require_fits(const std::vector<double>& ell, const Amplitudes& at) {
  require(at.units() > 0, "w", 0, "expected at least one unit");
  require_shape("w", at.w, {at.units(), ell.size()});
  require_shape("u", at.u, {at.units(), ell.size()});
  require(at.b.empty() || at.b.size() == at.units(), "b", at.b.size(), "expected K biases or none");
  require(at.d.empty() || at.d.size() == ell.size(), "d", at.d.size(), "expected D biases or none");
  for (const double x : ell) require(x >= 0, "ell", x, "an eigenvalue of a covariance is >= 0");
  require_finite("w", at.w);
  require_finite("u", at.u);
  for (const auto* bias : {&at.b, &at.d})
    for (const double x : *bias) require_finite("bias", x);
}

}  // namespace

const Kernels& kernels() { return best_kernels<Kernels>(); }

Drift::Drift(Unit unit, Rule rule, std::size_t units)
    : pairs(unit, units), rule_(rule), units_(units) {
  for (auto* matrix : {&Q1, &T0, &F, &S}) matrix->resize(units * units);
  for (auto* list : {&R1, &along, &G, &m}) list->resize(units);
}

std::size_t Drift::seen(std::size_t k) const { return rule_ == Rule::truncated ? k + 1 : units_; }

void Drift::set_coefficients(double rate) {
  std::fill(F.begin(), F.end(), 0.0);
  std::fill(S.begin(), S.end(), 0.0);
  for (std::size_t k = 0; k < units_; ++k) {
    double diagonal = R1[k] * pairs.g3[k] - along[k] * pairs.g2[k];
    for (std::size_t a = 0; a < seen(k); ++a) {
      const double overlap = T0[k * units_ + a];
      diagonal -= overlap * pairs.B(k, a);
      F[k * units_ + a] = -rate * overlap * pairs.C(k, a);
      S[k * units_ + a] = rate * pairs.S(k, a);
    }
    F[k * units_ + k] += rate * diagonal;
    G[k] = rate * pairs.G[k];
    m[k] = rate * pairs.m[k];
  }
}

double Drift::bias_rate(std::size_t k) const {
  double drift = R1[k] * pairs.g2[k] - along[k] * pairs.G[k];
  for (std::size_t a = 0; a < seen(k); ++a) drift -= T0[k * units_ + a] * pairs.H(k, a);
  return drift;
}

double Drift::explained_error() const {
  double error = 0;
  for (std::size_t k = 0; k < units_; ++k) {
    error += pairs.m[k] * along[k] - pairs.G[k] * R1[k];
    for (std::size_t a = 0; a < units_; ++a) error += T0[k * units_ + a] * pairs.S(k, a) / 2;
  }
  return error;
}

Flow::Flow(Unit unit, Rule rule, double lr, const std::vector<double>& ell, const Amplitudes& shape)
    : rule_(rule),
      lr_(lr),
      units_(shape.units()),
      modes_(ell.size()),
      stride_(padded(modes_)),
      encoder_bias_(!shape.b.empty()),
      decoder_bias_(!shape.d.empty()),
      total_(std::accumulate(ell.begin(), ell.end(), 0.0)),
      ell_(ell),
      drift_(unit, rule, units_) {
  require_fits(ell, shape);
  require(lr > 0, "lr", lr, "a learning rate is > 0");
  require(rule != Rule::truncated || !decoder_bias_, "d", shape.d.size(),
          "the truncated rule has no decoder bias");
  ell_.resize(stride_, 0);
  parts_.u = units_ * stride_;
  parts_.b = 2 * parts_.u;
  parts_.d = parts_.b + (encoder_bias_ ? padded(units_) : 0);
  parts_.size = parts_.d + (decoder_bias_ ? stride_ : 0);
}

std::vector<double> Flow::pack(const Amplitudes& at) const {
  std::vector<double> x(parts_.size, 0.0);
  for (std::size_t k = 0; k < units_; ++k) {
    std::copy_n(at.w.data() + k * modes_, modes_, row(x, k));
    std::copy_n(at.u.data() + k * modes_, modes_, row(x, units_ + k));
  }
  std::copy(at.b.begin(), at.b.end(), x.begin() + static_cast<std::ptrdiff_t>(parts_.b));
  std::copy(at.d.begin(), at.d.end(), x.begin() + static_cast<std::ptrdiff_t>(parts_.d));
  return x;
}

Amplitudes Flow::unpack(const std::vector<double>& x) const {
  Amplitudes at{empty64({units_, modes_}), empty64({units_, modes_}), {}, {}};
  for (std::size_t k = 0; k < units_; ++k) {
    std::copy_n(x.data() + k * stride_, modes_, at.w.data() + k * modes_);
    std::copy_n(x.data() + parts_.u + k * stride_, modes_, at.u.data() + k * modes_);
  }
  if (encoder_bias_) at.b.assign(b_of(x), b_of(x) + units_);
  if (decoder_bias_) at.d.assign(d_of(x), d_of(x) + modes_);
  return at;
}

Amplitude Flow::amplitude(const std::vector<double>& x) const {
  return {x.data(), x.data() + parts_.u, d_of(x)};
}
const double* Flow::b_of(const std::vector<double>& x) const {
  return encoder_bias_ ? x.data() + parts_.b : nullptr;
}
const double* Flow::d_of(const std::vector<double>& x) const {
  return decoder_bias_ ? x.data() + parts_.d : nullptr;
}

void Flow::observe(const std::vector<double>& x) {
  kernels().overlaps(ell_.data(), amplitude(x), units_, stride_, drift_.Q1.data(), drift_.R1.data(),
                     drift_.T0.data());
  drift_.average(b_of(x));
  if (!decoder_bias_) return;
  for (std::size_t k = 0; k < units_; ++k) {
    const double* u = x.data() + parts_.u + k * stride_;
    drift_.along[k] = std::inner_product(u, u + modes_, d_of(x), 0.0);
  }
}

void Flow::bias_rates(const std::vector<double>& x, std::vector<double>& rates) const {
  for (std::size_t k = 0; encoder_bias_ && k < units_; ++k)
    rates[parts_.b + k] = lr_ * drift_.bias_rate(k);
  if (!decoder_bias_) return;
  double* d = rates.data() + parts_.d;
  kernels().add(-lr_, d_of(x), d, stride_);
  for (std::size_t k = 0; k < units_; ++k)
    kernels().add(-drift_.m[k], x.data() + parts_.u + k * stride_, d, stride_);
}

// With w = sqrt(D) u both follow one matrix W: its rate is lr times D/sqrt(D) as large in these
// coordinates, and the true gradient adds what comes through the decoder (section 5.1).
void Flow::tie(std::vector<double>& rates) const {
  const double root = std::sqrt(static_cast<double>(modes_));
  const bool both = rule_ == Rule::tied;
  for (std::size_t i = 0; i < parts_.u; ++i) {
    double& w = rates[i];
    double& u = rates[parts_.u + i];
    u = root * w + (both ? u : 0);
    w = root * u;
  }
}

void Flow::operator()(const std::vector<double>& x, std::vector<double>& rates, double) {
  observe(x);
  drift_.set_coefficients(lr_);
  const Coefficients by{drift_.F.data(), drift_.S.data(), drift_.G.data(), drift_.m.data()};
  kernels().rates(ell_.data(), amplitude(x), by, units_, stride_, rates.data(),
                  rates.data() + parts_.u);
  std::fill(rates.begin() + static_cast<std::ptrdiff_t>(parts_.b), rates.end(), 0.0);
  bias_rates(x, rates);
  if (rule_ == Rule::tied || rule_ == Rule::tied_detached) tie(rates);
}

double Flow::work() const {
  const double K = static_cast<double>(units_), modes = static_cast<double>(stride_);
  return (6 * K * K + 13 * K) * modes + 200 * K * K + 500;
}

double Flow::pixel_error(const std::vector<double>& x) {
  observe(x);
  const double* d = d_of(x);
  const double constant = d ? std::inner_product(d, d + modes_, d, 0.0) : 0;
  return (total_ + constant) / 2 + drift_.explained_error();
}

double Flow::gain(const std::vector<double>& x, std::size_t mode) {
  observe(x);
  double sum = 0;
  for (std::size_t k = 0; k < units_; ++k)
    sum += drift_.pairs.G[k] * x[k * stride_ + mode] * x[parts_.u + k * stride_ + mode];
  return sum;
}

}  // namespace hourglass::theory::shallow
