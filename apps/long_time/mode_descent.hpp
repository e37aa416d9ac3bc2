#pragma once

#include <hourglass/measure/training.hpp>
#include <hourglass/random/stream.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

// Online descent of a shallow autoencoder on Gaussian inputs that vary in M of D directions, by
// training on the tape in these M coordinates (docs/theory/nonlinear.md, sections 1.1 to 1.3).
// Weights that start in the modes stay there, so that this is the whole network; a step costs the
// same whatever D is. With x/sqrt(D) as input and V/sqrt(D) as decoder it is plain descent of
// 1/2 |x - x_hat|^2 at rate lr/D.
namespace hourglass {

struct ModeDescent {
  theory::Unit unit = theory::Unit::erf;
  bool tied = false;  // the true gradient, at rate lr for W
  double lr = 1;
  std::size_t D = 100;
  std::vector<double> ell;   // of the M modes, variance over D
  theory::Amplitudes start;  // biases are trained where it has them, both or none; tied: w counts
  Stream stream = {};
};

// The amplitudes after each of training.record's steps, the last of which ends it; batch 1. Throws
// as train() does.
std::vector<theory::Amplitudes> descend(const ModeDescent& run, const Training& training);

}  // namespace hourglass
