#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/theory/gaussian_pairs.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// Shallow autoencoders x_hat = sum_k V_k g(W_k.x/sqrt(D) + b_k) + c on zero-mean Gaussian inputs,
// in the eigenbasis e_tau of the input covariance: amplitudes, order parameters and error.
// docs/theory/nonlinear.md, sections 1 and 2; Refinetti & Goldt 2022, eqs. 4 to 10. `ell` holds
// the D eigenvalues of the covariance divided by D, largest first. Shapes that do not match and
// numbers outside their domain throw DomainError.

// K units on D modes; b and d are empty where that bias is not there.
struct Amplitudes {
  Array64 w;              // W_k . e_tau, K x D
  Array64 u;              // V_k . e_tau / sqrt(D), K x D
  std::vector<double> b;  // encoder bias, K
  std::vector<double> d;  // decoder bias c . e_tau / sqrt(D), D

  std::size_t units() const { return w.shape()[0]; }  // K
  std::size_t modes() const { return w.shape()[1]; }  // D
};

// From weights: W and V are K x D (V is the decoder with a unit a row), `basis` holds e_tau in its
// columns (D x D, or D x M for the leading modes alone), c has D numbers or none.
Amplitudes amplitudes_of(const Array64& W, const Array64& V, const Array64& basis,
                         const std::vector<double>& b = {}, const std::vector<double>& c = {});

// K x K each; lambda_k are the units' fields, nu_k = V_k.x/D.
struct OrderParameters {
  Array64 Q1;  // sum ell w w^T = <lambda lambda^T>
  Array64 R1;  // sum ell u w^T = <nu lambda^T>: rows are decoders, columns encoders
  Array64 T1;  // sum ell u u^T = <nu nu^T>
  Array64 Q0;  // W W^T/D, with D = ell.size()
  Array64 R0;  // V W^T/sqrt(D) = sum u w^T
  Array64 T0;  // V V^T/D
};
OrderParameters order_parameters(const std::vector<double>& ell, const Amplitudes& at);

// The per-pixel error E|x - x_hat|^2/(2D), exact for Gaussian inputs (section 2.4).
double pixel_error(Unit unit, const std::vector<double>& ell, const Amplitudes& at);

// The same for the best linear map of rank K: half the sum of ell beyond the K largest.
double pca_pixel_error(std::vector<double> ell, std::size_t rank);

// Gamma_tau = sum_k G_k w_tau^k u_tau^k of the leading modes: 0 at the start, 1 once learned in
// the linear limit (section 4.2).
std::vector<double> mode_gains(Unit unit, const std::vector<double>& ell, const Amplitudes& at,
                               std::size_t modes);

// |V_k . e_tau|/|V_k|, K x modes: which component a unit has learned (section 6.3).
Array64 decoder_overlaps(const Amplitudes& at, std::size_t modes);

// The same for encoders, weighted by what the fields see: sqrt(ell_tau) |w_tau^k|/sqrt(Q1_kk).
Array64 encoder_overlaps(const std::vector<double>& ell, const Amplitudes& at, std::size_t modes);

// Squared lengths of the projections of e_1 ... e_modes onto the span of the decoders, summed, over
// min(K, modes): 1 where one of the two spaces contains the other.
double subspace_overlap(const Amplitudes& at, std::size_t modes);

// All of these at once, for the leading modes: what a trajectory records, predicted from the
// equations' amplitudes and measured from those of a network's weights (amplitudes_of).
struct Observables {
  double pixel_error;
  OrderParameters order;
  std::vector<double> gains;
  Array64 decoder_overlaps, encoder_overlaps;
  double subspace_overlap;
};
Observables observables(Unit unit, const std::vector<double>& ell, const Amplitudes& at,
                        std::size_t modes);

}  // namespace theory
}  // namespace hourglass
