#include "../cli/study.hpp"

#include "experiment.hpp"
#include <hourglass/report/number.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <cmath>

namespace hourglass {
namespace {

OnlineInputs inputs_of(const OnlineSgdConfig& config, Session& session) {
  if (!is_spiked(config))
    return online_inputs(session.load(config.data), config.centring, config.surrogate);
  const std::string& name = config.data.name;
  try {
    return online_inputs({.features = config.features,
                          .strengths = *config.strengths,
                          .spikes = name == "sinusoidal" ? Spikes::sinusoidal
                                    : name == "random"   ? Spikes::random
                                                         : Spikes::orthogonal,
                          .seed = config.seed},
                         name);
  } catch (const ArgumentError& problem) {
    throw InputError(std::string("--features, --strengths: ") + problem.what());
  }
}

OnlineSgdResult run(const OnlineSgdConfig& given, Session& session) {
  const OnlineSgdConfig config = settled(given);
  const OnlineInputs inputs = inputs_of(config, session);
  session.data = {inputs.name, inputs.rows.samples(), inputs.features(), inputs.rows.checksum};
  return run_online_sgd(config, inputs);
}

// Over time, with the band of the runs.
Curve curve(const OnlineSgdResult& result, const Column& column, const std::string& label) {
  Curve curve = curve_of(result.comparison, column, label);
  for (double& x : curve.x) x /= double(result.observed.ell.size());
  curve.low = result.low[column];
  curve.high = result.high[column];
  return curve;
}

// A curve for each unit, pair or mode.
Panel panel(const OnlineSgdResult& result, const std::string& title, const Observable& series) {
  Panel panel{.title = title};
  for (const Observable::At at : series.all(result.observed.units, result.observed.modes))
    panel.curves.push_back(curve(result, series(at.k, at.l), series.label(at)));
  return panel;
}

std::vector<Level> error_levels(const OnlineSgdResult& result) {
  const OnlineOptions& learning = result.config.learning;
  const std::vector<double>& ell = result.observed.ell;
  const std::size_t hidden = result.config.hidden;
  std::vector<Level> levels;
  for (std::size_t k = 0; k < result.pca_errors.size(); ++k)
    if (k <= 4 || k == hidden)
      levels.push_back({"PCA(" + std::to_string(k) + ")", result.pca_errors[k]});
  if (learning.rule == OnlineRule::tied && learning.activation == Activation::erf)
    levels.push_back({"tied optimum", theory::tied_erf_pixel_error(ell, hidden)});
  if (learning.activation == Activation::relu && hidden == 1 && !learning.encoder_bias)
    levels.push_back({"one ReLU", theory::relu_single_pixel_error(ell)});
  return levels;
}

// Each on both axes.
std::vector<Figure> over_time(const std::vector<Figure>& figures) {
  std::vector<Figure> both;
  for (const Figure& figure : figures)
    for (const bool log_x : {true, false}) {
      Figure& one = both.emplace_back(figure);
      one.name += log_x ? "_log" : "_linear";
      one.x_label = "time t = steps/D";
      one.log_x = log_x;
    }
  return both;
}

std::vector<Figure> figures(const OnlineSgdResult& result) {
  const auto drawn = [&](const char* title, const Observable& series) {
    return panel(result, title, series);
  };
  using namespace online_sgd;
  return over_time(
      {{.name = "error",
        .y_label = "error per pixel",
        .log_y = true,
        .relative_deviation = true,
        .panels = {{.curves = {curve(result, error(), "error")}, .levels = error_levels(result)}},
        .caption = "The error falls from one level of principal components to the next."},
       {.name = "mode_gains",
        .y_label = "mode gain",
        .panels = {drawn("", gain)},
        .caption = "How much of each principal component is reconstructed: 1 where it is learned, "
                   "in the linear limit."},
       {.name = "fields",
        .y_label = "order parameter",
        .panels = {drawn("encoders", Q1), drawn("decoder-encoder", R1), drawn("decoders", T1)},
        .caption = "Second moments of the units' fields: Q1 of the encoders', R1 of the decoders' "
                   "with the encoders', T1 of the decoders'."},
       {.name = "weights",
        .y_label = "order parameter",
        .panels = {drawn("encoders", Q0), drawn("decoder-encoder", R0), drawn("decoders", T0)},
        .caption = "Scalar products of the weights themselves."},
       {.name = "overlaps",
        .y_label = "overlap",
        .y_min = 0,
        .panels = {drawn("encoder", encoder_overlap), drawn("decoder", decoder_overlap),
                   drawn("subspace", subspace_overlap)},
        .caption = "Overlap of unit [k] with a principal component, and of the decoders' span with "
                   "that of the leading components."},
       {.name = "norms",
        .y_label = "norm",
        .log_y = true,
        .panels = {drawn("encoder |W|", encoder_norm), drawn("decoder |V|", decoder_norm)},
        .caption = "Norms of the weight vectors of each unit."}});
}

// By how much a quantity of the error is off.
std::string percent(const OnlineSgdResult& result, const char* name) {
  const Agreement& error = result.comparison.agreement(online_sgd::error());
  return rounded(100 * std::abs(find_quantity(error, name)->deviation()), 2) + " %";
}

std::string answer(const OnlineSgdResult& result) {
  const Verdict verdict = result.comparison.verdict();
  std::string text =
      std::string("Training ") +
      (verdict == Verdict::agrees      ? "follows"
       : verdict == Verdict::disagrees ? "departs from"
                                       : "stands beside") +
      " the equations: the error differs by " + percent(result, online_sgd::median_relative) +
      " in the median over times, by at most " + percent(result, online_sgd::largest_relative) +
      ", and by " + percent(result, final_value_name) + " at the end";
  if (const Quantity* half =
          find_quantity(result.comparison.agreement(online_sgd::gain(1)), half_time_name))
    text += "; the first mode is learned at t = " + rounded(half->predicted) +
            " by the equations and " +
            (std::isfinite(half->measured) ? rounded(half->measured) : "not within the run") +
            " in training";
  text += ".";
  if (verdict == Verdict::disagrees && !result.gaussian && result.mean_share > 0.01 &&
      result.config.learning.activation == Activation::relu)
    text += " This is expected: the mean image holds " + rounded(100 * result.mean_share, 2) +
            " % of the second moments (see the notes).";
  return text;
}

// The law of section 3.6 for this run.
std::string jitter_note(const OnlineSgdResult& result) {
  std::string text =
      "All runs begin with the same weights; so the spread of the time at which the first mode is "
      "learned is that of the samples, with the predicted standard deviation √(" +
      rounded(result.escape.variance) + "t/D) at any rate" +
      (result.config.batch > 1 ? ", over the square root of the batch" : "") +
      ". It is what remains between mark and line on the steep parts.";
  if (result.escape.gain < 1)
    text +=
        " All ReLU units begin on the same side of the first mode, and half of the inputs turn "
        "them all off: they carry half of it, so that its gain grows to 1/2 and is half learned at "
        "1/4.";
  return text;
}

std::vector<std::string> notes(const OnlineSgdResult& result) {
  std::vector<std::string> lines{
      "Time is steps/D. Lines are the equations of the order parameters, which know the spectrum, "
      "the settings and the initial weights, and nothing of the run; marks are the median over the "
      "runs, bands reach from the least to the largest.",
      jitter_note(result)};
  if (result.gaussian) {
    lines.push_back(
        "The error is that over the distribution of the inputs, in closed form at the weights of "
        "the moment. It must agree within 0.5 % in the median over times, and the half time of the "
        "first mode within twice its jitter; of linear and erf units that of later modes within "
        "six "
        "times, since they show up to three times the law. Of the other order parameters, of "
        "single "
        "moments and of the spread of so few runs no accuracy is known: they are shown, not "
        "judged.");
    return lines;
  }
  lines.push_back(
      "The error is measured on all images; the equations are those of Gaussian inputs with the "
      "same second moments and mean zero. It must agree within 3 % at all times and 0.5 % at the "
      "end.");
  if (result.config.learning.activation == Activation::relu)
    lines.push_back(
        "The mean image holds " + rounded(100 * result.mean_share, 2) +
        " % of the second moments. With it the pre-activations have a mean, which Gaussian inputs "
        "of mean zero have not. An odd activation hardly notices; ReLU does, because the mean "
        "moves its units to their linear side, and on images centred by one number it learns far "
        "better than the equations say (by about a third). --centring pixel removes the mean image "
        "and leaves a few per cent; --surrogate shows that the equations themselves hold.");
  if (result.config.learning.rule == OnlineRule::tied)
    lines.push_back(
        "A tied erf unit saturates, and its output then depends on the whole distribution of its "
        "field: on images it ends a few per cent below the value for Gaussian inputs.");
  return lines;
}

// The error, the gains and the subspace: the rest is in the page.
bool in_table(const Column& column) {
  return column == online_sgd::error() || column == online_sgd::subspace_overlap() ||
         column == online_sgd::gain(std::size_t(column.index));
}

const Study<OnlineSgdConfig, OnlineSgdResult> study{
    .name = "online_sgd",
    .title = "Online learning of shallow autoencoders",
    .about =
        "Shallow autoencoders trained online, on one fresh input a step, beside the ordinary "
        "differential equations of their order parameters.",
    .question =
        "Do shallow autoencoders, trained on one fresh input a step, follow the equations of their "
        "order parameters and learn one principal component after the other?",
    .run = run,
    .answer = answer,
    .notes = notes,
    .figures = figures,
    .in_table = in_table};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
