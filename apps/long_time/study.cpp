// What shallow autoencoders under online descent come to after long times, beside the laws.

#include "command_line.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/measure/long_time.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/progress.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <chrono>
#include <cmath>
#include <optional>
#include <sstream>

using namespace hourglass;

namespace {

void add_options(CLI::App& app, LongTimeConfig& config, std::vector<std::string>& spectra) {
  const auto number = numbers_of(app);
  number("--lr", config.lr, "RATE", "learning rate");
  number("--until", config.until, "TIME", "steps/D to which equations are integrated");
  number("--simulated-until", config.simulated_until, "TIME", "and to which networks are trained");
  number("--dimensions", config.dimensions, "NUMBER", "D of the networks");
  number("--erf-spectra", spectra, "ELL:...,...",
         "modes of the untied erf networks, variance over D, one unit for each")
      ->delimiter(',');
  number("--tied-ell", config.tied_ell, "ELL", "mode of the tied erf unit");
  number("--tied-dimensions", config.tied_dimensions, "D,...", "its dimensions")->delimiter(',');
  number("--relu-spectrum", config.relu_spectrum, "ELL,...", "modes of the ReLU networks")
      ->delimiter(',');
  number("--relu-units", config.relu_units, "UNITS", "1, 2, ... to so many of them");
  number("--relu-starts", config.relu_starts, "NUMBER", "starts, of which the best end is taken");
  number("--bias-ell", config.bias_ell, "ELL", "mode of the ReLU unit with both biases");
  number("--records", config.records, "TIMES", "how many times are recorded");
}

// "0.6:0.25" for each spectrum.
std::vector<std::vector<double>> parsed(const std::vector<std::string>& spectra) {
  std::vector<std::vector<double>> result;
  for (const std::string& text : spectra) {
    std::istringstream parts(text);
    result.emplace_back();
    for (std::string part; std::getline(parts, part, ':');) {
      double ell = 0;
      if (!CLI::detail::lexical_cast(part, ell))
        throw InputError("--erf-spectra: found " + text + ", expected numbers as in 0.6:0.25");
      result.back().push_back(ell);
    }
    if (result.back().empty()) throw InputError("--erf-spectra: found an empty spectrum");
  }
  return result;
}

std::string text_of(const std::vector<double>& numbers, const char* between) {
  std::string text;
  for (const double x : numbers) text += (text.empty() ? "" : between) + rounded(x, 4);
  return text;
}

const std::vector<double>& measured(const Comparison& c, const std::string& series, std::size_t i) {
  return c.measured.values(c.measured.find({series, static_cast<int>(i)}));
}
Curve curve_of(const Comparison& c, const std::string& series, std::size_t i,
               const std::string& label) {
  const auto& predicted = c.predicted.values(c.predicted.find({series, static_cast<int>(i)}));
  return {label, c.measured.steps(), measured(c, series, i), predicted};
}

// Without the times to which no network was trained.
Curve trained_curve(const Comparison& c, const std::string& series, std::size_t i,
                    const std::string& label) {
  Curve curve = curve_of(c, series, i, label);
  while (!curve.x.empty() && std::isnan(curve.measured.back()))
    curve.x.pop_back(), curve.measured.pop_back(), curve.predicted.pop_back();
  return curve;
}

Figure erf_laws(const LongTimeConfig& config, const LongTimeResult& result) {
  Figure figure{.name = "erf_laws",
                .x_label = "time t = steps/D",
                .y_label = "tr T₀, Q₁, error beyond PCA",
                .log_x = true,
                .log_y = true,
                .relative_deviation = true,
                .caption =
                    "Untied erf units, one for each mode: the integrated equations (marks) and "
                    "the laws t^(1/3), t^(-1/3) and t^(-2/3) with their prefactors (lines)."};
  for (std::size_t s = 1; s <= config.erf_spectra.size(); ++s)
    figure.panels.push_back({.title = "ℓ = " + text_of(config.erf_spectra[s - 1], ", "),
                             .curves = {curve_of(result.comparison, "erf T0", s, "tr T₀"),
                                        curve_of(result.comparison, "erf Q1", s, "Q₁"),
                                        curve_of(result.comparison, "erf excess", s, "error")}});
  return figure;
}

Figure training(const LongTimeConfig& config, const LongTimeResult& result) {
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
    figure.panels.push_back(
        {.title = "erf, ℓ = " + text_of(config.erf_spectra[s - 1], ", "),
         .curves = {trained_curve(result.comparison, "trained erf T0", s, "tr T₀"),
                    trained_curve(result.comparison, "trained erf Q1", s, "Q₁"),
                    trained_curve(result.comparison, "trained erf excess", s, "error")}});
  figure.panels.push_back(
      {.title = "ReLU, both biases",
       .curves = {trained_curve(result.comparison, "trained bias excess", 0, "error")}});
  return figure;
}

double last_number(const std::vector<double>& values) {
  double last = NAN;
  for (const double x : values)
    if (!std::isnan(x)) last = x;
  return last;
}

Figure tied(const LongTimeConfig& config, const LongTimeResult& result) {
  Curve law{.label = "η"}, equations{.label = "equations"}, trained{.label = "trained"};
  for (std::size_t i = 1; i <= config.tied_dimensions.size(); ++i) {
    const double y = config.tied_ell * std::sqrt(double(config.tied_dimensions[i - 1]));
    equations.x.push_back(y), trained.x.push_back(y);
    const auto lost = [&](const char* series) {
      return last_number(measured(result.comparison, series, i)) * 2 / config.tied_ell;
    };
    equations.measured.push_back(lost("tied error"));
    trained.measured.push_back(lost("trained tied error"));
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

Figure relu(const LongTimeConfig& config, const LongTimeResult& result) {
  const Comparison& c = result.comparison;
  Figure figure{.name = "relu",
                .x_label = "time t = steps/D",
                .y_label = "error per pixel",
                .log_x = true,
                .y_min = 0,
                .level_meaning = "the least error of so many units",
                .caption =
                    "ReLU units without bias by the equations, from the best of several starts: a "
                    "unit explains half a mode, a pair one mode; PCA's error is not reached."};
  Panel panel;
  for (std::size_t K = 1; K <= config.relu_units; ++K) {
    Curve curve = curve_of(c, "relu error", K, "K = " + std::to_string(K));
    panel.levels.push_back({"", last_number(curve.predicted)});
    curve.predicted.clear();
    panel.curves.push_back(curve);
  }
  figure.panels = {panel};
  return figure;
}

Figure bias(const LongTimeResult& result) {
  return {.name = "bias",
          .x_label = "time t = steps/D",
          .y_label = "error beyond PCA",
          .log_x = true,
          .log_y = true,
          .relative_deviation = true,
          .panels = {{.curves = {curve_of(result.comparison, "bias excess", 0, "error")}}},
          .caption =
              "A ReLU unit with both biases moves to its linear side: the equations (marks) and "
              "the law ℓ/(lr t β²), β = b/√Q₁ at that time (line)."};
}

std::string answer(const Comparison& comparison) {
  if (!comparison.agrees()) return answer_of(comparison);
  double exponent = 0, trained = 0;
  for (const Agreement& a : comparison.agreements)
    for (const Quantity& q : a.quantities) {
      const double deviation = std::abs(q.deviation());
      const bool law = a.column.series.find("trained") == std::string::npos;
      if (law && q.name == "exponent") exponent = std::fmax(exponent, deviation);
      if (q.name == "median ratio") trained = std::fmax(trained, deviation);
    }
  std::ostringstream text;
  text.precision(2);
  text << "Yes: erf units have exponents within " << exponent
       << " of 1/3, −1/3 and −2/3; a tied one loses η(ℓ√D), and ReLU units end in their optima. "
       << "Training follows the equations within " << 100 * trained << " % (median over times).";
  return text.str();
}

std::vector<std::string> notes(const LongTimeConfig& config) {
  return {
      "Inputs are Gaussian and vary in the modes alone, with variances ℓD; weights start inside "
      "these modes and stay there, so that training happens in a few coordinates whatever D is. "
      "\"erf ...\", \"tied error\", \"relu error\" and \"bias excess\" set the integrated "
      "equations "
      "beside laws and optima, \"trained ...\" training on the tape (D = " +
          std::to_string(config.dimensions) + ", lr = " + rounded(config.lr, 4) +
          ", one sample a step) beside the equations. Steps are times.",
      "Untied erf units shrink the encoder and grow the decoder at a fixed product, towards their "
      "linear range: the error falls to that of PCA as t^(-2/3). Units on unequal modes keep a "
      "prefactor below that of the law, which is reported, not judged.",
      "In larger networks with a bulk of small variances what the encoder keeps of it must decay "
      "before the laws show, at times far above D/(lr ρ).",
      "A trained unit scatters about the equations: its steps are random. Its exponents are "
      "judged; "
      "its final values are reported."};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "What shallow autoencoders under online descent come to after long times: untied and tied "
      "erf units, ReLU units without and with biases; equations and training beside the laws.",
      "long_time");
  CommonOptions options;
  LongTimeConfig config;
  std::vector<std::string> spectra;
  for (const auto& ell : config.erf_spectra) spectra.push_back(text_of(ell, ":"));
  add_options(app, config, spectra);
  add_run_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    config.erf_spectra = parsed(spectra);
    const Environment environment = prepare_environment(options);
    require_writable(options.out);
    std::optional<Progress> progress;  // how many steps there are, the first call tells
    config.seed = options.seed;
    config.progress = [&](std::size_t done, std::size_t total) {
      if (!progress) progress.emplace("long_time", total, options.quiet);
      progress->update(done);
    };
    const LongTimeResult result = run_long_time(config);
    progress.reset();
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    const DataRecord no_data;
    Run run{.app = "long_time",
            .title = "Shallow autoencoders after long times",
            .question =
                "Do shallow autoencoders under online descent follow the laws of long times, and "
                "end where tied weights and ReLU units must?",
            .answer = answer(result.comparison),
            .notes = notes(config),
            .command = command_of(argc, argv),
            .config = used_settings(app),
            .environment = environment,
            .data = no_data,
            .comparison = result.comparison,
            .figures = {erf_laws(config, result), training(config, result), tied(config, result),
                        relu(config, result), bias(result)},
            .wall_seconds = wall.count(),
            .steps_per_second = double(result.steps) / result.training_seconds};
    return finish(run, options);
  });
}
