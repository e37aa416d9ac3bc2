#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

namespace {

void require_shape(const char* what, Shape found, Shape expected) {
  if (found != expected)
    throw ArgumentError(std::string(what) + ": found " + found.str() + ", expected " +
                        expected.str());
}

std::size_t features_of(const Array64& second_moments) {
  const Shape shape = shape_of(second_moments);
  require_shape("second moments", shape, {shape.rows, shape.rows});
  return shape.rows;
}

// A = mean_factor C and B = factor A + diagonal_factor diag(C).
NoisyMoments with_diagonal(const Array64& c, double mean_factor, double factor,
                           double diagonal_factor) {
  NoisyMoments moments{.cross = c, .trace = 0, .factor = factor};
  for (double& entry : moments.cross) entry *= mean_factor;
  for (std::size_t i = 0; i < features_of(c); ++i) {
    moments.trace += c(i, i);
    moments.diagonal.push_back(diagonal_factor * c(i, i));
  }
  return moments;
}

// A = C, B = C + diag(variances).
NoisyMoments with_variances(const Array64& c, std::vector<double> variances) {
  NoisyMoments moments = with_diagonal(c, 1, 1, 0);
  moments.diagonal = std::move(variances);
  return moments;
}

NoisyMoments isotropic(const Array64& c, double variance) {
  require_within("gaussian noise", "the variance", variance, not_negative);
  return with_variances(c, std::vector<double>(variance > 0 ? features_of(c) : 0, variance));
}

}  // namespace

ExpectedLoss::ExpectedLoss(const NoisyMoments& moments)
    : cross_(to_real(moments.cross)),
      diagonal_(empty({1, moments.diagonal.size()})),
      rest_(to_real(moments.rest)),
      half_trace_(moments.trace / 2),
      factor_(moments.factor) {
  const std::size_t d = features_of(moments.cross);
  if (diagonal_.size() > 0) require_shape("diagonal", shape_of(diagonal_), {1, d});
  if (rest_.size() > 0) require_shape("rest", shape_of(rest_), {d, d});
  for (std::size_t i = 0; i < diagonal_.size(); ++i)
    diagonal_(0, i) = static_cast<Real>(moments.diagonal[i]);
}

ExpectedLoss::ExpectedLoss(const Array64& second_moments, double noise_variance)
    : ExpectedLoss(isotropic(second_moments, noise_variance)) {}

// W1 B W1^T (H x H) from Q = A W1^T.
Var ExpectedLoss::corrupted_code_moments(Tape& tape, Var w1, Var q) const {
  Var s = matmul(w1, q);
  if (factor_ != 1) s = factor_ * s;
  if (diagonal_.size() > 0) s = s + matmul(mul_row(w1, tape.constant(diagonal_)), w1, false, true);
  if (rest_.size() > 0) s = s + matmul(matmul(w1, tape.constant(rest_)), w1, false, true);
  return s;
}

// tr(W A^T) = <W2, A W1^T> and tr(W B W^T) = <W2^T W2, W1 B W1^T>.
Var ExpectedLoss::operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const& {
  const Var w1 = tape.leaf(encoder), w2 = tape.leaf(decoder);
  const Var q = matmul(tape.constant(cross_), w1, false, true);
  const Var s = corrupted_code_moments(tape, w1, q);
  return 0.5 * dot(matmul(w2, w2, true, false), s) - dot(w2, q) + half_trace_;
}

ExpectedLoss marginalised(const GaussianNoise& noise, const DataMoments& data) {
  return {data.second, noise.variance};
}

ExpectedLoss marginalised(const FeatureGaussianNoise& noise, const DataMoments& data) {
  return ExpectedLoss(with_variances(data.second, noise.variances()));
}

ExpectedLoss marginalised(const CorrelatedGaussianNoise& noise, const DataMoments& data) {
  NoisyMoments moments = with_variances(data.second, {});
  moments.rest = kernels::product(noise.factor(), noise.factor(), false, true);
  return ExpectedLoss(moments);
}

ExpectedLoss marginalised(const MaskingNoise& noise, const DataMoments& data) {
  require_within("masking noise", "the probability", noise.probability, below_one);
  const double p = noise.probability, q = 1 - p;
  return ExpectedLoss(noise.rescaled ? with_diagonal(data.second, 1, 1, p / q)
                                     : with_diagonal(data.second, q, q, p * q));
}

// An entry keeps x with probability q and is otherwise a number of mean m and mean square r.
ExpectedLoss marginalised(const SaltAndPepper& noise, const DataMoments& data) {
  require_within("salt and pepper", "the probability", noise.probability, up_to_one);
  const Array64& c = data.second;
  const std::size_t d = features_of(c);
  require_shape("mean of the data", {1, data.mean.size()}, {1, d});
  const double p = noise.probability, q = 1 - p, m = (noise.low + noise.high) / 2;
  const double r = (noise.low * noise.low + noise.high * noise.high) / 2;
  NoisyMoments moments = with_diagonal(c, q, 0, 0);
  moments.diagonal.clear();
  moments.rest = empty64({d, d});
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      const double means = data.mean[i] + data.mean[j];
      moments.cross(i, j) += p * m * data.mean[i];
      moments.rest(i, j) =
          i == j ? q * c(i, i) + p * r : q * q * c(i, j) + q * p * m * means + p * p * m * m;
    }
  return ExpectedLoss(moments);
}

ExpectedLoss marginalised(const MultiplicativeNoise& noise, const DataMoments& data) {
  require_within("multiplicative noise", "the variance", noise.variance, not_negative);
  return ExpectedLoss(with_diagonal(data.second, 1, 1, noise.variance));
}

// S = W1 diag(xi) W1^T and P = W2^T W2 serve the value and both gradients.
struct EigenbasisLoss::Workspace {
  std::vector<Real> lambda, xi;
  Real half_trace = 0;
  Array weighted;  // W1 diag(xi), H x D
  Array s, p;      // H x H
  std::size_t evaluations = 0;
};

namespace {

using Workspace = EigenbasisLoss::Workspace;

// Calls body(r, c) for every entry, tile by tile, so that a matrix and a transposed one both stay
// in cache.
template <class Body>
void for_each_tiled(Shape shape, Body body) {
  constexpr std::size_t tile = 16;
  for (std::size_t r0 = 0; r0 < shape.rows; r0 += tile)
    for (std::size_t c0 = 0; c0 < shape.columns; c0 += tile)
      for (std::size_t r = r0; r < std::min(r0 + tile, shape.rows); ++r)
        for (std::size_t c = c0; c < std::min(c0 + tile, shape.columns); ++c) body(r, c);
}

struct EigenbasisOp {
  static constexpr auto name = "eigenbasis_loss";
  Workspace* workspace;
  std::size_t evaluation;  // the workspace holds the products of the last one only

  const Workspace& products() const {
    if (workspace->evaluations != evaluation)
      throw UsageError("eigenbasis_loss: evaluated again before backward()");
    return *workspace;
  }

  auto operator()(const View& w1, const View& w2) const {
    Workspace& k = *workspace;
    const std::size_t h_count = shape_of(w1).rows, d_count = shape_of(w1).columns;
    resize(k.weighted, shape_of(w1));
    for (std::size_t h = 0; h < h_count; ++h)
      for (std::size_t i = 0; i < d_count; ++i)
        k.weighted.data()[h * d_count + i] = w1.data()[h * d_count + i] * k.xi[i];
    const View weighted = borrow(k.weighted);
    evaluate(matmul(weighted, w1, false, true), k.s);
    evaluate(matmul(w2, w2, true, false), k.p);
    const Real quadratic = kernels::dot(k.p.data(), k.s.data(), k.p.size());
    return Scalar{k.half_trace - linear_term(w1, w2) + quadratic / 2};
  }

  // sum_i lambda_i sum_h W2(i, h) W1(h, i)
  Real linear_term(const View& w1, const View& w2) const {
    const std::size_t h_count = shape_of(w1).rows, d_count = shape_of(w1).columns;
    const Real *a = w1.data(), *b = w2.data(), *lambda = workspace->lambda.data();
    double total = 0;
    for_each_tiled({h_count, d_count}, [=, &total](std::size_t h, std::size_t i) {
      total += double(lambda[i] * b[i * h_count + h] * a[h * d_count + i]);
    });
    return static_cast<Real>(total);
  }

  // dL/dW1 = P W1 diag(xi) - (diag(lambda) W2)^T, dL/dW2 = W2 S - (W1 diag(lambda))^T: g times a
  // product, less the other weight transposed.
  template <bool of_encoder>
  struct Gradient {
    View left, right, other;
    const std::vector<Real>& lambda;
    Real g;
    Shape shape() const { return {shape_of(left).rows, shape_of(right).columns}; }
    void into(Array& out, bool add) const {
      Product{left, right, false, false, g}.into(out, add);
      const std::size_t rows = shape().rows, columns = shape().columns;
      const Real *w = other.data(), *l = lambda.data();
      Real* to = out.data();
      for_each_tiled(shape(), [=, this](std::size_t r, std::size_t c) {
        to[r * columns + c] -= g * l[of_encoder ? c : r] * w[c * rows + r];
      });
    }
  };
  auto vjp(wrt<0>, const View& g, const View&, const View& w2, const View&) const {
    const Workspace& k = products();
    return Gradient<true>{borrow(k.p), borrow(k.weighted), w2, k.lambda, g.data()[0]};
  }
  auto vjp(wrt<1>, const View& g, const View& w1, const View& w2, const View&) const {
    const Workspace& k = products();
    return Gradient<false>{w2, borrow(k.s), w1, k.lambda, g.data()[0]};
  }
};

}  // namespace

EigenbasisLoss::EigenbasisLoss(const std::vector<double>& eigenvalues, double noise_variance)
    : EigenbasisLoss(eigenvalues, std::vector<double>(eigenvalues.size(), noise_variance)) {}

EigenbasisLoss::EigenbasisLoss(const std::vector<double>& eigenvalues,
                               const std::vector<double>& variances)
    : workspace_(std::make_unique<Workspace>()) {
  require_shape("variances", {1, variances.size()}, {1, eigenvalues.size()});
  double trace = 0;
  for (std::size_t i = 0; i < eigenvalues.size(); ++i) {
    const double lambda = eigenvalues[i];
    require_within("eigenbasis_loss", "a variance", variances[i], not_negative);
    require_within("eigenbasis_loss", "an eigenvalue", lambda, any_number);
    trace += lambda;
    workspace_->lambda.push_back(static_cast<Real>(lambda));
    workspace_->xi.push_back(static_cast<Real>(lambda + variances[i]));
  }
  workspace_->half_trace = static_cast<Real>(trace / 2);
}

EigenbasisLoss::EigenbasisLoss(const EigenbasisLoss& other)
    : workspace_(std::make_unique<Workspace>(*other.workspace_)) {}
EigenbasisLoss& EigenbasisLoss::operator=(const EigenbasisLoss& other) {
  *workspace_ = *other.workspace_;
  return *this;
}
EigenbasisLoss::~EigenbasisLoss() = default;

Var EigenbasisLoss::operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const& {
  const std::size_t features = workspace_->lambda.size();
  const Shape w1 = shape_of(encoder.value), w2 = shape_of(decoder.value);
  if (w1.columns != features || w2.rows != features || w1.rows != w2.columns)
    throw ArgumentError("eigenbasis_loss: " + encoder.name + " (" + w1.str() + ") and " +
                        decoder.name + " (" + w2.str() + ") do not match " +
                        std::to_string(features) + " eigenvalues");
  return apply(EigenbasisOp{workspace_.get(), ++workspace_->evaluations}, tape.leaf(encoder),
               tape.leaf(decoder));
}

}  // namespace hourglass
