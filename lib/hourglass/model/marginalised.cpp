#include <hourglass/core/op.hpp>
#include <hourglass/model/marginalised.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace hourglass {

namespace {

void require_variance(double variance) {
  if (!(variance >= 0) || !std::isfinite(variance))
    throw std::invalid_argument("noise variance: found " + std::to_string(variance) +
                                ", expected a finite number that is not negative");
}

}  // namespace

ExpectedLoss::ExpectedLoss(const Array64& second_moments, double noise_variance)
    : c_(empty(shape_of(second_moments))), half_trace_(0), noise_variance_(noise_variance) {
  require_variance(noise_variance);
  if (shape_of(c_).rows != shape_of(c_).columns)
    throw std::invalid_argument("second moments: found " + shape_of(c_).str() +
                                ", expected a square matrix");
  std::copy(second_moments.begin(), second_moments.end(), c_.begin());
  for (std::size_t i = 0; i < second_moments.shape()[0]; ++i)
    half_trace_ += second_moments(i, i) / 2;
}

// With Q = C W1^T (D x H): tr(W C) = <W2, Q>, and tr(W B W^T) = <W2^T W2, W1 Q + sigma^2 W1 W1^T>.
Var ExpectedLoss::operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const& {
  const Var w1 = tape.leaf(encoder), w2 = tape.leaf(decoder);
  const Var q = matmul(tape.constant(c_), w1, false, true);
  Var s = matmul(w1, q);
  if (noise_variance_ > 0) s = s + noise_variance_ * matmul(w1, w1, false, true);
  const Var quadratic = dot(matmul(w2, w2, true, false), s);
  return 0.5 * quadratic - dot(w2, q) + half_trace_;
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
      throw std::logic_error("eigenbasis_loss: evaluated again before backward()");
    return *workspace;
  }

  auto operator()(const View& w1, const View& w2) const {
    Workspace& k = *workspace;
    const std::size_t h_count = shape_of(w1).rows, d_count = shape_of(w1).columns;
    reshape(k.weighted, shape_of(w1));
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

  // dL/dW1 = P W1 diag(xi) - (diag(lambda) W2)^T
  struct EncoderGradient {
    const Workspace& k;
    const View& w2;
    Real g;
    Shape shape() const { return shape_of(k.weighted); }
    void into(Array& out, bool add) const {
      const View p = borrow(k.p), weighted = borrow(k.weighted);
      Product{p, weighted, false, false, g}.into(out, add);
      const std::size_t h_count = shape().rows, d_count = shape().columns;
      const Real *w = w2.data(), *lambda = k.lambda.data();
      Real* to = out.data();
      for_each_tiled(shape(), [=, this](std::size_t h, std::size_t i) {
        to[h * d_count + i] -= g * lambda[i] * w[i * h_count + h];
      });
    }
  };
  auto vjp(wrt<0>, const View& g, const View&, const View& w2, const View&) const {
    return EncoderGradient{products(), w2, g.data()[0]};
  }

  // dL/dW2 = W2 S - (W1 diag(lambda))^T
  struct DecoderGradient {
    const Workspace& k;
    const View &w1, &w2;
    Real g;
    Shape shape() const { return shape_of(w2); }
    void into(Array& out, bool add) const {
      const View s = borrow(k.s);
      Product{w2, s, false, false, g}.into(out, add);
      const std::size_t h_count = shape_of(w1).rows, d_count = shape_of(w1).columns;
      const Real *w = w1.data(), *lambda = k.lambda.data();
      Real* to = out.data();
      for_each_tiled(shape(), [=, this](std::size_t i, std::size_t h) {
        to[i * h_count + h] -= g * lambda[i] * w[h * d_count + i];
      });
    }
  };
  auto vjp(wrt<1>, const View& g, const View& w1, const View& w2, const View&) const {
    return DecoderGradient{products(), w1, w2, g.data()[0]};
  }
};

}  // namespace

EigenbasisLoss::EigenbasisLoss(const std::vector<double>& eigenvalues, double noise_variance)
    : workspace_(std::make_unique<Workspace>()) {
  require_variance(noise_variance);
  double trace = 0;
  for (const double lambda : eigenvalues) {
    if (!std::isfinite(lambda)) throw std::invalid_argument("eigenvalues: one is not finite");
    trace += lambda;
    workspace_->lambda.push_back(static_cast<Real>(lambda));
    workspace_->xi.push_back(static_cast<Real>(lambda + noise_variance));
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
    throw std::invalid_argument("eigenbasis_loss: " + encoder.name + " (" + w1.str() + ") and " +
                                decoder.name + " (" + w2.str() + ") do not match " +
                                std::to_string(features) + " eigenvalues");
  return apply(EigenbasisOp{workspace_.get(), ++workspace_->evaluations}, tape.leaf(encoder),
               tape.leaf(decoder));
}

}  // namespace hourglass
