#pragma once

#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/training.hpp>

#include <functional>
#include <string>
#include <vector>

// Runs of one network side by side from the same start: plain, with input noise, with weight decay.
namespace HOURGLASS_API hourglass {

// The names that these runs have in the papers.
inline constexpr const char *plain_run = "ae", *noisy_run = "dae", *decayed_run = "wdae";

// One of them.
struct Variant {
  std::string name;              // "dae"
  double sigma2 = 0, gamma = 0;  // noise variance (of masks any measure of it), weight decay
};

// The rate from which on gradient descent is unstable in a linear network from small weights, on
// data with that largest eigenvalue: 2 over its largest curvature, at its minimum or at the origin
// (docs/theory/linear.md, section 7). drawn: the mean |x~|^2, over the rows of a step, of what they
// draw afresh; noise that is drawn makes descent unstable earlier than noise that is integrated
// out.
// start: the largest squared singular value of the initial weights.
double stability_edge(double lambda_1, const Variant& variant, double drawn = 0, double start = 0);

// The same of random weights of that standard deviation.
double start_of(double deviation, std::size_t features, std::size_t hidden);

// How each of them is trained.
struct VariantTraining {
  std::vector<Variant> variants;
  Training training;  // of one; `progress` and `part` are not used
  double rate;        // of gradient descent
  std::function<void(std::size_t done, std::size_t total)> progress = {};  // of all together
};

// All of these runs, one after the other.
class Variants {
 public:
  // Nothing is trained yet.
  explicit Variants(VariantTraining settings) : settings_(std::move(settings)) {}

  // Trains one of them by gradient descent. Throws Divergence naming it.
  Trace descend(const Variant& variant, const std::function<Var(Tape&)>& loss,
                Parameters parameters, const Probe& probe);

  // Each variant measured, predicted and judged, one after the other.
  Comparison compare(const std::function<Trace(const Variant&)>& measure,
                     const std::function<Trace(const Variant&)>& predict,
                     const std::function<std::vector<Agreement>(
                         const Variant&, const Trace& measured, const Trace& predicted)>& judge);

  double training_seconds() const { return seconds_; }  // spent in measuring
  // Of all of them together.
  std::size_t steps() const { return settings_.variants.size() * settings_.training.steps; }

 private:
  VariantTraining settings_;
  double seconds_ = 0;
  std::size_t begun_ = 0;
};

}  // namespace hourglass
