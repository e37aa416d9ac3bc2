#include "noise_vs_decay_figures.hpp"

#include <hourglass/report/number.hpp>
#include <hourglass/report/run.hpp>
#include <hourglass/theory/linear_descent.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace hourglass {
namespace {

const std::map<std::string, std::string> long_names{
    {"plain", "plain"}, {"noise", "noise"}, {"decay", "weight decay"}};

std::string title_of(const ScalarLoss& loss) {
  const std::string name = long_names.at(loss.name);
  if (loss.sigma2 > 0) return name + ", σ² = " + rounded(loss.sigma2, 3);
  if (loss.gamma > 0) return name + ", γ = " + rounded(loss.gamma, 3);
  return name;
}

const std::vector<double>& measured(const Comparison& c, const Column& column) {
  return c.measured.values(c.measured.find(column));
}
const std::vector<double>& predicted(const Comparison& c, const Column& column) {
  return c.predicted.values(c.predicted.find(column));
}

Curve curve_of(const Comparison& c, const std::string& label, const Column& column) {
  return {label, c.measured.steps(), measured(c, column), predicted(c, column)};
}

// Adds points to curves, a new one wherever the line has left the box.
class LevelLine {
 public:
  LevelLine(std::vector<Curve>& curves, double box) : curves_(curves), box_(box) {}
  void add(double x, double y) {
    const bool inside = std::abs(x) <= box_ && std::abs(y) <= box_;
    if (inside && !drawing_) curves_.push_back({.context = true});
    if (inside) curves_.back().x.push_back(x), curves_.back().predicted.push_back(y);
    drawing_ = inside;
  }

 private:
  std::vector<Curve>& curves_;
  double box_;
  bool drawing_ = false;
};

// Where the loss has a given value, at an angle: the roots of a quadratic in r^2 = w1^2 + w2^2,
// smaller first; a missing or negative one is NaN.
std::pair<double, double> radii(const ScalarLoss& loss, double level, double angle) {
  const double k = std::sin(2 * angle) / 2;  // u = k r^2
  const double a = (loss.lambda + loss.sigma2) * k * k / 2;
  const double b = loss.gamma / 2 - loss.lambda * k, c = loss.lambda / 2 - level;
  const double root = std::sqrt(b * b - 4 * a * c), q = -(b + std::copysign(root, b)) / 2;
  const double one = c / q, other = q / a;
  const auto radius = [](double square) { return square > 0 ? std::sqrt(square) : NAN; };
  return {radius(std::min(one, other)), radius(std::max(one, other))};
}

constexpr int angles = 1440;
double angle_of(int k) { return 2 * std::numbers::pi * (k + 0.5) / angles; }

// Above the value at the origin a level line goes round it; below, one goes round each minimum:
// out along the inner side, back along the outer one.
void add_level_line(std::vector<Curve>& curves, const ScalarLoss& loss, double level, double box) {
  const auto add = [&](LevelLine& line, double r, double angle) {
    if (!std::isnan(r)) line.add(r * std::cos(angle), r * std::sin(angle));
  };
  if (level > loss.lambda / 2) {
    LevelLine line(curves, box);
    for (int k = 0; k <= angles; ++k)
      add(line, radii(loss, level, angle_of(k)).second, angle_of(k));
    return;
  }
  for (const int first : {0, angles / 2}) {
    LevelLine line(curves, box);
    const int last = first + angles / 4;
    double start_radius = NAN, start_angle = NAN;
    for (int k = first; k < last; ++k) {
      const double r = radii(loss, level, angle_of(k)).first;
      if (std::isnan(start_radius)) start_radius = r, start_angle = angle_of(k);
      add(line, r, angle_of(k));
    }
    for (int k = last; k-- > first;) add(line, radii(loss, level, angle_of(k)).second, angle_of(k));
    add(line, start_radius, start_angle);
  }
}

// The smallest loss: at u* with both weights equal.
double minimum_of(const ScalarLoss& loss) {
  const double u = std::max(0.0, (loss.lambda - loss.gamma) / (loss.lambda + loss.sigma2));
  return loss.lambda / 2 * (1 - u) * (1 - u) + loss.sigma2 / 2 * u * u + loss.gamma * u;
}

// Few enough marks for a line to be seen under them; the first is kept.
std::vector<double> every_tenth(std::vector<double> values) {
  for (std::size_t k = 0; k < values.size(); ++k)
    if (k % 10 != 0) values[k] = NAN;
  return values;
}

Panel paths_panel(const NoiseVsDecayConfig& config, const Comparison& c, const ScalarLoss& loss) {
  Panel panel{.title = title_of(loss)};
  const double least = minimum_of(loss);
  for (const double share : {0.05, 0.2, 0.45, 0.7, 0.93})
    add_level_line(panel.curves, loss, least + share * (loss.lambda / 2 - least), config.box);
  for (const double times : {1.15, 1.6, 2.5, 5.0, 10.0, 20.0})
    add_level_line(panel.curves, loss, times * loss.lambda / 2, config.box);
  for (std::size_t k = 1; k <= config.paths; ++k) {
    const Column w1{loss.name + " path w1", static_cast<int>(k)},
        w2{loss.name + " path w2", static_cast<int>(k)};
    panel.curves.push_back({.x = predicted(c, w1), .predicted = predicted(c, w2)});
    panel.curves.push_back({.x = measured(c, w1), .measured = every_tenth(measured(c, w2))});
  }
  return panel;
}

Figure paths(const NoiseVsDecayConfig& config, const Comparison& c) {
  Figure figure{.name = "paths",
                .x_label = "encoder weight w₁",
                .y_label = "decoder weight w₂",
                .y_min = -config.box,
                .y_max = config.box,
                .panels = {},
                .caption = "Random starts on the loss surface, λ = " + rounded(config.lambda, 3) +
                           ": marks are training, lines the flow in closed form, grey the level "
                           "lines of the loss. Noise keeps the whole hyperbola of minima "
                           "w₁w₂ = λ/(λ+σ²); decay leaves two points of it."};
  for (const ScalarLoss& loss : scalar_losses(config))
    figure.panels.push_back(paths_panel(config, c, loss));
  return figure;
}

Figure grid(const NoiseVsDecayConfig& config, const Comparison& c, const std::string& kind) {
  const bool noise = kind == "noise";
  Figure figure{.name = kind + "_strengths",
                .x_label = "step",
                .y_label = "strength u = w₁w₂",
                .log_x = true,
                .y_min = 0,
                .y_max = 1,
                .panels = {},
                .caption = noise
                               ? "Learning under noise: larger eigenvalues are learned first, and "
                                 "more fully."
                               : "The same under the equivalent decay γ = λσ²/(λ+σ²) at the same "
                                 "rate: the same plateaus, later by 1 + σ²/λ."};
  for (const double sigma2 : config.variances) {
    Panel panel{.title = (noise ? "noise σ² = " : "decay for σ² = ") + rounded(sigma2, 3)};
    for (std::size_t j = 0; j < config.lambdas.size(); ++j)
      panel.curves.push_back(
          curve_of(c, "λ = " + rounded(config.lambdas[j], 3),
                   {kind + " " + rounded(sigma2, 6) + " strength", static_cast<int>(j) + 1}));
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure own_rates(const NoiseVsDecayConfig& config, const Comparison& c) {
  Figure figure{.name = "optimal_rate_strengths",
                .x_label = "step",
                .y_label = "strength u = w₁w₂",
                .log_x = true,
                .y_min = 0,
                .y_max = 1,
                .panels = {},
                .caption =
                    "Each at its optimal rate, 1/(2λ+3σ²) for noise and 1/(2λ+γ) for decay: "
                    "the flows are the same. The steps are long here, so training is a "
                    "little off the flow."};
  const std::size_t panels = std::min<std::size_t>(3, config.scan.size());
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t k = (2 * p + 1) * config.scan.size() / (2 * panels);
    Panel panel{.title = "σ² = " + rounded(config.scan[k], 3)};
    for (const char* kind : {"noise", "decay"})
      panel.curves.push_back(
          curve_of(c, kind, {std::string(kind) + " at its rate", static_cast<int>(k) + 1}));
    figure.panels.push_back(panel);
  }
  return figure;
}

// One quantity over the noise levels of the scan; the line is drawn through more places.
Curve scan_curve(const NoiseVsDecayConfig& config, const Comparison& c, const std::string& kind,
                 const std::string& quantity, double (*theory)(double lambda, double sigma2)) {
  std::map<double, double> found;  // by noise level
  const auto [low, high] = std::minmax_element(config.scan.begin(), config.scan.end());
  for (int k = 0; k <= 60; ++k) found[*low * std::pow(*high / *low, k / 60.0)] = NAN;
  for (const Agreement& a : c.agreements)
    if (a.column.series == kind + " at its rate")
      found[config.scan[std::size_t(a.column.index) - 1]] = find_quantity(a, quantity)->measured;
  Curve curve{kind};
  for (const auto& [sigma2, value] : found) {
    curve.x.push_back(sigma2);
    curve.measured.push_back(value);
    curve.predicted.push_back(theory(config.lambda, sigma2));
  }
  return curve;
}

double noise_rate(double lambda, double sigma2) {
  return theory::optimal_rates(lambda, sigma2).alpha_dae;
}
double decay_rate(double lambda, double sigma2) {
  return theory::optimal_rates(lambda, sigma2).alpha_wdae;
}
double noise_edge(double lambda, double) { return 1 / lambda; }
double decay_edge(double lambda, double sigma2) {
  const double gamma = theory::noise_decay_equivalence(lambda, sigma2).gamma;
  return 1 / std::max(lambda - gamma, gamma);
}

Figure rates(const NoiseVsDecayConfig& config, const Comparison& c) {
  const auto curve = [&](const char* kind, const char* quantity, auto theory) {
    return scan_curve(config, c, kind, quantity, theory);
  };
  return {.name = "rates",
          .x_label = "noise variance σ²",
          .y_label = "learning rate α",
          .log_x = true,
          .y_min = 0,
          .panels = {{"one over the curvature at w₁ = w₂ = 1",
                      {curve("noise", "optimal rate", noise_rate),
                       curve("decay", "optimal rate", decay_rate)}},
                     {"largest stable at the minimum",
                      {curve("noise", "largest stable rate", noise_edge),
                       curve("decay", "largest stable rate", decay_edge)}}},
          .caption = "Learning rates, λ = " + rounded(config.lambda, 3) +
                     ". At w = 1 noise is steeper than its equivalent decay; at the minimum its "
                     "curvature is 2λ for every σ², and decay, flatter at first, is stable at no "
                     "more than 1/γ once γ > λ/2."};
}

Figure along_path(const NoiseVsDecayConfig& config, const Comparison& c, const std::string& what,
                  const std::string& y_label, const std::string& caption) {
  Figure figure{.name = what == "sharpness" ? "sharpness" : "weight_norms",
                .x_label = "step",
                .y_label = y_label,
                .log_x = true,
                .y_min = what == "sharpness" ? NAN : 0,
                .panels = {},
                .caption = caption};
  const std::vector<theory::Weights> starts = sharpness_starts(config);
  for (const ScalarLoss& loss : scalar_losses(config)) {
    Panel panel{.title = title_of(loss)};
    for (std::size_t k = 0; k < starts.size(); ++k)
      panel.curves.push_back(
          curve_of(c, "from " + rounded(starts[k].w1, 3) + ", " + rounded(starts[k].w2, 3),
                   {loss.name + " " + what, static_cast<int>(k) + 1}));
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure network(const NoiseVsDecayResult& result) {
  const Comparison& c = result.comparison;
  const std::vector<double>& limits = result.network_sharpness;
  const double scalar = 2 * (network_spectrum[0] - network_decay);
  Panel panel;
  for (const char* kind : {"plain", "noise", "decay"})
    panel.curves.push_back({.label = long_names.at(kind),
                            .x = c.measured.steps(),
                            .measured = measured(c, {std::string(kind) + " network sharpness"})});
  panel.levels = {{"2λ₁, plain and noise", limits[0]},
                  {"network under decay", limits[2]},
                  {"scalar 2(λ₁ − γ)", scalar}};
  return {.name = "network_sharpness",
          .x_label = "step",
          .y_label = "largest eigenvalue of the Hessian",
          .log_x = true,
          .panels = {panel},
          .caption =
              "A network with eigenvalues 3, 2, 1, 0.5 and four units ends at sharpness 2λ₁ "
              "with or without noise; under decay γ = 0.6 it ends at " +
              rounded(limits[2]) + ", not at the scalar value " + rounded(scalar) + "."};
}

}  // namespace

std::vector<Figure> noise_vs_decay_figures(const NoiseVsDecayConfig& config,
                                           const NoiseVsDecayResult& result) {
  const Comparison& c = result.comparison;
  return {
      paths(config, c),
      grid(config, c, "noise"),
      grid(config, c, "decay"),
      own_rates(config, c),
      rates(config, c),
      along_path(config, c, "sharpness", "largest eigenvalue of the Hessian",
                 "Sharpness along the path, by Hessian-vector products, for three starts "
                 "(w₁, w₂). From small weights it ends at 2λ without decay, whatever the noise."),
      along_path(config, c, "weight norm", "w₁² + w₂²",
                 "Weights from three starts (w₁, w₂): noise keeps their imbalance, decay "
                 "forgets it."),
      network(result)};
}

}  // namespace hourglass
