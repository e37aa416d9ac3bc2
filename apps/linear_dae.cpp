// Linear autoencoders on real data: plain, with noise and with weight decay, beside their closed
// form.

#include "command_line.hpp"
#include <hourglass/measure/linear_dae.hpp>
#include <hourglass/report/progress.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

using namespace hourglass;

namespace {

void add_options(CLI::App& app, LinearDaeConfig& config) {
  const auto number = numbers_of(app);
  number("--hidden", config.hidden, "UNITS", "hidden units");
  const std::map<std::string, InputNoise> noises{{"gaussian", InputNoise::gaussian},
                                                 {"coloured", InputNoise::coloured},
                                                 {"masking", InputNoise::masking}};
  app.add_option_function<std::string>(
         "--noise", [&config, noises](const std::string& name) { config.noise = noises.at(name); },
         "of the denoising run: gaussian, coloured (covariance like a power of the data's) or "
         "masking (needs --method expected, which is then the default)")
      ->check(CLI::IsMember({"gaussian", "coloured", "masking"}).description(""))
      ->type_name("NAME")
      ->default_str("gaussian");
  number("--sigma2", config.sigma2, "VARIANCE", "mean noise variance of the denoising run");
  number("--colour", config.colour, "POWER", "of coloured noise: 0 white, 1 like the data");
  number("--drop", config.drop, "PROBABILITY", "of masking noise");
  app.add_flag("--rescaled", config.rescaled, "masking divides what it keeps by 1 - PROBABILITY");
  number("--gamma", config.gamma, "STRENGTH", "weight decay gamma/2 |W|^2 of the decay run");
  app.add_option("--rate", config.rate, "learning rate; by default 0.5 / lambda_1")
      ->type_name("RATE");
  number("--steps", config.steps, "STEPS", "gradient steps of each run")
      ->check(CLI::Range(1.0, 1e15).description(""));
  number("--init", config.init, "STD", "standard deviation of the initial weights");
  app.add_option("--u0", config.u0,
                 "start aligned with the data instead, every mode with this strength; 0.001 where "
                 "--depth or --imbalance ask for such a start")
      ->type_name("STRENGTH");
  number("--imbalance", config.imbalance, "DIFFERENCE",
         "aligned start with w2^2 - w1^2 = this in every mode");
  number("--depth", config.depth, "LAYERS", "weight layers, from an aligned start if more than 2");
  number("--modes", config.modes, "LIST", "modes to compare, counted from the strongest")
      ->delimiter(',');
  const auto choose = [&config](const std::string& name) {
    config.method = name == "sampled"    ? Method::sampled
                    : name == "expected" ? Method::expected
                                         : Method::eigenbasis;
  };
  app.add_option_function<std::string>(
         "--method", choose,
         "how gradients are computed: sampled (draws noise, runs over rows), expected (noise "
         "integrated out), eigenbasis (the same, rotated: fastest)")
      ->check(CLI::IsMember({"sampled", "expected", "eigenbasis"}).description(""))
      ->type_name("NAME")
      ->default_str("eigenbasis");
  number("--batch", config.batch, "ROWS", "rows a step for --method sampled; 0: all");
  number("--records", config.records, "STEPS", "about how many steps are recorded");
}

std::string mode_label(const Comparison& c, std::size_t column, const std::vector<double>& lambda) {
  const int mode = c.measured.columns()[column].index;
  std::ostringstream label;
  label.precision(4);
  label << "mode " << mode << ", λ = " << lambda[std::size_t(mode) - 1];
  return label.str();
}

Panel panel(const Comparison& comparison, const std::string& run, const std::string& title,
            const std::vector<double>& eigenvalues) {
  Panel result{.title = title};
  const auto& columns = comparison.measured.columns();
  for (std::size_t k = 0; k < columns.size(); ++k)
    if (columns[k].series == run + " mode strength")
      result.curves.push_back({mode_label(comparison, k, eigenvalues), comparison.measured.steps(),
                               comparison.measured.values(k),
                               comparison.predicted.values(comparison.predicted.find(columns[k]))});
  return result;
}

std::string with_value(const char* text, double value) {
  std::ostringstream out;
  out << text << value;
  return out.str();
}

std::string noise_title(const LinearDaeConfig& config) {
  if (config.noise == InputNoise::masking) return with_value("masking (DAE), p = ", config.drop);
  return with_value(config.noise == InputNoise::coloured ? "coloured noise (DAE), mean σ² = "
                                                         : "noise (DAE), σ² = ",
                    config.sigma2);
}

std::vector<Figure> figures(const LinearDaeConfig& config, const LinearDaeResult& result) {
  const auto panels = [&] {
    return std::vector<Panel>{
        panel(result.comparison, "ae", "plain (AE)", result.eigenvalues),
        panel(result.comparison, "dae", noise_title(config), result.eigenvalues),
        panel(result.comparison, "wdae", with_value("weight decay (WDAE), γ = ", config.gamma),
              result.eigenvalues)};
  };
  return {{.name = "mode_strengths",
           .x_label = "step",
           .y_label = "mode strength uᵢ",
           .log_x = true,
           .y_min = 0,
           .panels = panels(),
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
           .panels = panels(),
           .caption =
               "The same on a logarithmic scale, which shows the plateaus before a mode "
               "rises, and the decay of modes that weight decay does not let live. Random weights "
               "start with strengths of either sign and join the predicted path soon."}};
}

// How well half times and converged values agree: what the question is about.
std::string answer(const Comparison& comparison) {
  if (!comparison.agrees()) return answer_of(comparison);
  double first = NAN, others = NAN, converged = NAN;  // fmax(NAN, x) is x
  for (const Agreement& a : comparison.agreements)
    for (const Quantity& q : a.quantities) {
      if (std::isnan(q.tolerance)) continue;
      double& worst = q.name != "half time" ? converged : a.column.index == 1 ? first : others;
      worst = std::fmax(worst, std::abs(q.deviation()));
    }
  std::ostringstream text;
  text.precision(2);
  const auto clause = [&](const char* before, double worst, const char* after) {
    if (!std::isnan(worst)) text << before << worst << after;
  };
  text << "All mode curves follow the closed form";
  clause("; half times within ", 100 * others, " %");
  clause("; that of mode 1 within ", 100 * first, " %");
  clause("; converged values within ", converged, "");
  if (std::isnan(others) && std::isnan(first)) text << "; none rose within the run";
  return text.str() + ".";
}

std::vector<std::string> aligned_notes(const LinearDaeConfig& config) {
  std::vector<std::string> lines{
      "A mode's strength is uᵢ = vᵢᵀ W vᵢ, with vᵢ the eigenvectors of the uncentred second "
      "moments "
      "C = XᵀX/N. The weights start aligned with them, Wₗ = Rₗ₊₁ diag(aₗ) Rₗᵀ with random "
      "rotations "
      "between the layers, so that every mode evolves by itself.",
      "The prediction is the gradient flow of a mode. Gradient descent is late on it by some "
      "steps, "
      "which the tolerances allow for and which matter for the fastest mode alone."};
  if (config.depth > 2)
    lines.push_back(
        "With weight decay a deep network's modes learn only from above a threshold: below it they "
        "die, however strong they are in the data.");
  return lines;
}

std::vector<std::string> notes(const LinearDaeConfig& config) {
  if (is_aligned(config)) return aligned_notes(config);
  std::vector<std::string> lines{
      "A mode's strength is uᵢ = vᵢᵀ W vᵢ, with vᵢ the eigenvectors of the uncentred second "
      "moments "
      "C = XᵀX/N: 1 where the mode is reconstructed, λ/(λ+σ²) at most under noise, 1 − γ/λ under "
      "weight decay.",
      "The prediction is the logistic of each mode, started at its effective initial strength (the "
      "QR rule) and corrected for finite steps; it knows the spectrum, the settings and the "
      "initial "
      "weights, and nothing of the run.",
      "Half times must agree within 0.5 % (mode 1, which takes the fewest steps: 5 %), and "
      "converged "
      "values within 0.001."};
  if (config.method == Method::sampled)
    lines.push_back(
        "Noise is drawn, so strengths fluctuate; the tolerances include four standard "
        "deviations of that.");
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Linear autoencoders on real data: plain (AE), with input noise (DAE) and "
      "with weight decay (WDAE), from the same small random weights; measured mode "
      "strengths beside their closed form.",
      "linear_dae");
  CommonOptions options;
  LinearDaeConfig config;
  add_options(app, config);
  add_common_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(options);
    const Dataset dataset = data::load_dataset(options.data);
    require_writable(options.out);
    Progress progress("linear_dae", 3 * config.steps, options.quiet);
    config.seed = options.seed;
    // the default modes, as far as there are hidden units for them
    if (app.count("--modes") == 0)
      std::erase_if(config.modes, [&](std::size_t mode) { return mode > config.hidden; });
    if (config.noise == InputNoise::masking && app.count("--method") == 0)
      config.method = Method::expected;
    config.progress = [&](std::size_t done, std::size_t) { progress.update(done); };
    const LinearDaeResult result = run_linear_dae(config, dataset);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    Run run{.app = "linear_dae",
            .title = "Linear denoising autoencoders against their closed form",
            .question =
                "Do the modes of a linear autoencoder, trained by gradient descent on real "
                "images, follow the closed form under noise and under weight decay?",
            .answer = answer(result.comparison),
            .notes = notes(config),
            .command = command_of(argc, argv),
            .config = used_settings(
                app, {{"rate", result.rate},
                      {"modes", std::vector<double>(config.modes.begin(), config.modes.end())}}),
            .environment = environment,
            .data = {dataset.name, dataset.samples(), dataset.features(), dataset.checksum},
            .comparison = result.comparison,
            .figures = figures(config, result),
            .wall_seconds = wall.count(),
            .steps_per_second = double(result.steps) / result.training_seconds};
    return finish(run, options);
  });
}
