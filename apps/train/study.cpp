#include "../cli/study.hpp"

#include "pictures.hpp"
#include <hourglass/data/safetensors.hpp>
#include <hourglass/measure/fit.hpp>
#include <hourglass/report/number.hpp>

namespace hourglass {
namespace {

constexpr const char* weights_file = "weights.safetensors";

// With what they are weights of.
void save_weights(const TrainResult& result, const Session& session) {
  Tensors weights{.metadata = session.journal.identity()};
  weights.metadata["step"] = std::to_string(result.last_step);
  for (const Parameter* p : result.model.parameters()) weights.add(p->name, p->value);
  data::write_safetensors(session.out / weights_file, weights);
}

TrainResult run(const TrainConfig& asked, Session& session) {
  TrainConfig config = asked;
  require_names(config);
  config.trained = [&](const TrainResult& result) { save_weights(result, session); };
  return run_train(config, session.load(config.data));
}

// The learning curve by epoch, and principal components as a line.
std::vector<Figure> figures(const TrainResult& result) {
  const Trace &measured = result.comparison.measured, &predicted = result.comparison.predicted;
  Panel panel;
  for (const auto& [error, name] : {std::pair(learning::training_error(), "training"),
                                    {learning::validation_error(), "held out"}}) {
    if (!measured.has(error)) continue;
    Curve curve{.label = name, .measured = measured[error]};
    for (const double step : measured.steps())
      curve.x.push_back(step / static_cast<double>(result.steps_per_epoch));
    panel.curves.push_back(std::move(curve));
    if (!result.left_out.empty()) continue;
    Curve line{.label = std::string("PCA, ") + name,
               .x = {panel.curves.back().x.front(), panel.curves.back().x.back()}};
    line.predicted.assign(2, predicted[error].back());
    panel.curves.push_back(std::move(line));
  }
  return {{.name = "learning_curve",
           .x_label = "epoch",
           .y_label = "mean squared error of a feature",
           .log_y = true,
           .panels = {panel},
           .caption = "Errors without noise after each epoch; the line is the error of principal "
                      "components on the same rows."}};
}

std::string answer(const TrainResult& result) {
  const Agreement& shown = result.comparison.agreements.back();
  const Quantity& error = shown.quantities.front();
  const bool held_out = shown.column == learning::validation_error();
  std::string text = std::string("The ") + (held_out ? "held-out" : "training") +
                     " error ends at " + rounded(error.measured, 4);
  if (!result.left_out.empty()) return text + ".";
  text += "; ";
  text += error.relative ? rounded(error.measured / error.predicted, 3) +
                               " times that of principal components of the same rank."
                         : "principal components of the same rank leave none.";
  switch (result.comparison.verdict()) {
    case Verdict::agrees:
      break;
    case Verdict::disagrees:
      return text + " The network has not reached the minimum that principal components are.";
    case Verdict::not_judged:
      text += " Nothing is judged: there is no theory of where such a network ends.";
  }
  return text;
}

std::vector<std::string> notes(const TrainResult& result) {
  std::vector<std::string> lines{
      "Errors are mean squared errors of a feature, without noise, whatever the loss; that of "
      "training is of the first rows, at most 5000, in the curve, and of all of them as final "
      "error.",
      "The loss of an epoch is the mean over its steps, with noise and penalties.",
      "Principal components have the rank of the narrowest layer and are fitted to the training "
      "rows: no network with a linear decoder is better on these, whatever its encoder, and none "
      "may end below. Linear networks that are trained on the squared error without noise and "
      "penalties must also come within 2 %. Where others end, no theory here says, nor what any "
      "network does to rows that it has not seen: their errors are shown, not judged.",
      "An epoch is one pass in a new random order, in batches of equal size; the rows left over "
      "wait for another epoch."};
  if (!result.left_out.empty())
    lines.push_back("The comparison with principal components is left out: " + result.left_out +
                    ".");
  if (const std::size_t features = result.training.features(); !pixel_shape(features))
    lines.push_back("There are no images: " + std::to_string(features) +
                    " features are not 28x28, 32x32 or 32x32 in colour.");
  return lines;
}

const Study<TrainConfig, TrainResult> study{
    .name = "train",
    .title = "An autoencoder, trained",
    .about =
        "Trains an autoencoder of dense layers. Saves checkpoints, learning curves beside the "
        "error of principal components, reconstructions, features and weights.",
    .question = "How close does the network come to principal components of the same rank?",
    .run = run,
    .answer = answer,
    .notes = notes,
    .figures = figures,
    .pictures = pictures_of,
    .saved = {weights_file}};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
