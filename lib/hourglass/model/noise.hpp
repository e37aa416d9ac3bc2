#pragma once

#include <hourglass/core/ops.hpp>
#include <hourglass/random/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// Corruptions of an input or of a hidden layer: callables (x, position) -> corrupted x, a new draw
// for each row of the data at each step, the same for any batch split and number of threads.
// Nothing is switched on or off: what is called without a Position draws nothing.
//
// Two noises with equal Streams draw the same numbers: give each noise of a model an id of its own
// (deep_autoencoder does so for hidden layers).
//
// Gradients flow through to any order; the draw is a constant. Settings outside the ranges below
// throw ArgumentError: where there is a constructor there, otherwise in the call.
namespace HOURGLASS_API hourglass {

// Where in a run a corruption is drawn: the step, and the row of the data set that the first row
// of the batch is. The noise is a function of the place, so it is the same for any batch split.
struct Position {
  std::uint64_t step = 0;
  std::size_t row = 0;
};

// Any of the corruptions below, or one of your own; an empty one does nothing.
using Noise = std::function<Var(Var x, Position position)>;

// x + n, n ~ N(0, variance) in every entry; variance finite and >= 0.
struct GaussianNoise {
  double variance = 1;
  Stream stream = {};
  // x with noise (B x D), drawn at the position.
  Var operator()(Var x, Position position) const;
};

// x + n, n_j ~ N(0, variances[j]) for feature j.
class FeatureGaussianNoise {
 public:
  // One variance a feature.
  FeatureGaussianNoise(std::vector<double> variances, Stream stream = {});
  // x with noise (B x D), drawn at the position.
  Var operator()(Var x, Position position) const;
  // One a feature.
  const std::vector<double>& variances() const { return variances_; }

 private:
  std::vector<double> variances_;
  std::vector<Real> deviations_;
  Stream stream_;
};

// x + F n, n ~ N(0, I): covariance F F^T. `factor` F is D x k, e.g. a Cholesky factor; its entries
// are finite. The tape borrows it, so this object must outlive the step.
class CorrelatedGaussianNoise {
 public:
  // D x k numbers; the stream draws n.
  CorrelatedGaussianNoise(const Array64& factor, Stream stream = {});
  Var operator()(Var x, Position position) const&;
  Var operator()(Var x, Position position) const&& = delete;
  // F, D x k
  const Array64& factor() const { return factor_; }

 private:
  Array64 factor_;
  Array as_used_;
  Stream stream_;
};

// Each entry becomes 0 with probability p in [0, 1), independently; `rescaled`: the others are
// divided by 1 - p, which keeps the mean (dropout).
struct MaskingNoise {
  double probability = 0.5;
  bool rescaled = false;
  Stream stream = {};
  // x with noise (B x D), drawn at the position.
  Var operator()(Var x, Position position) const;
};

// Each entry becomes `low` or `high`, with probability p/2 each; p in [0, 1].
struct SaltAndPepper {
  double probability = 0.5;
  double low = 0, high = 1;
  Stream stream = {};
  // x with noise (B x D), drawn at the position.
  Var operator()(Var x, Position position) const;
};

// x (1 + n), n ~ N(0, variance) in every entry; variance finite and >= 0.
struct MultiplicativeNoise {
  double variance = 1;
  Stream stream = {};
  // x with noise (B x D), drawn at the position.
  Var operator()(Var x, Position position) const;
};

// Keeps the first units of a row and zeroes the others, their number being geometric: unit j (from
// 0) is kept with probability ratio^j, ratio in (0, 1). Orders the units by importance (Rippel,
// Gelbart and Adams, "Learning ordered representations with nested dropout", ICML 2014).
struct NestedDropout {
  double ratio = 0.9;
  Stream stream = {};
  // x with noise (B x D), drawn at the position.
  Var operator()(Var x, Position position) const;
};

// "none" (which is empty), "masking:0.3:rescaled", ...: noise_forms() lists them, for the help of a
// command line. Throws InputError naming what was found and what was expected.
Noise noise_named(const std::string& text, Stream stream);
std::string noise_forms();

}  // namespace hourglass
