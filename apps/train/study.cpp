// Trains any dense autoencoder: learning curves beside the error of principal components,
// reconstructions, features, weights; stops and resumes without a trace.

#include "command_line.hpp"
#include "train_pictures.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/safetensors.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/progress.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <optional>

using namespace hourglass;

namespace {

// SIGTERM and SIGINT while this lives: training ends after the step under way.
class StopSignals {
 public:
  StopSignals() {
    for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, [](int s) { received_ = s; });
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() {
    for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, SIG_DFL);
  }
  int received() const { return received_; }

 private:
  static inline volatile std::sig_atomic_t received_ = 0;
};

// CLI11 would take -1 for the largest number there is.
CLI::Validator counts() { return CLI::Range(0.0, 1e9).description(""); }

void add_model_options(CLI::App& app, AutoencoderConfig& config) {
  const auto choice = [&](const char* name, std::string& value, const char* form,
                          const std::string& help) {
    app.add_option(name, value, help)->type_name(form)->capture_default_str();
  };
  app.add_option("--encoder", config.encoder, "layer sizes from the input to the code")
      ->type_name("SIZES")
      ->check(counts())
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--decoder", config.decoder,
                 "layer sizes from the code to the output; by default the encoder's, mirrored")
      ->type_name("SIZES")
      ->check(counts())
      ->delimiter(',');
  choice("--activation", config.activation, "NAME", "of hidden layers: " + activation_forms());
  app.add_option("--code-activation", config.code_activation,
                 "of the code; by default that of --activation")
      ->type_name("NAME");
  choice("--output-activation", config.output_activation, "NAME", "of the reconstruction");
  app.add_flag("--tied", config.tied, "decoder weights are the encoder's, transposed");
  app.add_flag("!--no-bias", config.biases, "layers without biases");
  choice("--noise", config.noise, "NOISE", noise_forms());
  choice("--hidden-noise", config.hidden_noise, "NOISE",
         "on hidden layers except the code, the same choices");
  choice("--code-noise", config.code_noise, "NOISE", "on the code, the same choices");
  choice("--initialiser", config.initialiser, "NAME", init::forms() + "; biases start at 0");
}

void add_training_options(CLI::App& app, AutoencoderConfig& config) {
  const auto option = [&](const char* name, auto& value, const char* unit,
                          const std::string& help) {
    return app.add_option(name, value, help)->type_name(unit)->capture_default_str();
  };
  option("--loss", config.loss, "NAME", loss_forms());
  app.add_option("--penalty", config.penalties, penalty_forms() + "; any number of them")
      ->type_name("PENALTY")
      ->delimiter(',');
  option("--optimiser", config.optimiser, "RULE", optimiser_forms());
  option("--schedule", config.schedule, "NAME", "of the rate: " + schedule_forms());
  option("--epochs", config.epochs, "N", "passes through the training rows")->check(counts());
  option("--batch", config.batch, "ROWS",
         "rows a step; those left over at the end of an epoch wait for another one")
      ->check(counts());
  option("--validation", config.validation, "SHARE", "of the rows, held out and never trained on");
  option("--checkpoint-every", config.checkpoint_every, "EPOCHS",
         "how often OUT/checkpoint.safetensors is saved; 0: only at the end or where a signal ends "
         "the run")
      ->check(counts());
  app.add_flag("--resume", config.resume,
               "go on from that checkpoint; without one, begin at the beginning");
}

// The learning curve by epoch, and principal components as a line.
Figure learning_curve(const AutoencoderRun& run) {
  Figure figure{.name = "learning_curve",
                .x_label = "epoch",
                .y_label = "mean squared error of a feature",
                .log_y = true,
                .caption =
                    "Errors without noise after each epoch; the line is the error of "
                    "principal components on the same rows."};
  Panel panel;
  const Trace &measured = run.comparison.measured, &predicted = run.comparison.predicted;
  for (const Column& column : predicted.columns()) {
    const bool training = column.series == "training error";
    Curve curve{.label = training ? "training" : "held out"};
    Curve line{.label = training ? "PCA, training" : "PCA, held out"};
    curve.measured = measured.values(measured.find(column));
    for (const double step : measured.steps())
      curve.x.push_back(step / static_cast<double>(run.steps_per_epoch));
    line.x = {curve.x.front(), curve.x.back()};
    line.predicted.assign(2, predicted.values(predicted.find(column)).back());
    panel.curves.push_back(std::move(curve));
    panel.curves.push_back(std::move(line));
  }
  figure.panels.push_back(std::move(panel));
  return figure;
}

std::string answer(const AutoencoderRun& run) {
  const Agreement& shown = run.comparison.agreements.back();
  const Quantity& error = shown.quantities.front();
  const bool held_out = shown.column.series == "validation error";
  std::string text = std::string("The ") + (held_out ? "held-out" : "training") +
                     " error ends at " + rounded(error.measured, 4) + ", " +
                     rounded(error.measured / error.predicted, 3) +
                     " times that of principal components of the same rank.";
  if (!run.comparison.agrees())
    text += " The linear network has not reached the minimum that principal components are.";
  return text;
}

std::vector<std::string> notes(const AutoencoderRun& run) {
  std::vector<std::string> lines{
      "Errors are mean squared errors of a feature, without noise, whatever the loss; that of "
      "training is of the first rows, at most 5000, in the curve, and of all of them as final "
      "error.",
      "The loss of an epoch is the mean over its steps, with noise and penalties.",
      "Principal components have the rank of the narrowest layer and are fitted to the training "
      "rows: no linear network is better on these. Agreement is judged for linear networks "
      "trained on the squared error without noise and penalties: their final error must come "
      "within 2 % and never below.",
      "An epoch is one pass in a new random order, in batches of equal size; the rows left over "
      "wait for another epoch."};
  if (run.resumed_from > 0)
    lines.push_back("Resumed from the checkpoint of step " + std::to_string(run.resumed_from) +
                    ": all numbers are those of a run without interruption.");
  if (!pixel_shape(run.training.features()))
    lines.push_back("There are no images: " + std::to_string(run.training.features()) +
                    " features are not 28x28, 32x32 or 32x32 in colour.");
  return lines;
}

std::vector<double> list_of(const std::vector<std::size_t>& sizes) {
  return {sizes.begin(), sizes.end()};
}

std::string code_activation(const AutoencoderConfig& config) {
  return config.code_activation.empty() ? config.activation : config.code_activation;
}

void save_weights(const AutoencoderRun& run, const std::filesystem::path& file) {
  Tensors weights;
  for (const Parameter* p : run.model.parameters()) weights.add(p->name, p->value);
  data::write_safetensors(file, weights);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Trains an autoencoder of dense layers. Saves checkpoints, learning curves beside the error "
      "of principal components, reconstructions, features and weights. SIGTERM and SIGINT end "
      "training after the step under way, with a checkpoint and exit status 143 or 130.",
      "train");
  CommonOptions options;
  AutoencoderConfig config{.encoder = {784, 256, 64}};
  add_model_options(app, config);
  add_training_options(app, config);
  add_common_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(options);
    Dataset dataset = data::load_dataset(options.data);
    const DataRecord record{dataset.name, dataset.samples(), dataset.features(), dataset.checksum};
    require_writable(options.out);
    const std::filesystem::path out = options.out;
    config.seed = options.seed;
    config.checkpoint = out / "checkpoint.safetensors";
    if (config.resume && !options.quiet)
      std::cout << (std::filesystem::exists(config.checkpoint) ? "resuming from "
                                                               : "beginning anew, without ")
                << config.checkpoint.string() << std::endl;
    const StopSignals signals;
    std::optional<Progress> progress;
    config.progress = [&](std::uint64_t done, std::uint64_t all) {
      if (!progress) progress.emplace("train", all, options.quiet);
      progress->update(done);
    };
    config.stop = [&] { return signals.received() != 0; };
    AutoencoderRun result = run_autoencoder(config, std::move(dataset));
    progress.reset();
    if (!result.finished) {
      std::cout << "stopped after step " << result.step << "; go on with --resume\n";
      return 128 + signals.received();
    }
    save_weights(result, out / "weights.safetensors");
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    Run run{.app = "train",
            .title = "An autoencoder, trained",
            .question = "How close does the network come to principal components of the same rank?",
            .answer = answer(result),
            .notes = notes(result),
            .command = command_of(argc, argv),
            .config = used_settings(app, {{"decoder", list_of(decoder_sizes(config))},
                                          {"code-activation", code_activation(config)}}),
            .environment = environment,
            .data = record,
            .comparison = result.comparison,
            .figures = {learning_curve(result)},
            .pictures = pictures_of(result),
            .wall_seconds = wall.count(),
            .steps_per_second = double(result.steps_taken) / result.step_seconds};
    return finish(run, options);
  });
}
