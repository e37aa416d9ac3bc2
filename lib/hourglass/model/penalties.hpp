#pragma once

#include <hourglass/core/ops.hpp>

#include <functional>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// The one of that name; throws LookupError naming those there are, beginning with `who`.
Parameter& parameter_named(Parameters parameters, const std::string& name, const char* who = "");

// One training pass of a model, as a penalty sees it. A loss without samples has no input and no
// code; penalties that need them then throw UsageError ("empty Var").
struct Pass {
  Var loss;  // 1x1, so far
  Parameters parameters;
  Var input = {};  // BxD: what the encoder saw, noise included
  Var code = {};   // BxK, of that input
};

// Returns the loss so far plus itself (1x1). Every strength gamma must be finite:
// ArgumentError. Parameters are found by name: LookupError naming those there are.
using Penalty = std::function<Var(const Pass& pass)>;

// Weight decay as a penalty: gamma/2 ||W||^2 for every parameter that is not a bias (with `biases`:
// for those as well); l2_of: for the named ones.
Penalty l2(double gamma, bool biases = false);
Penalty l2_of(double gamma, std::vector<std::string> names);

// gamma sum |w|, for the same parameters; derivative 0 at w = 0
Penalty l1(double gamma, bool biases = false);

// gamma/2 ||W2 W1||^2 of a linear network, W1: HxD, W2: DxH. Acts as noise of variance gamma on
// the input would (docs/theory/linear.md, section 9.3). O(D H^2), rounded as ||W2||^2 ||W1||^2 is.
Penalty product(double gamma, std::string encoder = "encoder.W", std::string decoder = "decoder.W");

// 1/2 sum_j gammas[j] (||row j of W1||^2 + ||column j of W2||^2), one gamma a latent unit: orders
// the principal directions (Bao et al. 2020; section 9.6). Throws ArgumentError if the
// weights have another number of units.
Penalty non_uniform_l2(std::vector<double> gammas, std::string encoder = "encoder.W",
                       std::string decoder = "decoder.W");

// gamma/2 sum ||G - I||^2 over all weights that are no biases; G: W W^T, or W^T W where W has more
// rows than columns.
Penalty orthogonality(double gamma);

// gamma sum_k [r log(r/m_k) + (1-r) log((1-r)/(1-m_k))] with the target 0 < r < 1 and m_k the mean
// of code unit k over the batch (Ng 2011). For codes between 0 and 1, as a sigmoid's: a mean
// outside throws DomainError; at 0 and 1 the penalty is infinite.
Penalty kl_sparsity(double target, double gamma);

// gamma/(2B) sum_b ||d code_b / d input_b||^2 (Frobenius; Rifai et al. 2011 with gamma/2 for their
// lambda). Exact for any encoder that treats rows one by one: one recorded gradient for each
// code unit, differentiated once more by backward(). The encoder's ops must have
// recorded rules. Costs K gradients of the encoder, and K arrays like the input to keep: 64 units
// on 784 inputs make a step about 50 times as long. Allocates K small vectors a step.
Penalty contractive(double gamma);

// "l2:1e-4", "kl:0.05:0.1", ...: penalty_forms() lists them, for the help of a command line. Every
// gamma is >= 0 there. Throws InputError with what was found and expected.
Penalty penalty_named(const std::string& text);
std::string penalty_forms();

}  // namespace hourglass
