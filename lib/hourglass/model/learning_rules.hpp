#pragma once

#include <hourglass/model/penalties.hpp>

// Learning rules that are no gradients, as losses: the value is the reconstruction error, and what
// backward() leaves in Parameter::grad is the rule's direction in the gradient's place. Any
// optimiser then steps along it. First order only: grad() of one throws UsageError, and a
// gradient check fails, as it should.
namespace HOURGLASS_API hourglass {

// Sanger's rule for tied linear weights W (KxD) and rows x (BxD), reconstructed as W^T W x.
// Value: 1/(2BD) sum ||x - W^T W x||^2. With a rate r, Sgd does
// W <- W + r/(BD) sum (y x^T - LT(y y^T) W), y = W x, LT the lower triangle with its diagonal;
// r = lr/D is the handbook's natural form (docs/theory/nonlinear.md, section 6.2). The rows become
// the unit eigenvectors of the data, in order.
Var sanger(Var weight, Var x);

// Truncated descent: code unit k (columns of `code`, BxK, of any encoder) and its output direction,
// column k of `decoder` (DxK), see the residual that units 0..k leave. Value:
// 1/(2BD) sum ||x - decoder code||^2. Rate lr for the decoder and lr/D for the encoder are the
// handbook's rule (section 6.3). Unit k learns the k-th principal direction.
Var truncated_error(Var code, Var decoder, Var x);

// Rotation-augmented gradient (Bao et al. 2020; docs/theory/linear.md, section 9.7) for a linear
// autoencoder, W1: HxD, W2: DxH. Adds nothing to the loss, and -rho A W1 and -rho W2 A^T to the
// gradients, A = (U - U^T)/2, U the strict upper triangle of code^T code / B. Units i < j are
// ordered at the rate r rho (lambda_i - lambda_j)/2 a step. On an unregularised loss.
Penalty rotation_augmented(double rho, std::string encoder = "encoder.W",
                           std::string decoder = "decoder.W");

}  // namespace hourglass
