#pragma once

#include <hourglass/core/ops.hpp>
#include <hourglass/model/noise.hpp>

#include <memory>
#include <vector>

// The loss of a linear autoencoder W = W2 W1 with the noise of its input integrated out: it depends
// on the data only through its moments, so a step costs the same whatever N is
// (docs/theory/linear.md, section 1). encoder W1: H x D, decoder W2: D x H. Penalties are added on
// top as for any loss. The value is a difference of moments: its rounding is that of tr C, whatever
// is left of it.
namespace HOURGLASS_API hourglass {

// Of the clean data X (N x D).
struct DataMoments {
  Array64 second;                 // C = X^T X / N, D x D
  std::vector<double> mean = {};  // D numbers; only salt and pepper needs them
};

// What the expected loss needs of data and noise; x~ is the corrupted x. For a corruption that is
// not listed below, fill it in.
struct NoisyMoments {
  Array64 cross;  // A = E[x x~^T], D x D
  double trace;   // tr C
  // B = E[x~ x~^T] = factor A + diag(diagonal) + rest; an empty diagonal or rest is zero. Products
  // with A are made anyway, so what is `rest` costs one of D x D x H more.
  double factor = 1;
  std::vector<double> diagonal = {};
  Array64 rest = {};
};

// 1/2 [tr C - 2 tr(W A^T) + tr(W B W^T)]: O(D^2 H) a step, built from ordinary ops, differentiable
// to any order.
class ExpectedLoss {
 public:
  // Throws ArgumentError unless the shapes match.
  explicit ExpectedLoss(const NoisyMoments& moments);
  // Isotropic Gaussian noise. Throws ArgumentError unless C is square and the variance
  // finite and >= 0.
  ExpectedLoss(const Array64& second_moments, double noise_variance);
  // The tape borrows the moments: this object must outlive the step.
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&;
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&& = delete;

 private:
  Var corrupted_code_moments(Tape& tape, Var w1, Var q) const;

  Array cross_, diagonal_, rest_;
  double half_trace_, factor_;
};

// The loss that a linear autoencoder with this corruption has on average, exactly. Throws
// ArgumentError if shapes do not match or the noise's settings are out of range.
ExpectedLoss marginalised(const GaussianNoise& noise, const DataMoments& data);
ExpectedLoss marginalised(const FeatureGaussianNoise& noise, const DataMoments& data);
ExpectedLoss marginalised(const CorrelatedGaussianNoise& noise, const DataMoments& data);
ExpectedLoss marginalised(const MaskingNoise& noise, const DataMoments& data);
ExpectedLoss marginalised(const SaltAndPepper& noise, const DataMoments& data);
ExpectedLoss marginalised(const MultiplicativeNoise& noise, const DataMoments& data);

// Gaussian noise whose covariance has the eigenvectors of C, in that basis, with W1 <- W1 V and
// W2 <- V^T W2: gradient descent commutes with the rotation, and a step costs 8 D H^2 flops.
// First-order rules only. The object keeps products between value and gradient: evaluating it again
// before backward() makes that throw UsageError. Copies keep their own.
class EigenbasisLoss {
 public:
  // eigenvalues: D of them. Throws ArgumentError unless they and the variance are finite
  // and the variance is >= 0.
  EigenbasisLoss(const std::vector<double>& eigenvalues, double noise_variance);
  // a variance along each eigenvector
  EigenbasisLoss(const std::vector<double>& eigenvalues, const std::vector<double>& variances);
  // With products of its own.
  EigenbasisLoss(const EigenbasisLoss& other);
  EigenbasisLoss& operator=(const EigenbasisLoss& other);
  ~EigenbasisLoss();
  // Throws ArgumentError if shapes do not match.
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&;
  Var operator()(Tape& tape, Parameter& encoder, Parameter& decoder) const&& = delete;

  struct Workspace;

 private:
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace hourglass
