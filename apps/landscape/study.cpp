// Where linear autoencoders end under each regularisation, beside the closed-form minima.

#include "command_line.hpp"
#include <hourglass/measure/landscape.hpp>
#include <hourglass/report/progress.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

using namespace hourglass;

namespace {

constexpr const char* runs[] = {"none", "product", "sum", "non-uniform", "rotation"};

void add_options(CLI::App& app, LandscapeConfig& config) {
  const auto number = numbers_of(app);
  number("--hidden", config.hidden, "UNITS", "hidden units");
  number("--dimensions", config.dimensions, "NUMBER",
         "leading principal coordinates of the centred data that are kept");
  number("--share", config.share, "SHARE",
         "product and sum penalty, in units of the smallest learned eigenvalue");
  number("--largest-share", config.largest_share, "SHARE",
         "largest of the non-uniform penalties, in the same units");
  number("--rho", config.rho, "STRENGTH", "strength of the rotation");
  number("--init", config.init, "STD", "standard deviation of the initial weights");
  number("--steps", config.steps, "STEPS", "gradient steps of each of the six runs");
  number("--records", config.records, "STEPS", "about how many steps are recorded");
}

double last_predicted(const Comparison& comparison, const Column& column) {
  const std::size_t c = comparison.predicted.find(column);
  return c < comparison.predicted.columns().size() ? comparison.predicted.values(c).back() : NAN;
}

Curve curve_of(const Comparison& comparison, const Column& column, const std::string& label) {
  const Trace& measured = comparison.measured;
  return {
      .label = label, .x = measured.steps(), .measured = measured.values(measured.find(column))};
}

Figure singular_values(const LandscapeConfig& config, const Comparison& comparison) {
  Figure figure{.name = "singular_values",
                .x_label = "step",
                .y_label = "singular value of W",
                .log_x = true,
                .y_min = 0,
                .level_meaning = "where the closed form ends",
                .caption =
                    "Singular values of W2 W1 while a linear autoencoder learns, and where "
                    "the closed form says that they end."};
  for (const char* run : runs) {
    Panel panel{.title = run};
    for (std::size_t i = 1; i <= config.hidden; ++i) {
      const Column column{std::string(run) + " singular value", static_cast<int>(i)};
      panel.curves.push_back(curve_of(comparison, column, std::to_string(i)));
      panel.levels.push_back({"", last_predicted(comparison, column)});
    }
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure distances(const Comparison& comparison) {
  Figure figure{.name = "distances",
                .x_label = "step",
                .y_label = "distance",
                .log_x = true,
                .log_y = true,
                .y_min = 1e-12,
                .y_max = 10,
                .caption =
                    "Distance of W1 from W2's transpose, of the columns of W2 from the principal "
                    "axes in order, of its left singular vectors from them, and of its span from "
                    "theirs: 0 where the closed form has it so."};
  for (const char* kind : {"transpose", "ordered axis", "singular axis", "subspace"}) {
    Panel panel{.title = kind};
    for (const char* run : runs)
      panel.curves.push_back(
          curve_of(comparison, {std::string(run) + " " + kind + " distance"}, run));
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure ordering(const LandscapeConfig& config, const Comparison& comparison) {
  Figure figure{.name = "ordering",
                .x_label = "step",
                .y_label = "overlap of unit i+1 with axis i",
                .log_y = true,
                .relative_deviation = true,
                .caption =
                    "From axes that are slightly tilted, the rotation orders units i and i+1 "
                    "at the rate αρ(λᵢ − λᵢ₊₁)/2 (lines)."};
  Panel panel;
  for (std::size_t i = 1; i < config.hidden; ++i) {
    const Column column{"ordering overlap", static_cast<int>(i)};
    Curve curve = curve_of(comparison, column, "i = " + std::to_string(i));
    curve.predicted = comparison.predicted.values(comparison.predicted.find(column));
    panel.curves.push_back(curve);
  }
  figure.panels = {panel};
  return figure;
}

std::string answer(const Comparison& comparison) {
  if (!comparison.agrees()) return answer_of(comparison);
  double singular = 0, rate = 0;
  for (const Agreement& a : comparison.agreements)
    for (const Quantity& q : a.quantities) {
      const bool ordered = q.name == "ordering rate";
      double& worst = ordered ? rate : singular;
      if (ordered || a.column.index > 0) worst = std::fmax(worst, std::abs(q.deviation()));
    }
  std::ostringstream text;
  text.precision(2);
  text << "Training ends in the closed-form minima: singular values within " << singular
       << ", ordering rates within " << 100 * rate << " %.";
  return text.str();
}

std::vector<std::string> notes() {
  return {
      "Without a penalty, and with the product penalty γ/2 |W2 W1|² (which acts as input noise), "
      "the factors are free up to an invertible matrix: W1 is not W2's transpose and no column of "
      "W2 is a principal axis.",
      "The sum penalty γ/2 (|W1|² + |W2|²) makes W1 the transpose of W2 and W2's left singular "
      "vectors the axes; different penalties on the units make the columns themselves the axes, in "
      "order, though slowly. The rotation does so without any penalty.",
      "The published code calls the numbers recovered from W2 eigenvalues where they are singular "
      "values of the data matrix, and its axis distance does not force different axes onto "
      "different units; here the ordered distance is shown."};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Where linear autoencoders end without penalty, with product, sum and non-uniform L2 "
      "penalties and with the rotation-augmented gradient, beside the closed-form minima.",
      "landscape");
  CommonOptions options;
  LandscapeConfig config;
  add_options(app, config);
  add_common_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(options);
    const Dataset dataset = data::load_dataset(options.data);
    require_writable(options.out);
    Progress progress("landscape", 6 * config.steps, options.quiet);
    config.seed = options.seed;
    config.progress = [&](std::size_t done, std::size_t) { progress.update(done); };
    const LandscapeResult result = run_landscape(config, dataset);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    Run run{.app = "landscape",
            .title = "Minima of regularised linear autoencoders",
            .question =
                "Does training end where the closed forms say, and are units ordered at "
                "the predicted rate?",
            .answer = answer(result.comparison),
            .notes = notes(),
            .command = command_of(argc, argv),
            .config = used_settings(app),
            .environment = environment,
            .data = {dataset.name, dataset.samples(), dataset.features(), dataset.checksum},
            .comparison = result.comparison,
            .figures = {singular_values(config, result.comparison), distances(result.comparison),
                        ordering(config, result.comparison)},
            .wall_seconds = wall.count(),
            .steps_per_second = double(result.steps) / result.training_seconds};
    return finish(run, options);
  });
}
