#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/matrix.hpp>
#include <hourglass/theory/sampled_loss.hpp>

#include <cmath>

namespace hourglass::theory {
namespace {

// A number that takes few values.
struct Outcome {
  double probability, value;
};
EntryMoments moments_of(const std::vector<Outcome>& outcomes) {
  EntryMoments m{};
  for (const Outcome& o : outcomes) m.mean += o.probability * o.value;
  for (const Outcome& o : outcomes) {
    const double d = o.value - m.mean, square = o.probability * d * d;
    m.variance += square, m.third += square * d, m.fourth += square * d * d;
  }
  return m;
}

EntryMoments gaussian(double mean, double variance) {
  return {mean, variance, 0, 3 * variance * variance};
}

// W and G = W^T W, after the shapes are checked.
struct Network {
  Array64 W, G;
  Network(const Array64& W1, const Array64& W2, std::size_t features) {
    require_shape("W1", W1, {W1.shape()[0], features});
    require_shape("W2", W2, {features, W1.shape()[0]});
    require_finite("W1", W1);
    require_finite("W2", W2);
    W = product(W2, W1);
    G = product(transposed(W), W);
  }
};

// One sample: 1/2 |x - W x~|^2 = const - b^T d + 1/2 d^T G d, d = x~ - E x~, b = W^T (x - W E x~).
double variance_of_sample(const Network& network, const double* x, const EntryNoise& noise) {
  const Array64 &W = network.W, &G = network.G;
  const std::size_t features = W.shape()[0];
  std::vector<EntryMoments> m(features);
  for (std::size_t i = 0; i < features; ++i) m[i] = noise(x[i], i);
  double total = 0;
  for (std::size_t i = 0; i < features; ++i) {
    double b = 0;
    for (std::size_t j = 0; j < features; ++j) b += W(j, i) * x[j] - G(i, j) * m[j].mean;
    const double v = m[i].variance;
    total += b * b * v - b * G(i, i) * m[i].third;
    total += G(i, i) * G(i, i) * (m[i].fourth - 3 * v * v) / 4;
    for (std::size_t j = 0; j < features; ++j) total += G(i, j) * G(i, j) * v * m[j].variance / 2;
  }
  return total;
}

}  // namespace

EntryNoise gaussian_entries(std::vector<double> variances) {
  for (const double v : variances) require(v >= 0, "variances", v, "a noise variance is >= 0");
  return [variances = std::move(variances)](double x, std::size_t feature) {
    return gaussian(x, variances.at(feature));
  };
}

EntryNoise masking_entries(double p_drop, bool rescale) {
  require(p_drop >= 0 && p_drop < 1, "p_drop", p_drop, "a drop probability is in [0, 1)");
  const double factor = rescale ? 1 / (1 - p_drop) : 1;
  return [=](double x, std::size_t) { return moments_of({{p_drop, 0}, {1 - p_drop, factor * x}}); };
}

EntryNoise salt_and_pepper_entries(double p, double low, double high) {
  require(p >= 0 && p <= 1, "p", p, "a probability is in [0, 1]");
  require_finite("low", low);
  require_finite("high", high);
  return [=](double x, std::size_t) {
    return moments_of({{1 - p, x}, {p / 2, low}, {p / 2, high}});
  };
}

EntryNoise multiplicative_entries(double variance) {
  require(variance >= 0, "variance", variance, "a noise variance is >= 0");
  return [=](double x, std::size_t) { return gaussian(x, variance * x * x); };
}

double sampled_loss_variance(const Array64& X, const Array64& W1, const Array64& W2,
                             const EntryNoise& noise) {
  const std::size_t samples = X.shape()[0], features = X.shape()[1];
  require(samples > 0, "samples", samples, "X needs at least one row");
  require_finite("X", X);
  const Network network(W1, W2, features);
  double total = 0;
  for (std::size_t n = 0; n < samples; ++n)
    total += variance_of_sample(network, X.data() + n * features, noise);
  return total / static_cast<double>(samples) / static_cast<double>(samples);
}

// 1/N [tr(Sigma W^T (I-W) C (I-W)^T W) + 1/2 tr((G Sigma)^2)]; W^T (I-W) = W^T - G.
double sampled_loss_variance(const Array64& C, const Array64& W1, const Array64& W2,
                             const Array64& Sigma, double samples) {
  const Shape square{C.shape()[0], C.shape()[0]};
  require_shape("C", C, square);
  require_shape("Sigma", Sigma, square);
  require_finite("C", C);
  require_finite("Sigma", Sigma);
  require(samples >= 1, "samples", samples, "at least one sample is drawn");
  const Network network(W1, W2, square.rows);
  Array64 P = transposed(network.W);
  add(P, -1, network.G);
  const Array64 PCP = product(product(P, C), transposed(P)), GS = product(network.G, Sigma);
  return (inner(Sigma, PCP) + inner(GS, transposed(GS)) / 2) / samples;
}

}  // namespace hourglass::theory
