#include "../cli/study.hpp"

#include "experiment.hpp"
#include <hourglass/report/number.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>

namespace hourglass {
namespace {

// Without the times to which no network was trained.
Curve curve(const LongTimeResult& result, const Column& column, const std::string& label) {
  Curve curve = curve_of(result.comparison, column, label);
  while (!curve.x.empty() && std::isnan(curve.measured.back()))
    curve.x.pop_back(), curve.measured.pop_back(), curve.predicted.pop_back();
  return curve;
}

Panel erf_panel(const LongTimeResult& result, std::size_t s, bool trained) {
  std::string title = trained ? "erf, ℓ = " : "ℓ = ";
  const std::vector<double>& spectrum = result.config.erf_spectra[s - 1];
  for (std::size_t k = 0; k < spectrum.size(); ++k)
    title += (k > 0 ? ", " : "") + rounded(spectrum[k], 4);
  const auto one = [&](const Series& series, const char* label) {
    return curve(result, trained ? series(long_time::trained, s) : series(s), label);
  };
  return {.title = title,
          .curves = {one(long_time::erf_T0, "tr T₀"), one(long_time::erf_Q1, "Q₁"),
                     one(long_time::erf_excess, "error")}};
}

Figure erf_laws(const LongTimeResult& result) {
  Figure figure{.name = "erf_laws",
                .x_label = "time t = steps/D",
                .y_label = "tr T₀, Q₁, error beyond PCA",
                .log_x = true,
                .log_y = true,
                .relative_deviation = true,
                .caption =
                    "Untied erf units, one for each mode: the integrated equations (marks) and "
                    "the laws t^(1/3), t^(-1/3) and t^(-2/3) with their prefactors (lines)."};
  for (std::size_t s = 1; s <= result.config.erf_spectra.size(); ++s)
    figure.panels.push_back(erf_panel(result, s, false));
  return figure;
}

Figure training(const LongTimeResult& result) {
  Figure figure{.name = "training",
                .x_label = "time t = steps/D",
                .y_label = "tr T₀, Q₁, error beyond PCA",
                .log_x = true,
                .log_y = true,
                .relative_deviation = true,
                .caption =
                    "The same networks, and a ReLU unit with both biases, trained on the tape one "
                    "sample a step (marks), beside the integrated equations (lines)."};
  for (const std::size_t s : result.trained_spectra)
    figure.panels.push_back(erf_panel(result, s, true));
  figure.panels.push_back(
      {.title = "ReLU, both biases",
       .curves = {curve(result, long_time::bias_excess(long_time::trained), "error")}});
  return figure;
}

double last_number(const std::vector<double>& values) {
  double last = NAN;
  for (const double x : values)
    if (!std::isnan(x)) last = x;
  return last;
}

Figure tied(const LongTimeResult& result) {
  const LongTimeConfig& config = result.config;
  Curve law{.label = "η"}, equations{.label = "equations"}, trained{.label = "trained"};
  for (std::size_t i = 1; i <= config.tied_dimensions.size(); ++i) {
    const double y = config.tied_ell * std::sqrt(double(config.tied_dimensions[i - 1]));
    equations.x.push_back(y), trained.x.push_back(y);
    const auto lost = [&](const Column& column) {
      return last_number(result.comparison.measured[column]) * 2 / config.tied_ell;
    };
    equations.measured.push_back(lost(long_time::tied_error(i)));
    trained.measured.push_back(lost(long_time::tied_error(long_time::trained, i)));
  }
  const double from = std::log(equations.x.front() / 2), to = std::log(equations.x.back() * 2);
  for (int k = 0; k <= 100; ++k) {
    law.x.push_back(std::exp(from + (to - from) * k / 100));
    law.predicted.push_back(theory::tied_erf(law.x.back()).eta);
  }
  return {.name = "tied",
          .x_label = "y = ℓ√D",
          .y_label = "share of the mode that is lost",
          .log_x = true,
          .y_min = 0,
          .panels = {{.curves = {law, equations, trained},
                      .levels = {{"1 − 2/π", 1 - 2 / std::acos(-1.0)}}}},
          .caption =
              "A tied erf unit must saturate to have the right norm: it loses the share η(ℓ√D) of "
              "its mode. By the equations and by training on the tape."};
}

Figure relu(const LongTimeResult& result) {
  Panel panel;
  for (std::size_t K = 1; K <= result.config.relu_units; ++K) {
    Curve one = curve(result, long_time::relu_error(K), "K = " + std::to_string(K));
    panel.levels.push_back({"", last_number(one.predicted)});
    one.predicted.clear();
    panel.curves.push_back(one);
  }
  return {.name = "relu",
          .x_label = "time t = steps/D",
          .y_label = "error per pixel",
          .log_x = true,
          .y_min = 0,
          .panels = {panel},
          .level_meaning = "the least error of so many units",
          .caption =
              "ReLU units without bias by the equations, from the best of several starts: a unit "
              "explains half a mode, a pair one mode; PCA's error is not reached."};
}

Figure bias(const LongTimeResult& result) {
  return {.name = "bias",
          .x_label = "time t = steps/D",
          .y_label = "error beyond PCA",
          .log_x = true,
          .log_y = true,
          .relative_deviation = true,
          .panels = {{.curves = {curve(result, long_time::bias_excess(), "error")}}},
          .caption =
              "A ReLU unit with both biases moves to its linear side: the equations (marks) and "
              "the law ℓ/(lr t β²), β = b/√Q₁ at that time (line)."};
}

std::vector<Figure> figures(const LongTimeResult& result) {
  return {erf_laws(result), training(result), tied(result), relu(result), bias(result)};
}

std::string answer(const LongTimeResult& result) {
  const Comparison& comparison = result.comparison;
  if (comparison.verdict() != Verdict::agrees) return answer_of(comparison);
  const auto has_ratio = [](const Agreement& a) {  // that of a trained network
    return find_quantity(a, long_time::median_ratio_name) != nullptr;
  };
  const double exponents =
      largest_deviation(comparison, [&](const Agreement& a, const Quantity& q) {
        return q.name == long_time::exponent_name && !has_ratio(a);
      });
  const double ratios = largest_deviation(comparison, [](const Agreement&, const Quantity& q) {
    return q.name == long_time::median_ratio_name;
  });
  return "Yes: erf units have exponents within " + rounded(exponents, 2) +
         " of 1/3, −1/3 and −2/3; a tied one loses η(ℓ√D), and ReLU units end in their optima. "
         "Training follows the equations within " +
         rounded(100 * ratios, 2) + " % (median over times).";
}

std::vector<std::string> notes(const LongTimeResult& result) {
  return {
      "Inputs are Gaussian and vary in the modes alone, with variances ℓD; weights start inside "
      "these modes and stay there, so that training happens in a few coordinates whatever D is. "
      "\"erf ...\", \"tied error\", \"relu error\" and \"bias excess\" set the integrated "
      "equations beside laws and optima, \"trained ...\" training on the tape (D = " +
          std::to_string(result.config.dimensions) + ", lr = " + rounded(result.config.lr, 4) +
          ", one sample a step) beside the equations. Steps are times.",
      "Untied erf units shrink the encoder and grow the decoder at a fixed product, towards their "
      "linear range: the error falls to that of PCA as t^(-2/3). Units on unequal modes keep a "
      "prefactor below that of the law, which is reported, not judged.",
      "In larger networks with a bulk of small variances what the encoder keeps of it must decay "
      "before the laws show, at times far above D/(lr ρ).",
      "A trained unit scatters about the equations: its steps are random. Its exponents are "
      "judged; its final values are reported."};
}

const Study<LongTimeConfig, LongTimeResult> study{
    .name = "long_time",
    .title = "Shallow autoencoders after long times",
    .about =
        "What shallow autoencoders under online descent come to after long times: untied and tied "
        "erf units, ReLU units without and with biases; equations and training beside the laws.",
    .question =
        "Do shallow autoencoders under online descent follow the laws of long times, and end where "
        "tied weights and ReLU units must?",
    .run = [](const LongTimeConfig& config, Session&) { return run_long_time(config); },
    .answer = answer,
    .notes = notes,
    .figures = figures};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
