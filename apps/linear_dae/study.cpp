#include "../cli/study.hpp"

#include "experiment.hpp"
#include <hourglass/report/number.hpp>

#include <cmath>

namespace hourglass {
namespace {

Panel panel(const LinearDaeResult& result, const std::string& run, const std::string& title) {
  Panel panel{.title = title};
  for (const std::size_t mode : *result.config.modes)
    panel.curves.push_back(curve_of(
        result.comparison, linear_dae::strength(run, mode),
        "mode " + std::to_string(mode) + ", λ = " + rounded(result.eigenvalues[mode - 1], 4)));
  return panel;
}

std::string noise_title(const LinearDaeConfig& config) {
  if (config.noise == InputNoise::masking) return "masking (DAE), p = " + rounded(config.drop, 6);
  return (config.noise == InputNoise::coloured ? "coloured noise (DAE), mean σ² = "
                                               : "noise (DAE), σ² = ") +
         rounded(config.sigma2, 6);
}

std::vector<Figure> figures(const LinearDaeResult& result) {
  const std::vector<Panel> panels{
      panel(result, plain_run, "plain (AE)"), panel(result, noisy_run, noise_title(result.config)),
      panel(result, decayed_run, "weight decay (WDAE), γ = " + rounded(result.config.gamma, 6))};
  return {{.name = "mode_strengths",
           .x_label = "step",
           .y_label = "mode strength uᵢ",
           .log_x = true,
           .y_min = 0,
           .panels = panels,
           .caption = "Mode strengths while a linear autoencoder learns: theory as lines, gradient "
                      "descent as marks."},
          {.name = "plateaus",
           .x_label = "step",
           .y_label = "mode strength uᵢ",
           .log_x = true,
           .log_y = true,
           .relative_deviation = true,
           .y_min = 1e-7,
           .y_max = 2,
           .panels = panels,
           .caption =
               "The same on a logarithmic scale, which shows the plateaus before a mode "
               "rises, and the decay of modes that weight decay does not let live. Random weights "
               "start with strengths of either sign and join the predicted path soon."}};
}

// How well half times and converged values agree: what the question is about.
std::string answer(const LinearDaeResult& result) {
  const Comparison& comparison = result.comparison;
  if (comparison.verdict() != Verdict::agrees) return answer_of(comparison);
  const auto worst = [&](const std::string& quantity, bool first) {
    return largest_deviation(comparison, [&](const Agreement& a, const Quantity& q) {
      return q.name == quantity && !std::isnan(q.tolerance) &&
             (quantity == final_value_name || (a.column.index == 1) == first);
    });
  };
  const double first = worst(half_time_name, true), others = worst(half_time_name, false);
  std::string text = result.held_up.empty() ? "All mode curves follow the closed form"
                                            : "Mode curves follow the closed form where others of "
                                              "near eigenvalue do not hold them up";
  text += clause("; half times within ", 100 * others, " %");
  text += clause("; that of mode 1 within ", 100 * first, " %");
  text += clause("; converged values within ", worst(final_value_name, false));
  if (std::isnan(others) && std::isnan(first)) text += "; none rose within the run";
  return text + ".";
}

std::vector<std::string> aligned_notes(const LinearDaeConfig& config) {
  std::vector<std::string> lines{
      "A mode's strength is uᵢ = vᵢᵀ W vᵢ, with vᵢ the eigenvectors of the uncentred second "
      "moments C = XᵀX/N. The weights start aligned with them, Wₗ = Rₗ₊₁ diag(aₗ) Rₗᵀ with random "
      "rotations between the layers, so that every mode evolves by itself.",
      "The prediction is the gradient flow of a mode. Gradient descent is late on it by some "
      "steps, which the tolerances allow for and which matter for the fastest mode alone."};
  if (config.depth > 2)
    lines.push_back(
        "With weight decay a deep network's modes learn only from above a threshold: below it they "
        "die, however strong they are in the data.");
  return lines;
}

std::vector<std::string> notes(const LinearDaeResult& result) {
  if (is_aligned(result.config)) return aligned_notes(result.config);
  std::vector<std::string> lines{
      "A mode's strength is uᵢ = vᵢᵀ W vᵢ, with vᵢ the eigenvectors of the uncentred second "
      "moments C = XᵀX/N: 1 where the mode is reconstructed, λ/(λ+σ²) at most under noise, 1 − γ/λ "
      "under weight decay.",
      "The prediction is the logistic of each mode, started at its effective initial strength (the "
      "QR rule) and corrected for finite steps; it knows the spectrum, the settings and the "
      "initial weights, and nothing of the run.",
      "Half times must agree within 0.5 % (mode 1, which takes the fewest steps: 5 %), and "
      "converged values within 0.001."};
  if (!result.held_up.empty())
    lines.push_back(
        "Of modes " +
        text_of(std::vector<std::uint64_t>(result.held_up.begin(), result.held_up.end())) +
        " the path is not judged: with so few hidden units, other modes of near or equal "
        "eigenvalue "
        "rise at the same time and hold them up by more than the tolerance, which the QR rule "
        "leaves "
        "out. Of equal eigenvalues the eigenvectors themselves are not determined. Where such a "
        "mode "
        "ends is judged as far as that is determined.");
  if (result.config.method == Method::sampled)
    lines.push_back(
        "Noise is drawn, so strengths fluctuate; the tolerances include four standard deviations "
        "of that.");
  return lines;
}

const Study<LinearDaeConfig, LinearDaeResult> study{
    .name = "linear_dae",
    .title = "Linear denoising autoencoders against their closed form",
    .about =
        "Linear autoencoders on real data: plain (AE), with input noise (DAE) and with weight "
        "decay (WDAE), from the same small random weights; measured mode strengths beside their "
        "closed form.",
    .question =
        "Do the modes of a linear autoencoder, trained by gradient descent on real images, follow "
        "the closed form under noise and under weight decay?",
    .run =
        [](const LinearDaeConfig& config, Session& session) {
          const LinearDaeConfig chosen = settled(config);
          return run_linear_dae(chosen, session.load(chosen.data));
        },
    .answer = answer,
    .notes = notes,
    .figures = figures};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
