// Denoising losses of tanh networks beside their expansion in small noise, and learned denoisers
// beside the optimal one.

#include "command_line.hpp"
#include <hourglass/measure/small_noise.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/progress.hpp>

#include <chrono>
#include <cmath>
#include <sstream>

using namespace hourglass;

namespace {

void add_options(CLI::App& app, SmallNoiseConfig& config) {
  const auto number = numbers_of(app);
  number("--hidden", config.hidden, "UNITS", "hidden units of the tanh network of two numbers");
  number("--samples", config.samples, "ROWS", "its points, drawn near a parabola");
  number("--init", config.init, "STD", "standard deviation of its initial weights");
  number("--training-sigma", config.training_sigma, "STD", "noise that it is trained with");
  number("--smallest-sigma", config.smallest_sigma, "STD", "least noise at which it is measured");
  number("--levels", config.levels, "NUMBER", "noises, each twice the one before");
  number("--draws", config.draws, "PAIRS", "antithetic pairs of drawn noise");
  number("--sigmas", config.sigmas, "STD,...", "noises of the denoisers of one number")
      ->delimiter(',');
  number("--denoiser-hidden", config.denoiser_hidden, "UNITS", "their tanh units");
  number("--batch", config.batch, "ROWS", "fresh rows of the mixture a step");
  number("--rate", config.rate, "RATE", "learning rate of Adam; the denoisers' falls as a cosine");
  number("--steps", config.steps, "STEPS", "gradient steps of each training");
  number("--records", config.records, "STEPS", "about how many steps are recorded");
}

// A column's values in both traces.
struct Series {
  std::vector<double> measured, predicted;
  Series(const Comparison& c, const std::string& name, std::size_t index = 0) {
    const Column column{name, static_cast<int>(index)};
    measured = c.measured.values(c.measured.find(column));
    predicted = c.predicted.values(c.predicted.find(column));
  }
};

// What the network's losses are at one step, over the noises.
struct Stage {
  std::string title;
  std::size_t row;
};
std::vector<Stage> stages(const Comparison& c) {
  const auto& steps = c.measured.steps();
  std::vector<Stage> result;
  for (const std::size_t row : {std::size_t{0}, steps.size() / 2, steps.size() - 1})
    result.push_back({"step " + rounded(steps[row], 6), row});
  return result;
}

Figure added_loss(const SmallNoiseResult& result) {
  const Comparison& c = result.comparison;
  Figure figure{.name = "added_loss",
                .x_label = "noise σ",
                .y_label = "loss added by noise",
                .log_x = true,
                .log_y = true,
                .relative_deviation = true,
                .caption =
                    "What noise adds to the loss of a tanh network, by quadrature and by drawn "
                    "noise, beside σ²c₂ + σ⁴c₄ (line); grey: what a contractive penalty keeps, "
                    "σ²/2 ‖J‖². A loss that noise lowers is not drawn."};
  for (const Stage& stage : stages(c)) {
    Curve quadrature{.label = "quadrature", .x = result.sigmas},
        drawn{.label = "drawn", .x = result.sigmas},
        jacobian{.label = "σ²‖J‖²/2", .x = result.sigmas, .context = true};
    for (std::size_t k = 1; k <= result.sigmas.size(); ++k) {
      const double s = result.sigmas[k - 1] * result.sigmas[k - 1];
      const Series loss(c, "added loss", k);
      quadrature.measured.push_back(loss.measured[stage.row]);
      quadrature.predicted.push_back(loss.predicted[stage.row]);
      drawn.measured.push_back(Series(c, "drawn loss", k).measured[stage.row]);
      jacobian.predicted.push_back(s * Series(c, "jacobian term").predicted[stage.row]);
    }
    figure.panels.push_back({.title = stage.title, .curves = {jacobian, drawn, quadrature}});
  }
  return figure;
}

Figure residuals(const SmallNoiseResult& result) {
  const Comparison& c = result.comparison;
  Figure figure{.name = "residuals",
                .x_label = "noise σ",
                .y_label = "|what is left of the loss|",
                .log_x = true,
                .log_y = true,
                .caption =
                    "What is left of the added loss after σ²c₂, beside σ⁴|c₄| (upper grey line at "
                    "the first mark), and after σ⁴c₄ too, beside a line of slope 6 through its "
                    "first mark. Where c₄ passes through zero the next order takes over early."};
  for (const Stage& stage : stages(c)) {
    const double c2 = Series(c, "c2").predicted[stage.row],
                 c4 = Series(c, "c4").predicted[stage.row];
    Curve second{.label = "after c₂", .x = result.sigmas},
        fourth{.label = "after c₄", .x = result.sigmas},
        formula{.x = result.sigmas, .context = true}, slope{.x = result.sigmas, .context = true};
    for (std::size_t k = 1; k <= result.sigmas.size(); ++k) {
      const double s = result.sigmas[k - 1] * result.sigmas[k - 1];
      const double left = Series(c, "added loss", k).measured[stage.row] - s * c2;
      second.measured.push_back(std::abs(left));
      formula.predicted.push_back(s * s * std::abs(c4));
      fourth.measured.push_back(std::abs(left - s * s * c4));
      slope.predicted.push_back(fourth.measured[0] * std::exp2(6 * double(k - 1)));
    }
    figure.panels.push_back({.title = stage.title, .curves = {formula, slope, second, fourth}});
  }
  return figure;
}

Figure coefficients(const SmallNoiseResult& result) {
  const Comparison& c = result.comparison;
  const auto& steps = c.measured.steps();
  const Series c2(c, "c2"), jacobian(c, "jacobian term");
  return {.name = "coefficients",
          .x_label = "step",
          .y_label = "coefficient of σ²",
          .log_x = true,
          .panels = {{.curves = {{.label = "‖J‖²/2",
                                  .x = steps,
                                  .predicted = jacobian.predicted,
                                  .context = true},
                                 {"c₂", steps, c2.measured, c2.predicted}}}},
          .caption =
              "The coefficient of σ² while the network learns, extrapolated from measured losses, "
              "beside its formula; grey: its Jacobian part alone, which a contractive penalty "
              "keeps. They meet as the error, and with it e·Δr, becomes small."};
}

Figure denoisers(const SmallNoiseConfig& config, const SmallNoiseResult& result) {
  Figure figure{.name = "denoisers",
                .x_label = "input x̃",
                .y_label = "output",
                .caption =
                    "Learned denoisers (marks) on a mixture of three Gaussians beside the "
                    "posterior mean x̃ + σ² d/dx̃ ln p_σ(x̃) (lines); grey: the identity."};
  for (std::size_t j = 1; j <= config.sigmas.size(); ++j) {
    Curve learned{.label = "r(x̃)", .x = result.points};
    for (std::size_t i = 1; i <= result.points.size(); ++i) {
      const Series point(result.comparison, "denoiser " + std::to_string(j), i);
      learned.measured.push_back(point.measured.back());
      learned.predicted.push_back(point.predicted.back());
    }
    const Curve identity{.x = result.points, .predicted = result.points, .context = true};
    figure.panels.push_back(
        {.title = "σ = " + rounded(config.sigmas[j - 1], 3), .curves = {identity, learned}});
  }
  return figure;
}

Figure denoising_losses(const SmallNoiseConfig& config, const SmallNoiseResult& result) {
  Figure figure{.name = "denoising_losses",
                .x_label = "step",
                .y_label = "loss above the optimum",
                .log_x = true,
                .log_y = true,
                .caption =
                    "Exact denoising loss of the learned denoisers beyond the least of any "
                    "function; dashed: that of the best linear one."};
  for (std::size_t j = 1; j <= config.sigmas.size(); ++j) {
    const double least = result.least_losses[j - 1];
    Curve excess{.label = "learned", .x = result.comparison.measured.steps()};
    for (const double loss : Series(result.comparison, "denoising loss", j).measured)
      excess.measured.push_back(loss - least);
    figure.panels.push_back({.title = "σ = " + rounded(config.sigmas[j - 1], 3),
                             .curves = {excess},
                             .levels = {{"linear", result.linear_losses[j - 1] - least}}});
  }
  return figure;
}

std::string answer(const Comparison& comparison) {
  if (!comparison.agrees()) return answer_of(comparison);
  double ratio = 0, loss = 0;
  for (const Agreement& a : comparison.agreements)
    for (const Quantity& q : a.quantities) {
      double& worst = q.name == "final loss" ? loss : ratio;
      worst = std::fmax(worst, std::abs(q.deviation()));
    }
  std::ostringstream text;
  text.precision(2);
  text << "Yes: residuals scale as σ⁴ and σ⁶ (median ratios 16 and 64 under halving, within "
       << 100 * ratio << " %), and learned denoisers lose at most " << 100 * loss
       << " % more than the optimal one.";
  return text.str();
}

std::vector<std::string> notes(const SmallNoiseResult& result) {
  return {
      "The network r(x) = W₂ tanh(W₁x + b) has two inputs. Its loss under noise is computed "
      "through the tape on the nodes of a Gauss-Hermite rule, and with drawn noise in antithetic "
      "pairs x ± n, judged within four standard errors against a quadrature that shares nothing "
      "with the tape. c₂ and c₄ are extrapolated from the losses at the three smallest noises.",
      "That denoising is a contractive penalty σ²/2 ‖J‖² is true near the optimum alone: the full "
      "c₂ has the term e·Δr/2, which is not small early in training.",
      "The denoisers of one number see fresh rows of the mixture and fresh noise at every step. "
      "Their exact loss is an integral over the mixture and the noise; the least loss of any "
      "function is ½(σ² − σ⁴ E(d ln p_σ)²). Far from the data nothing teaches them, which is where "
      "they leave the line. \"denoiser j\" i is the output at x̃ = " +
          rounded(result.points.front(), 4) + " + " +
          rounded(result.points[1] - result.points[0], 4) + " (i − 1)."};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Denoising losses of a tanh network beside their expansion in small noise while it learns, "
      "and learned denoisers of a mixture of Gaussians beside the optimal one.",
      "small_noise");
  CommonOptions options;
  SmallNoiseConfig config;
  add_options(app, config);
  add_run_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(options);
    require_writable(options.out);
    Progress progress("small_noise", config.steps * (1 + config.sigmas.size()), options.quiet);
    config.seed = options.seed;
    config.progress = [&](std::size_t done, std::size_t) { progress.update(done); };
    const SmallNoiseResult result = run_small_noise(config);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    const DataRecord no_data;
    Run run{.app = "small_noise",
            .title = "Denoising autoencoders under small noise",
            .question =
                "Is the denoising loss of a nonlinear network what its expansion in small noise "
                "says, and does training find the optimal denoiser?",
            .answer = answer(result.comparison),
            .notes = notes(result),
            .command = command_of(argc, argv),
            .config = used_settings(app),
            .environment = environment,
            .data = no_data,
            .comparison = result.comparison,
            .figures = {added_loss(result), residuals(result), coefficients(result),
                        denoisers(config, result), denoising_losses(config, result)},
            .wall_seconds = wall.count(),
            .steps_per_second = double(result.steps) / result.training_seconds};
    return finish(run, options);
  });
}
