#pragma once

#include <hourglass/core/parameter.hpp>
#include <hourglass/random/stream.hpp>

namespace hourglass::init {

// Entries N(0, deviation^2), independent; parameter k of the list takes step k of the stream.
// Biases become zero. Throws std::invalid_argument unless the deviation is finite and >= 0.
void gaussian(Parameters parameters, double deviation, Stream stream);

// Encoder (H x D) and decoder (D x H) of a linear autoencoder aligned with the first columns of
// `basis` (D x k), as many as there are hidden units, and balanced: hidden unit i carries mode i
// with strength u0 >= 0, so that W = u0 sum_i v_i v_i^T. The modes then evolve independently
// (docs/theory/linear.md, section 2). Throws std::invalid_argument if shapes do not match.
void aligned(Parameter& encoder, Parameter& decoder, const Array64& basis, double u0);

}  // namespace hourglass::init
