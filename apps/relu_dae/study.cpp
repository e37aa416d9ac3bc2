#include "experiment.hpp"
#include <hourglass/report/number.hpp>

namespace hourglass {
namespace {

Panel panel(const ReluDaeResult& result, const std::string& run, const std::string& title) {
  Panel panel{.title = title};
  for (std::size_t mode = 1; mode <= result.config.modes; ++mode)
    panel.curves.push_back(curve_of(
        result.comparison, relu_dae::mapping(run, mode),
        "mode " + std::to_string(mode) + ", λ = " + rounded(result.eigenvalues[mode - 1], 3)));
  return panel;
}

std::vector<Figure> figures(const ReluDaeResult& result) {
  const ReluDaeConfig& config = result.config;
  return {{.name = "mappings",
           .x_label = "step",
           .y_label = "mapping mᵢ",
           .log_x = true,
           .panels = {panel(result, plain_run, "plain (AE)"),
                      panel(result, decayed_run,
                            "weight decay (WDAE), γ = " + rounded(*config.gamma, 3)),
                      panel(result, noisy_run, "noise (DAE), σ² = " + rounded(config.sigma2, 3))},
           .caption = "How much of each mode a ReLU autoencoder passes on: marks are training, "
                      "lines the theory of a linear network with the same constants."}};
}

// The largest deviation of a quantity among the modes of one run, of those that are judged or of
// those that are not.
double worst(const ReluDaeResult& result, const std::string& run, const std::string& quantity,
             bool judged) {
  return largest_deviation(result.comparison, [&](const Agreement& a, const Quantity& q) {
    const std::size_t mode = std::size_t(a.column.index);
    return a.column == relu_dae::mapping(run, mode) && q.name == quantity &&
           (q.verdict() != Verdict::not_judged) == judged;
  });
}

double latest(const ReluDaeResult& result, bool judged) {
  double late = NAN;
  for (const char* run : {plain_run, decayed_run, noisy_run})
    late = std::fmax(late, worst(result, run, half_time_name, judged));
  return 100 * late;
}

std::string answer(const ReluDaeResult& result) {
  if (result.comparison.verdict() != Verdict::agrees) return answer_of(result.comparison);
  const auto end = [&](const char* run, bool judged) {
    return worst(result, run, final_value_name, judged);
  };
  std::string text = "In part";
  text += clause(": converged mappings lie within ", end(plain_run, true),
                 " of the linear value for the plain network");
  text += clause(", within ", end(decayed_run, true), " under weight decay");
  text += clause(", within ", end(noisy_run, true), " under noise");
  text += clause("; half times within ", latest(result, true), " %");
  std::string open = clause("under noise mappings end up to ", end(noisy_run, false), " from it");
  open += clause(open.empty() ? "half times differ by up to " : ", half times differ by up to ",
                 latest(result, false), " %");
  return text + (open.empty() ? "." : ". Not judged: " + open + ".");
}

std::vector<std::string> notes(const ReluDaeResult& result) {
  return {
      "The mapping of mode i is mᵢ = vᵢᵀ Ĉ vᵢ / λᵢ with Ĉ = Σ x̂ₙ xₙᵀ / N, and vᵢ, λᵢ the "
      "eigenvectors and eigenvalues of the uncentred second moments. It is read from the forward "
      "pass that the step trains on, with that step's noise. In a linear network it is the mode's "
      "strength vᵢᵀ W vᵢ.",
      "The theory is that of a linear network with the same constants: plateaus 1, 1 − γ/λ and "
      "λ/(λ+σ²). It works because images are not negative and not centred: the first mode is "
      "nearly the mean image, and the units that are on along it stay on for most images.",
      "Starts: without noise, the QR rule over the " + rounded(100 * result.active_units, 3) +
          " % of the units that start on along v₁ and grow there; with noise, which keeps all "
          "units at work at first, over all units.",
      "Final values are means over the last tenth of the run. Where the theory has converged "
      "(within 0.005) they are judged: within 0.005 for the plain network, 0.02 under weight "
      "decay. Under noise the gates learn to denoise, and more is kept than a linear network can: "
      "at most 0.02 less is allowed. How much more depends on the data: up to 0.1 on MNIST and "
      "CIFAR-10, "
      "which their presets judge, and more on Fashion-MNIST.",
      "Half times are those to half of the run's own final value. The presets of the publication "
      "judge them (15 %). On Fashion-MNIST the third mode comes early, by 7 to 22 % and less so "
      "with more hidden units: the network is not linear, and its modes help each other.",
      "A weaker mode may be ahead of a stronger one by 0.01; of eigenvalues within 1 % of each "
      "other "
      "none is the stronger one.",
      "Two corrections to the publication: its CIFAR-10 curves are those of noise with σ² = 9, not "
      "4 as its code has it; and its stored recordings start with a row of zeros, so that row r is "
      "the state after 10 (r − 1) steps."};
}

const Study<ReluDaeConfig, ReluDaeResult> study{
    .name = "relu_dae",
    .title = "ReLU autoencoders against the theory of linear ones",
    .about =
        "ReLU autoencoders without biases on real images: plain (AE), with weight decay (WDAE) and "
        "with Gaussian input noise (DAE), from the same small random weights; how much of each "
        "mode they pass on, beside the theory of linear networks.",
    .question =
        "Does a ReLU autoencoder, trained on real images, learn the modes of the data as a linear "
        "one does, under weight decay and under noise?",
    .presets = relu_dae_presets(),
    .preset = "small",
    .run = [](const ReluDaeConfig& config,
              Session& session) { return run_relu_dae(config, session.load(config.data)); },
    .answer = answer,
    .notes = notes,
    .figures = figures};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
