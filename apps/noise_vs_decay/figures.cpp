#include "figures.hpp"

#include <hourglass/report/number.hpp>
#include <hourglass/report/run.hpp>
#include <hourglass/theory/linear.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace hourglass {
namespace {

using namespace noise_vs_decay;

std::string long_name(const std::string& run) { return run == decay ? "weight decay" : run; }

std::string title_of(const ScalarLoss& loss) {
  if (loss.sigma2 > 0) return long_name(loss.name) + ", σ² = " + rounded(loss.sigma2, 3);
  if (loss.gamma > 0) return long_name(loss.name) + ", γ = " + rounded(loss.gamma, 3);
  return long_name(loss.name);
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

Panel paths_panel(const NoiseVsDecayResult& result, const ScalarLoss& loss) {
  const auto& [measured, predicted, agreements] = result.comparison;
  Panel panel{.title = title_of(loss)};
  const double least = minimum_of(loss), box = result.config.box;
  for (const double share : {0.05, 0.2, 0.45, 0.7, 0.93})
    add_level_line(panel.curves, loss, least + share * (loss.lambda / 2 - least), box);
  for (const double times : {1.15, 1.6, 2.5, 5.0, 10.0, 20.0})
    add_level_line(panel.curves, loss, times * loss.lambda / 2, box);
  for (std::size_t k = 1; k <= result.config.paths; ++k) {
    const Column w1 = path_w1(loss.name, k), w2 = path_w2(loss.name, k);
    panel.curves.push_back({.x = predicted[w1], .predicted = predicted[w2]});
    panel.curves.push_back({.x = measured[w1], .measured = every_tenth(measured[w2])});
  }
  return panel;
}

Figure paths(const NoiseVsDecayResult& result) {
  const NoiseVsDecayConfig& config = result.config;
  Figure figure{.name = "paths",
                .x_label = "encoder weight w₁",
                .y_label = "decoder weight w₂",
                .y_min = -config.box,
                .y_max = config.box,
                .caption = "Random starts on the loss surface, λ = " + rounded(config.lambda, 3) +
                           ": marks are training, lines the flow in closed form, grey the level "
                           "lines of the loss. Noise keeps the whole hyperbola of minima "
                           "w₁w₂ = λ/(λ+σ²); decay leaves two points of it."};
  for (const ScalarLoss& loss : scalar_losses(config))
    figure.panels.push_back(paths_panel(result, loss));
  return figure;
}

// Strengths on an axis that all figures of them share.
Figure strengths(const std::string& name, const std::string& caption) {
  return {.name = name,
          .x_label = "step",
          .y_label = "strength u = w₁w₂",
          .log_x = true,
          .y_min = 0,
          .y_max = 1,
          .caption = caption};
}

Figure grid(const NoiseVsDecayResult& result, const std::string& run, const std::string& title,
            const std::string& caption) {
  const std::vector<double>& lambdas = result.config.lambdas;
  Figure figure = strengths(run + "_strengths", caption);
  for (const double sigma2 : result.config.variances) {
    Panel panel{.title = title + rounded(sigma2, 3)};
    for (std::size_t j = 0; j < lambdas.size(); ++j)
      panel.curves.push_back(curve_of(result.comparison, grid_strength(run, sigma2, j + 1),
                                      "λ = " + rounded(lambdas[j], 3)));
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure own_rates(const NoiseVsDecayResult& result) {
  const std::vector<double>& scan = result.config.scan;
  Figure figure = strengths("optimal_rate_strengths",
                            "Each at its optimal rate, 1/(2λ+3σ²) for noise and 1/(2λ+γ) for "
                            "decay: the flows are the same. The steps are long here, so training "
                            "is a little off the flow.");
  const std::size_t panels = std::min<std::size_t>(3, scan.size());
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t k = (2 * p + 1) * scan.size() / (2 * panels);
    Panel panel{.title = "σ² = " + rounded(scan[k], 3)};
    for (const std::string& run : {noise, decay})
      panel.curves.push_back(curve_of(result.comparison, at_own_rate(run, k + 1), run));
    figure.panels.push_back(panel);
  }
  return figure;
}

// One quantity over the noise levels of the scan; the line is drawn through more places.
Curve scan_curve(const NoiseVsDecayResult& result, const std::string& run, const char* quantity,
                 double (*theory)(double lambda, double sigma2)) {
  const std::vector<double>& scan = result.config.scan;
  std::map<double, double> found;  // by noise level
  const auto [low, high] = std::minmax_element(scan.begin(), scan.end());
  for (int k = 0; k <= 60; ++k) found[*low * std::pow(*high / *low, k / 60.0)] = NAN;
  for (std::size_t k = 0; k < scan.size(); ++k)
    found[scan[k]] =
        find_quantity(result.comparison.agreement(at_own_rate(run, k + 1)), quantity)->measured;
  Curve curve{run};
  for (const auto& [sigma2, value] : found) {
    curve.x.push_back(sigma2);
    curve.measured.push_back(value);
    curve.predicted.push_back(theory(result.config.lambda, sigma2));
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

Figure rates(const NoiseVsDecayResult& result) {
  return {.name = "rates",
          .x_label = "noise variance σ²",
          .y_label = "learning rate α",
          .log_x = true,
          .y_min = 0,
          .panels = {{"one over the curvature at w₁ = w₂ = 1",
                      {scan_curve(result, noise, optimal_rate, noise_rate),
                       scan_curve(result, decay, optimal_rate, decay_rate)}},
                     {"largest stable at the minimum",
                      {scan_curve(result, noise, stable_rate, noise_edge),
                       scan_curve(result, decay, stable_rate, decay_edge)}}},
          .caption = "Learning rates, λ = " + rounded(result.config.lambda, 3) +
                     ". At w = 1 noise is steeper than its equivalent decay; at the minimum its "
                     "curvature is 2λ for every σ², and decay, flatter at first, is stable at no "
                     "more than 1/γ once γ > λ/2."};
}

// A series from each of its starts, a panel a loss.
Figure along_paths(const NoiseVsDecayResult& result, const Series& series, Figure figure) {
  const std::vector<theory::Weights> starts = sharpness_starts(result.config);
  for (const ScalarLoss& loss : scalar_losses(result.config)) {
    Panel panel{.title = title_of(loss)};
    for (std::size_t k = 0; k < starts.size(); ++k)
      panel.curves.push_back(
          curve_of(result.comparison, series(loss.name, k + 1),
                   "from " + rounded(starts[k].w1, 3) + ", " + rounded(starts[k].w2, 3)));
    figure.panels.push_back(panel);
  }
  return figure;
}

Figure network(const NoiseVsDecayResult& result) {
  const Trace& measured = result.comparison.measured;
  const std::vector<double>& limits = result.network_sharpness;
  const double scalar = 2 * (network_spectrum[0] - network_decay);
  Panel panel;
  for (const std::string& run : {plain, noise, decay})
    panel.curves.push_back({.label = long_name(run),
                            .x = measured.steps(),
                            .measured = measured[network_sharpness(run)]});
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

std::vector<Figure> noise_vs_decay_figures(const NoiseVsDecayResult& result) {
  return {
      paths(result),
      grid(result, noise, "noise σ² = ",
           "Learning under noise: larger eigenvalues are learned first, and more fully."),
      grid(result, decay, "decay for σ² = ",
           "The same under the equivalent decay γ = λσ²/(λ+σ²) at the same rate: the same "
           "plateaus, later by 1 + σ²/λ."),
      own_rates(result),
      rates(result),
      along_paths(
          result, sharpness,
          {.name = "sharpness",
           .x_label = "step",
           .y_label = "largest eigenvalue of the Hessian",
           .log_x = true,
           .caption = "Sharpness along the path, by Hessian-vector products, for three starts "
                      "(w₁, w₂). From small weights it ends at 2λ without decay, whatever the "
                      "noise."}),
      along_paths(result, weight_norm,
                  {.name = "weight_norms",
                   .x_label = "step",
                   .y_label = "w₁² + w₂²",
                   .log_x = true,
                   .y_min = 0,
                   .caption = "Weights from three starts (w₁, w₂): noise keeps their imbalance, "
                              "decay forgets it."}),
      network(result)};
}

}  // namespace hourglass
