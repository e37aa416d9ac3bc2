// Input noise against weight decay in the smallest linear autoencoder, beside the closed form.

#include "command_line.hpp"
#include "noise_vs_decay_figures.hpp"
#include <hourglass/report/number.hpp>
#include <hourglass/report/progress.hpp>

#include <chrono>
#include <cmath>
#include <optional>

using namespace hourglass;

namespace {

void add_options(CLI::App& app, NoiseVsDecayConfig& config) {
  const auto number = numbers_of(app);
  number("--lambdas", config.lambdas, "LIST", "eigenvalues of the grid of curves")->delimiter(',');
  number("--variances", config.variances, "LIST", "noise variances of the grid, one panel each")
      ->delimiter(',');
  number("--lambda", config.lambda, "VALUE", "eigenvalue of the other experiments");
  number("--sigma2", config.sigma2, "VARIANCE", "noise variance of the other experiments");
  number("--scan", config.scan, "LIST", "noise variances at which optimal rates are measured")
      ->delimiter(',');
  number("--rate", config.rate, "RATE", "learning rate, where it is not the optimal one");
  number("--steps", config.steps, "STEPS", "gradient steps of each run")
      ->check(CLI::Range(1.0, 1e8).description(""));
  number("--start", config.start, "WEIGHT", "small start w1 = w2");
  number("--paths", config.paths, "COUNT", "random starts on the loss surface")
      ->check(CLI::Range(1, 1000).description(""));
  number("--box", config.box, "WEIGHT", "random starts lie within -box...box in both weights");
  number("--records", config.records, "STEPS", "about how many steps are compared");
}

// The largest deviation of one quantity; NaN if nothing has it.
double worst(const Comparison& comparison, const std::string& name) {
  double result = NAN;  // fmax(NAN, x) is x
  for (const Agreement& a : comparison.agreements)
    if (const Quantity* q = find_quantity(a, name); q && !std::isnan(q->tolerance))
      result = std::fmax(result, std::abs(q->deviation()));
  return result;
}

std::string answer(const Comparison& comparison) {
  if (!comparison.agrees()) return answer_of(comparison);
  std::string text = "Noise and its equivalent weight decay end in the same place";
  const auto clause = [&](const char* before, double value, const char* after) {
    if (!std::isnan(value)) text += before + rounded(value, 2) + after;
  };
  clause(" (within ", worst(comparison, "limit"), ")");
  clause("; at the same rate decay is slower by 1 + σ²/λ, within ",
         100 * worst(comparison, "slower by"), " %");
  text += "; at the rate optimal for each they take the same time";
  clause(". Training keeps to the exact recursion within ", worst(comparison, "off the recursion"),
         "");
  clause(", half times are predicted within ", worst(comparison, "half time"), " steps");
  clause(", stable rates within ", 100 * worst(comparison, "largest stable rate"), " %");
  return text + ".";
}

std::vector<std::string> notes(const NoiseVsDecayConfig& config) {
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
      "Noise keeps the imbalance w₂² − w₁² of its start (σ² = " + rounded(config.sigma2) +
          " here), decay forgets it: from an unbalanced start noise ends with the larger weights."};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Input noise against the equivalent weight decay in the linear autoencoder of one number: "
      "paths on the loss surface, times, optimal rates, sharpness and weight norms; training on "
      "the tape beside the closed form.",
      "noise_vs_decay");
  CommonOptions options;
  NoiseVsDecayConfig config;
  add_options(app, config);
  add_run_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(options);
    require_writable(options.out);
    std::optional<Progress> progress;  // how many runs there are, the first call tells
    config.seed = options.seed;
    config.progress = [&](std::size_t done, std::size_t total) {
      if (!progress) progress.emplace("noise_vs_decay", total, options.quiet);
      progress->update(done);
    };
    const NoiseVsDecayResult result = run_noise_vs_decay(config);
    progress.reset();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    const DataRecord no_data;
    Run run{.app = "noise_vs_decay",
            .title = "Input noise against weight decay",
            .question =
                "Does weight decay do to a linear autoencoder what input noise does, as "
                "fast, at which learning rates and with which weights?",
            .answer = answer(result.comparison),
            .notes = notes(config),
            .command = command_of(argc, argv),
            .config = used_settings(app),
            .environment = environment,
            .data = no_data,
            .comparison = result.comparison,
            .figures = noise_vs_decay_figures(config, result),
            .wall_seconds = wall.count(),
            .steps_per_second = double(result.steps) / result.training_seconds};
    return finish(run, options);
  });
}
