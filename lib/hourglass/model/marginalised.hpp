#pragma once

#include <hourglass/core/ops.hpp>

#include <memory>
#include <vector>

// The loss of a linear autoencoder W = W2 W1 with its Gaussian noise integrated out: it depends on
// the data only through C = X^T X / N, so a step costs the same whatever N is
// (docs/theory/linear.md, section 1). encoder W1: H x D, decoder W2: D x H. Penalties are added on
// top as for any loss.
namespace hourglass {

// In the coordinates of the data: 1/2 [tr C - 2 tr(W C) + tr(W (C + sigma^2 I) W^T)].
// O(D^2 H) a step, built from ordinary ops: differentiable to any order.
class ExpectedLoss {
 public:
  // C: D x D. Throws std::invalid_argument unless C is square and the variance finite and >= 0.
  ExpectedLoss(const Array64& second_moments, double noise_variance);
  // The tape borrows C: this object must outlive the step.
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&;
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&& = delete;

 private:
  Array c_;
  double half_trace_, noise_variance_;
};

// The same in the eigenbasis of C, with W1 <- W1 V and W2 <- V^T W2: gradient descent commutes with
// the rotation, and a step costs 8 D H^2 flops. First-order rules only. The object keeps products
// between value and gradient: evaluating it again before backward() makes that throw
// std::logic_error. Copies keep their own.
class EigenbasisLoss {
 public:
  // eigenvalues: D of them. Throws std::invalid_argument unless they and the variance are finite
  // and the variance is >= 0.
  EigenbasisLoss(const std::vector<double>& eigenvalues, double noise_variance);
  EigenbasisLoss(const EigenbasisLoss& other);
  EigenbasisLoss& operator=(const EigenbasisLoss& other);
  ~EigenbasisLoss();
  // Throws std::invalid_argument if shapes do not match.
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&;
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&& = delete;

  struct Workspace;

 private:
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace hourglass
