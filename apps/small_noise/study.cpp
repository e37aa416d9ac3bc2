#include "../cli/study.hpp"

#include "experiment.hpp"
#include <hourglass/report/number.hpp>

#include <cmath>

namespace hourglass {
namespace {

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
  const auto& [measured, predicted, agreements] = result.comparison;
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
  for (const Stage& stage : stages(result.comparison)) {
    Curve quadrature{.label = "quadrature", .x = result.sigmas},
        drawn{.label = "drawn", .x = result.sigmas},
        jacobian{.label = "σ²‖J‖²/2", .x = result.sigmas, .context = true};
    for (std::size_t k = 1; k <= result.sigmas.size(); ++k) {
      const double s = result.sigmas[k - 1] * result.sigmas[k - 1];
      quadrature.measured.push_back(measured[small_noise::added_loss(k)][stage.row]);
      quadrature.predicted.push_back(predicted[small_noise::added_loss(k)][stage.row]);
      drawn.measured.push_back(measured[small_noise::drawn_loss(k)][stage.row]);
      jacobian.predicted.push_back(s * predicted[small_noise::jacobian()][stage.row]);
    }
    figure.panels.push_back({.title = stage.title, .curves = {jacobian, drawn, quadrature}});
  }
  return figure;
}

Figure residuals(const SmallNoiseResult& result) {
  const auto& [measured, predicted, agreements] = result.comparison;
  Figure figure{.name = "residuals",
                .x_label = "noise σ",
                .y_label = "|what is left of the loss|",
                .log_x = true,
                .log_y = true,
                .caption =
                    "What is left of the added loss after σ²c₂, beside σ⁴|c₄| (upper grey line at "
                    "the first mark), and after σ⁴c₄ too, beside a line of slope 6 through its "
                    "first mark. Where c₄ passes through zero the next order takes over early."};
  for (const Stage& stage : stages(result.comparison)) {
    const double c2 = predicted[small_noise::c2()][stage.row],
                 c4 = predicted[small_noise::c4()][stage.row];
    Curve second{.label = "after c₂", .x = result.sigmas},
        fourth{.label = "after c₄", .x = result.sigmas},
        formula{.x = result.sigmas, .context = true}, slope{.x = result.sigmas, .context = true};
    for (std::size_t k = 1; k <= result.sigmas.size(); ++k) {
      const double s = result.sigmas[k - 1] * result.sigmas[k - 1];
      const double left = measured[small_noise::added_loss(k)][stage.row] - s * c2;
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
  return {.name = "coefficients",
          .x_label = "step",
          .y_label = "coefficient of σ²",
          .log_x = true,
          .panels = {{.curves = {{.label = "‖J‖²/2",
                                  .x = c.measured.steps(),
                                  .predicted = c.predicted[small_noise::jacobian()],
                                  .context = true},
                                 curve_of(c, small_noise::c2(), "c₂")}}},
          .caption =
              "The coefficient of σ² while the network learns, extrapolated from measured losses, "
              "beside its formula; grey: its Jacobian part alone, which a contractive penalty "
              "keeps. They meet as the error, and with it e·Δr, becomes small."};
}

Figure denoisers(const SmallNoiseResult& result) {
  Figure figure{.name = "denoisers",
                .x_label = "input x̃",
                .y_label = "output",
                .caption =
                    "Learned denoisers (marks) on a mixture of three Gaussians beside the "
                    "posterior mean x̃ + σ² d/dx̃ ln p_σ(x̃) (lines); grey: the identity."};
  for (std::size_t j = 1; j <= result.config.sigmas.size(); ++j) {
    Curve learned{.label = "r(x̃)", .x = result.points};
    for (std::size_t i = 1; i <= result.points.size(); ++i) {
      const Column output = small_noise::denoiser(j, i);
      learned.measured.push_back(result.comparison.measured[output].back());
      learned.predicted.push_back(result.comparison.predicted[output].back());
    }
    const Curve identity{.x = result.points, .predicted = result.points, .context = true};
    figure.panels.push_back(
        {.title = "σ = " + rounded(result.config.sigmas[j - 1], 3), .curves = {identity, learned}});
  }
  return figure;
}

Figure denoising_losses(const SmallNoiseResult& result) {
  Figure figure{.name = "denoising_losses",
                .x_label = "step",
                .y_label = "loss above the optimum",
                .log_x = true,
                .log_y = true,
                .caption =
                    "Exact denoising loss of the learned denoisers beyond the least of any "
                    "function; dashed: that of the best linear one."};
  for (std::size_t j = 1; j <= result.config.sigmas.size(); ++j) {
    const double least = result.least_losses[j - 1];
    Curve excess{.label = "learned", .x = result.comparison.measured.steps()};
    for (const double loss : result.comparison.measured[small_noise::denoising_loss(j)])
      excess.measured.push_back(loss - least);
    figure.panels.push_back({.title = "σ = " + rounded(result.config.sigmas[j - 1], 3),
                             .curves = {excess},
                             .levels = {{"linear", result.linear_losses[j - 1] - least}}});
  }
  return figure;
}

std::string answer(const SmallNoiseResult& result) {
  if (result.comparison.verdict() != Verdict::agrees) return answer_of(result.comparison);
  const auto worst = [&](const char* name) {
    return largest_deviation(result.comparison,
                             [&](const Agreement&, const Quantity& q) { return q.name == name; });
  };
  return "Yes: residuals scale as σ⁴ and σ⁶ (median ratios 16 and 64 under halving, within " +
         rounded(100 * worst(small_noise::residual_ratio), 2) +
         " %), and learned denoisers lose at most " +
         rounded(100 * worst(small_noise::final_loss), 2) + " % more than the optimal one.";
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

const Study<SmallNoiseConfig, SmallNoiseResult> study{
    .name = "small_noise",
    .title = "Denoising autoencoders under small noise",
    .about =
        "Denoising losses of a tanh network beside their expansion in small noise while it learns, "
        "and learned denoisers of a mixture of Gaussians beside the optimal one.",
    .question =
        "Is the denoising loss of a nonlinear network what its expansion in small noise says, and "
        "does training find the optimal denoiser?",
    .run = [](const SmallNoiseConfig& config, Session&) { return run_small_noise(config); },
    .answer = answer,
    .notes = notes,
    .figures = [](const SmallNoiseResult& result) -> std::vector<Figure> {
      return {added_loss(result), residuals(result), coefficients(result), denoisers(result),
              denoising_losses(result)};
    }};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
