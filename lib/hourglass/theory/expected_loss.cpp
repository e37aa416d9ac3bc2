#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/expected_loss.hpp>
#include <hourglass/theory/matrix.hpp>

namespace hourglass::theory {
namespace {

void require_square(const char* argument, const Array64& matrix) {
  require_shape(argument, matrix, {matrix.shape()[0], matrix.shape()[0]});
  require_finite(argument, matrix);
}

Array64 with_diagonal(Array64 matrix, double factor, const Array64& C) {
  for (std::size_t i = 0; i < C.shape()[0]; ++i) matrix(i, i) += factor * C(i, i);
  return matrix;
}

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

Array64 second_moment(const Array64& X) {
  require_finite("X", X);
  const double samples = static_cast<double>(X.shape()[0]);
  require(samples > 0, "samples", samples, "the mean needs at least one row of X");
  return product(transposed(X), X) * (1 / samples);
}

CorruptedMoments clean(const Array64& C) {
  require_square("C", C);
  return {C, C, trace(C)};
}

CorruptedMoments additive_noise(const Array64& C, double variance) {
  require(variance >= 0, "sigma2", variance, "a noise variance is >= 0");
  CorruptedMoments moments = clean(C);
  for (std::size_t i = 0; i < C.shape()[0]; ++i) moments.B(i, i) += variance;
  return moments;
}

CorruptedMoments additive_noise(const Array64& C, const Array64& Sigma) {
  CorruptedMoments moments = clean(C);
  require_finite("Sigma", Sigma);
  require_shape("Sigma", Sigma, shape_of(C));
  add(moments.B, 1, Sigma);
  return moments;
}

CorruptedMoments masking_noise(const Array64& C, double p_drop, bool rescale) {
  require_square("C", C);
  require(p_drop >= 0 && p_drop < 1, "p_drop", p_drop, "a drop probability is in [0, 1)");
  const double q = 1 - p_drop;
  if (rescale) return {C, with_diagonal(C, p_drop / q, C), trace(C)};
  return {q * C, with_diagonal(q * q * C, q * p_drop, C), trace(C)};
}

LossAndGradients expected_loss(const CorruptedMoments& moments, const Array64& W1,
                               const Array64& W2, double gamma) {
  const std::size_t H = W1.shape()[0], D = W1.shape()[1];
  require_shape("A", moments.A, {D, D});
  require_shape("B", moments.B, {D, D});
  require_shape("W2", W2, {D, H});
  require_finite("W1", W1);
  require_finite("W2", W2);
  require(gamma >= 0, "gamma", gamma, "a weight decay is >= 0");
  const Array64 AW1 = product(moments.A, transposed(W1)), M = product(W1, moments.B);
  const Array64 S = product(M, transposed(W1)), W2t = transposed(W2), G2 = product(W2t, W2);
  LossAndGradients result;
  result.loss = (moments.trace_C + inner(G2, S)) / 2 - inner(W2, AW1) +
                gamma / 2 * (inner(W1, W1) + inner(W2, W2));
  // dL/dW2 = (W B - A) W1^T + gamma W2, dL/dW1 = W2^T (W B - A) + gamma W1
  result.dW2 = product(W2, S);
  add(result.dW2, -1, AW1);
  add(result.dW2, gamma, W2);
  result.dW1 = product(G2, M);
  add(result.dW1, -1, product(W2t, moments.A));
  add(result.dW1, gamma, W1);
  return result;
}

// With P = W2^T (I - W), H x D: W^T (I - W) = W1^T P, so both traces are of H x H matrices.
double sampled_loss_variance(const Array64& C, const Array64& W1, const Array64& W2, double sigma2,
                             double samples) {
  require_square("C", C);
  require_shape("W1", W1, {W1.shape()[0], C.shape()[0]});
  require_shape("W2", W2, {C.shape()[0], W1.shape()[0]});
  require(sigma2 >= 0, "sigma2", sigma2, "a noise variance is >= 0");
  require(samples >= 1, "samples", samples, "at least one sample is drawn");
  const Array64 W2t = transposed(W2), G2 = product(W2t, W2), K = product(W1, transposed(W1));
  Array64 P = W2t;
  add(P, -1, product(G2, W1));
  const Array64 G2K = product(G2, K), PCP = product(product(P, C), transposed(P));
  return sigma2 / samples * (inner(K, PCP) + sigma2 / 2 * inner(G2K, transposed(G2K)));
}

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
