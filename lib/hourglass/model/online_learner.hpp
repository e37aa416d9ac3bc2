#pragma once

#include <hourglass/model/autoencoder.hpp>

#include <cstddef>

// Online descent of shallow autoencoders x_hat = V g(W x/sqrt(D) + b) + c at the rates for which
// time is steps/D whatever D is: docs/theory/nonlinear.md, sections 1.3, 5.1 and 6; Refinetti &
// Goldt 2022.
namespace HOURGLASS_API hourglass {

// How a step changes the parameters (section 6).
enum class OnlineRule {
  vanilla,       // gradient of the per-pixel error: rate lr for V and c, lr/D for W and b
  truncated,     // unit k sees what units 0..k leave; without a decoder bias
  sanger,        // linear and tied, x_hat = W^T W x without the 1/sqrt(D); rate lr/D
  tied,          // V = W^T, the true gradient at rate lr
  tied_detached  // as tied, but the decoder's share of the gradient is dropped: only to reproduce
                 // the published curves
};

// The network and how it learns; lr is the rate of the rules above.
struct OnlineOptions {
  Activation activation = Activation::erf;  // linear, erf(z/sqrt 2) or relu
  bool encoder_bias = false, decoder_bias = false;
  OnlineRule rule = OnlineRule::vanilla;
  double lr = 1;
};

// A shallow autoencoder that learns from one batch a step by one of the rules above.
class OnlineLearner {
 public:
  // All weights 0. Throws ArgumentError for another activation, for biases of a tied model
  // or a decoder bias of a truncated one, for sanger's rule unless linear, and for sizes of 0.
  OnlineLearner(std::size_t features, std::size_t units, const OnlineOptions& options);

  // encoder.W and, unless tied, decoder.W, whose rows are the output directions (units x features
  // both); encoder.b, decoder.b. Noise and penalties of the model count under the vanilla and the
  // tied rule; loss() throws UsageError where the other rules meet some.
  Autoencoder& model() { return model_; }
  const Autoencoder& model() const { return model_; }

  // 1/(2BD) sum ||x - x_hat||^2 over the rows of x. backward() then leaves the rule's direction.
  Var loss(Tape& tape, const View& x) const;
  // One step of the rule on the rows of x; returns the loss before it.
  double step(Tape& tape, const View& x);

 private:
  OnlineOptions options_;
  Autoencoder model_;
};

}  // namespace hourglass
