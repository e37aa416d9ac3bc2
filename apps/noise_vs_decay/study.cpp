#include "../cli/study.hpp"

#include "figures.hpp"
#include <hourglass/report/number.hpp>

#include <cmath>

namespace hourglass {
namespace {

using namespace noise_vs_decay;

std::string answer(const NoiseVsDecayResult& result) {
  const Comparison& comparison = result.comparison;
  if (comparison.verdict() != Verdict::agrees) return answer_of(comparison);
  const auto worst = [&](const char* name) {
    return largest_deviation(comparison, [&](const Agreement&, const Quantity& q) {
      return q.name == name && !std::isnan(q.tolerance);
    });
  };
  std::string text = "Noise and its equivalent weight decay end in the same place";
  text += clause(" (within ", worst(limit), ")");
  text += clause("; at the same rate decay is slower by 1 + σ²/λ, within ", 100 * worst(slower_by),
                 " %");
  text += "; at the rate optimal for each they take the same time";
  text += clause(". Training keeps to the exact recursion within ", worst(off_recursion));
  text += clause(", half times are predicted within ", worst(half_time_name), " steps");
  text += clause(", stable rates within ", 100 * worst(stable_rate), " %");
  return text + ".";
}

std::vector<std::string> notes(const NoiseVsDecayResult& result) {
  return {
      "The network is x̂ = w₂w₁x̃ with loss λ/2 (1 − u)² + σ²/2 u² + γ/2 (w₁² + w₂²), u = w₁w₂, and "
      "is trained on the tape, with the noise integrated out. The equivalent decay of noise σ² is "
      "γ = λσ²/(λ+σ²): both end at u = λ/(λ+σ²).",
      "Lines are the gradient flow in closed form (unbalanced weights under decay: integrated "
      "numerically). Training takes finite steps, so it must miss the flow by an amount that "
      "iterating the scalar recursion tells: that is each curve's tolerance. Training itself must "
      "follow the recursion up to rounding: ten times the machine's precision a step.",
      "Optimal rates are one over the largest curvature at w₁ = w₂ = 1, measured by "
      "Hessian-vector products: 1/(2λ+3σ²) for noise, 1/(2λ+γ) for decay. Largest stable rates are "
      "found by bisection of training beside the minimum.",
      "Correction: at these two rates the flows are identical, since 2λ+γ = λ/(λ+σ²) (2λ+3σ²). "
      "The published figure that shows a difference was drawn with 1/(2λ+2γ).",
      "Correction: the curvature on the way is max(3ξu − λ, λ − ξu) + γ, not its first term alone; "
      "and since training from small weights ends where the curvature is 2λ whatever the noise, "
      "noise does not call for a smaller rate there.",
      "Correction: a network under decay ends in a sharper place than the scalar 2(λ₁ − γ): "
      "changes that turn the hidden units against each other are steeper. The network here has "
      "eigenvalues 3, 2, 1, 0.5, four units and γ = 0.6.",
      "Noise keeps the imbalance w₂² − w₁² of its start (σ² = " + rounded(result.config.sigma2) +
          " here), decay forgets it: from an unbalanced start noise ends with the larger weights."};
}

const Study<NoiseVsDecayConfig, NoiseVsDecayResult> study{
    .name = "noise_vs_decay",
    .title = "Input noise against weight decay",
    .about =
        "Input noise against the equivalent weight decay in the linear autoencoder of one number: "
        "paths on the loss surface, times, optimal rates, sharpness and weight norms; training on "
        "the tape beside the closed form.",
    .question =
        "Does weight decay do to a linear autoencoder what input noise does, as fast, at which "
        "learning rates and with which weights?",
    .run = [](const NoiseVsDecayConfig& config, Session&) { return run_noise_vs_decay(config); },
    .answer = answer,
    .notes = notes,
    .figures = noise_vs_decay_figures};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
