#pragma once

#include <hourglass/core/parameter.hpp>
#include <hourglass/random/stream.hpp>

#include <string>

// Initial weights. Parameter k of a list takes step k of the stream; biases become zero. Fan in and
// fan out are the columns and rows of a weight, which is outputs x inputs.
namespace HOURGLASS_API hourglass {
namespace init {

// Entries N(0, deviation^2), independent. Throws ArgumentError unless the deviation is
// finite and >= 0.
void gaussian(Parameters parameters, double deviation, Stream stream);

// Variance 2 / (fan in + fan out) (Glorot and Bengio 2010; also called Xavier), uniform in
// +-sqrt(6 / (fan in + fan out)) or normal.
void glorot_uniform(Parameters parameters, Stream stream);
void glorot_normal(Parameters parameters, Stream stream);

// Variance 2 / fan in (He et al. 2015; also called Kaiming): for relu.
void he_uniform(Parameters parameters, Stream stream);
void he_normal(Parameters parameters, Stream stream);

// Orthonormal rows or columns, whichever are fewer, uniformly distributed (Saxe et al. 2014).
void orthogonal(Parameters parameters, Stream stream);

// By the name above, or "gaussian:0.1"; forms() lists them, for the help of a command line. Throws
// InputError naming what was found and expected.
void named(const std::string& text, Parameters parameters, Stream stream);
std::string forms();

// Encoder (H x D) and decoder (D x H) of a linear autoencoder aligned with the first columns of
// `basis` (D x k), as many as there are hidden units, and balanced: hidden unit i carries mode i
// with strength u0 >= 0, so that W = u0 sum_i v_i v_i^T. The modes then evolve independently
// (docs/theory/linear.md, section 2). Throws ArgumentError if shapes do not match.
void aligned(Parameter& encoder, Parameter& decoder, const Array64& basis, double u0);

}  // namespace init
}  // namespace hourglass
