#include "../cli/study.hpp"

#include "experiment.hpp"
#include <hourglass/report/number.hpp>

namespace hourglass {
namespace {

// Without the prediction, which says of these where they end and nothing of their way.
Curve path_of(const Comparison& comparison, const Column& column, const std::string& label) {
  Curve curve = curve_of(comparison, column, label);
  curve.predicted.clear();
  return curve;
}

Figure singular_values(const LandscapeResult& result) {
  Figure figure{.name = "singular_values",
                .x_label = "step",
                .y_label = "singular value of W",
                .log_x = true,
                .y_min = 0,
                .level_meaning = "where the closed form ends",
                .caption =
                    "Singular values of W2 W1 while a linear autoencoder learns, and where "
                    "the closed form says that they end."};
  for (const std::string& run : result.regularisations) {
    Panel panel{.title = run};
    for (std::size_t i = 1; i <= result.config.hidden; ++i) {
      const Column column = landscape::singular_value(run, i);
      panel.curves.push_back(path_of(result.comparison, column, std::to_string(i)));
      panel.levels.push_back({"", result.comparison.predicted[column].back()});
    }
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure distances(const LandscapeResult& result) {
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
  for (const auto& [title, distance] : {std::pair("transpose", &landscape::transpose),
                                        {"ordered axis", &landscape::ordered_axis},
                                        {"singular axis", &landscape::singular_axis},
                                        {"subspace", &landscape::subspace}}) {
    Panel panel{.title = title};
    for (const std::string& run : result.regularisations)
      panel.curves.push_back(path_of(result.comparison, (*distance)(run), run));
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure ordering(const LandscapeResult& result) {
  Panel panel;
  for (std::size_t i = 1; i < result.config.hidden; ++i)
    panel.curves.push_back(
        curve_of(result.comparison, landscape::overlap(i), "i = " + std::to_string(i)));
  return {.name = "ordering",
          .x_label = "step",
          .y_label = "overlap of unit i+1 with axis i",
          .log_y = true,
          .relative_deviation = true,
          .panels = {panel},
          .caption =
              "From axes that are slightly tilted, the rotation orders units i and i+1 "
              "at the rate αρ(λᵢ − λᵢ₊₁)/2 (lines)."};
}

std::string answer(const LandscapeResult& result) {
  if (result.comparison.verdict() != Verdict::agrees) return answer_of(result.comparison);
  const double singular =
      largest_deviation(result.comparison, [](const Agreement& a, const Quantity& q) {
        return q.name == final_value_name && a.column.index > 0;
      });
  const double rate = largest_deviation(result.comparison, [](const Agreement&, const Quantity& q) {
    return q.name == landscape::ordering_rate;
  });
  return "Training ends in the closed-form minima: singular values within " + rounded(singular, 2) +
         ", ordering rates within " + rounded(100 * rate, 2) + " %.";
}

std::vector<std::string> notes(const LandscapeResult&) {
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

const Study<LandscapeConfig, LandscapeResult> study{
    .name = "landscape",
    .title = "Minima of regularised linear autoencoders",
    .about =
        "Where linear autoencoders end without penalty, with product, sum and non-uniform L2 "
        "penalties and with the rotation-augmented gradient, beside the closed-form minima.",
    .question =
        "Does training end where the closed forms say, and are units ordered at the predicted "
        "rate?",
    .run = [](const LandscapeConfig& config,
              Session& session) { return run_landscape(config, session.load(config.data)); },
    .answer = answer,
    .notes = notes,
    .figures = {[](const LandscapeResult& result) -> std::vector<Figure> {
      return {singular_values(result), distances(result), ordering(result)};
    }}};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
