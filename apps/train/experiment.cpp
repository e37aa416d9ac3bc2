#include <hourglass/config.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/autoencoder_run.hpp>
#include <hourglass/measure/fit.hpp>
#include <hourglass/measure/pca.hpp>
#include <hourglass/measure/reconstruction.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/model/penalties.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass {

std::vector<std::size_t> decoder_sizes(const AutoencoderConfig& config) {
  if (!config.decoder.empty()) return config.decoder;
  return {config.encoder.rbegin(), config.encoder.rend()};
}

namespace {

// Which random numbers are whose; the noise of hidden layer k = 1, 2, ... has id input_noise + k.
enum StreamId : std::uint32_t { initial_weights = 0, row_order = 1, input_noise = 16 };

[[noreturn]] void refuse(const std::string& option, const std::string& found,
                         const std::string& expected) {
  throw InputError("--" + option + ": found " + found + ", expected " + expected);
}

std::string list_text(const std::vector<std::size_t>& sizes) {
  std::string text;
  for (const std::size_t size : sizes) text += (text.empty() ? "" : ",") + std::to_string(size);
  return text;
}

bool is_mirrored(const AutoencoderConfig& config) {
  const auto decoder = decoder_sizes(config);
  return std::equal(decoder.begin(), decoder.end(), config.encoder.rbegin(), config.encoder.rend());
}

void require_sizes(const AutoencoderConfig& config, std::size_t features) {
  const auto decoder = decoder_sizes(config);
  for (const auto& [name, sizes] : {std::pair("encoder", config.encoder), {"decoder", decoder}})
    if (sizes.size() < 2 || std::count(sizes.begin(), sizes.end(), 0u) > 0)
      refuse(name, "sizes " + list_text(sizes), "at least two, all positive");
  if (config.encoder.front() != features)
    refuse("encoder", "an input of " + std::to_string(config.encoder.front()),
           std::to_string(features) + ", the features of the data");
  if (decoder.front() != config.encoder.back() || decoder.back() != features)
    refuse("decoder", list_text(decoder),
           "sizes from " + std::to_string(config.encoder.back()) + ", the code, to " +
               std::to_string(features) + ", the features of the data");
  if (config.tied && !is_mirrored(config))
    refuse("decoder", list_text(decoder), "the encoder's mirror image, because of --tied");
}

void require_settings(const AutoencoderConfig& config, std::size_t samples) {
  if (config.batch == 0) refuse("batch", "0", "at least 1 row");
  if (config.epochs == 0) refuse("epochs", "0", "at least 1");
  if (!(config.validation >= 0 && config.validation < 1))
    refuse("validation", std::to_string(config.validation), "a share of at least 0, below 1");
  if (std::lround(config.validation * double(samples)) >= long(samples))
    refuse("validation", std::to_string(config.validation),
           "a share that leaves rows to train on, of " + std::to_string(samples));
}

// Of the loss on logits the network's output is no reconstruction; of the other one the data must
// be shares.
void require_loss(const AutoencoderConfig& config, const Array& x) {
  if (config.loss == "cross_entropy_with_logits")
    refuse("loss", config.loss, "cross_entropy, with --output-activation sigmoid");
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  if (config.loss == "cross_entropy" && (*low < 0 || *high > 1))
    refuse("loss",
           "cross_entropy of data from " + std::to_string(*low) + " to " + std::to_string(*high),
           "data in [0, 1]");
}

// What loss and penalties refuse about this network shows before training.
void require_loss_of(const Autoencoder& model, const Array& x) {
  Tape tape;
  try {
    tape.begin();
    model.loss(tape, borrow(x.data(), {1, shape_of(x).columns}));
  } catch (const std::exception& problem) {
    throw InputError(std::string("--loss, --penalty: ") + problem.what());
  }
}

Activation code_activation(const AutoencoderConfig& config) {
  return activation_named(config.code_activation.empty() ? config.activation
                                                         : config.code_activation);
}

std::function<Noise(Stream)> maker_of(const std::string& noise) {
  if (noise == "none") return {};
  noise_named(noise, {});  // refused here, not at the first step
  return [noise](Stream stream) { return noise_named(noise, stream); };
}

AutoencoderOptions options_of(const AutoencoderConfig& config) {
  return {.activation = activation_named(config.activation),
          .tied = config.tied,
          .biases = config.biases,
          .code = code_activation(config),
          .output = activation_named(config.output_activation),
          .hidden_noise = maker_of(config.hidden_noise),
          .code_noise = maker_of(config.code_noise),
          .stream = {config.seed, input_noise}};
}

// A decoder of any sizes, without noise in its hidden layers.
Decoder free_decoder(const AutoencoderConfig& config) {
  const auto sizes = decoder_sizes(config);
  std::vector<Layer> layers;
  for (std::size_t k = 1; k < sizes.size(); ++k) {
    const bool last = k + 1 == sizes.size();
    layers.push_back(
        Dense("decoder." + std::to_string(k) + ".free", sizes[k - 1], sizes[k], config.biases));
    layers.push_back(activation_named(last ? config.output_activation : config.activation));
  }
  return Decoder(std::move(layers));
}

Autoencoder model_of(const AutoencoderConfig& config) {
  Autoencoder model = deep_autoencoder(config.encoder, options_of(config));
  if (!is_mirrored(config)) model = Autoencoder(model.encoder(), free_decoder(config));
  model.corrupt = noise_named(config.noise, {config.seed, input_noise});
  model.error = loss_named(config.loss);
  for (const std::string& penalty : config.penalties)
    model.penalties.push_back(penalty_named(penalty));
  init::named(config.initialiser, model.parameters(), {config.seed, initial_weights});
  return model;
}

// All that decides the numbers, but for how long it runs.
RunIdentity identity_of(const AutoencoderConfig& c, const Dataset& data) {
  std::string penalties;
  for (const std::string& penalty : c.penalties)
    penalties += (penalties.empty() ? "" : ",") + penalty;
  return {{"encoder", list_text(c.encoder)},
          {"decoder", list_text(decoder_sizes(c))},
          {"activation", c.activation},
          {"code-activation", c.code_activation.empty() ? c.activation : c.code_activation},
          {"output-activation", c.output_activation},
          {"tied", c.tied ? "true" : "false"},
          {"biases", c.biases ? "true" : "false"},
          {"noise", c.noise},
          {"hidden-noise", c.hidden_noise},
          {"code-noise", c.code_noise},
          {"loss", c.loss},
          {"penalty", penalties},
          {"optimiser", c.optimiser},
          {"schedule", c.schedule},
          {"initialiser", c.initialiser},
          {"batch", std::to_string(c.batch)},
          {"validation", std::to_string(c.validation)},
          {"seed", std::to_string(c.seed)},
          {"precision", HOURGLASS_SINGLE ? "single" : "double"},
          {"data", std::to_string(data.samples()) + " samples of " +
                       std::to_string(data.features()) + " features, checksum " + data.checksum}};
}

// A checkpoint beyond the last epoch is no run of so many epochs.
void require_epochs_left(const Fit& plan, std::uint64_t step) {
  const std::uint64_t per_epoch = plan.steps_per_epoch();
  if (step > plan.epochs * per_epoch)
    refuse("epochs", std::to_string(plan.epochs),
           "at least " + std::to_string((step + per_epoch - 1) / per_epoch) +
               ", where the checkpoint of --resume stands");
}

bool is_linear(const AutoencoderConfig& config) {
  const auto linear = [](const Activation& a) { return a.kind == Activation::linear; };
  return linear(activation_named(config.activation)) && linear(code_activation(config)) &&
         linear(activation_named(config.output_activation));
}

// Where principal components are the goal, and not only a reference.
bool is_judged(const AutoencoderConfig& config) {
  return is_linear(config) && config.noise == "none" && config.hidden_noise == "none" &&
         config.code_noise == "none" && config.penalties.empty() &&
         config.loss.find("cross_entropy") == std::string::npos;
}

// Whether components leave something: below rounding of the data a relative error says nothing.
bool leaves_error(double pca_error, const Array& x) {
  double squares = 0;
  for (const Real value : x) squares += double(value) * double(value);
  return pca_error > double(std::numeric_limits<Real>::epsilon()) * squares / double(x.size());
}

std::size_t narrowest(const AutoencoderConfig& config) {
  const auto decoder = decoder_sizes(config);
  return std::min(*std::min_element(config.encoder.begin(), config.encoder.end()),
                  *std::min_element(decoder.begin(), decoder.end()));
}

// The error of all training rows at the end. A linear network cannot be below that of principal
// components but for rounding, and comes close in the end.
std::vector<Quantity> final_errors(double measured, double pca, bool judged) {
  std::vector<Quantity> errors{{"final error", "", measured, pca, judged ? 0.02 : NAN, true}};
  if (judged)
    errors.push_back({"shortfall", "", std::min(0.0, measured / pca - 1), 0, 1e-4, false});
  return errors;
}

Comparison comparison_of(const AutoencoderConfig& config, const AutoencoderRun& run,
                         const Trace& curve) {
  const Pca pca(run.training.x, narrowest(config), config.biases);
  const bool held_out = run.validation.samples() > 0;
  std::vector<Column> columns{{"training error", 0}};
  std::vector<double> last{pca.error(run.training.x)};
  if (held_out) {
    columns.push_back({"validation error", 0});
    last.push_back(pca.error(run.validation.x));
  }
  Trace predicted(columns);
  for (const double step : curve.steps())
    predicted.add(step,
                  step == curve.steps().back() ? last : std::vector<double>(columns.size(), NAN));
  Comparison result = compare(curve, predicted, NAN);
  const bool judged = is_judged(config) && leaves_error(last[0], run.training.x);
  result.agreements[0].quantities =
      final_errors(reconstruction_error(run.model, run.training.x), last[0], judged);
  if (held_out)
    result.agreements[1].quantities = final_errors(curve.values(2).back(), last[1], false);
  return result;
}

}  // namespace

AutoencoderRun run_autoencoder(const AutoencoderConfig& config, Dataset dataset) {
  require_sizes(config, dataset.features());
  require_settings(config, dataset.samples());
  require_loss(config, dataset.x);
  const RunIdentity identity = identity_of(config, dataset);
  AutoencoderRun run{.model = model_of(config)};
  require_loss_of(run.model, dataset.x);
  Optimiser optimiser = optimiser_named(config.optimiser);
  optimiser.schedule = schedule_named(config.schedule);
  Split parts = data::split(dataset, config.validation, config.seed);
  dataset = {};  // its rows are in the parts now
  run.training = std::move(parts.training);
  run.validation = std::move(parts.validation);
  const auto columns = learning_curve(run.validation.samples() > 0);
  RunState state{.curve = Trace(columns)};
  if (config.resume && std::filesystem::exists(config.checkpoint))
    state =
        load_checkpoint(config.checkpoint, identity, columns, run.model.parameters(), optimiser);
  run.resumed_from = state.step;
  const auto save = [&] {
    if (!config.checkpoint.empty())
      save_checkpoint(config.checkpoint, identity, state, run.model.parameters(), optimiser);
  };
  const Fit plan{.training = run.training.x,
                 .validation = run.validation.x,
                 .epochs = config.epochs,
                 .batch = config.batch,
                 .order = {config.seed, row_order},
                 .stop = config.stop,
                 .after_epoch =
                     [&](std::uint64_t epoch) {
                       if (config.checkpoint_every > 0 && epoch % config.checkpoint_every == 0)
                         save();
                     },
                 .progress = config.progress};
  require_epochs_left(plan, state.step);
  const FitResult result = fit(plan, run.model, optimiser, state);
  save();
  run.finished = result.finished;
  run.step = state.step;
  run.steps_taken = result.steps;
  run.step_seconds = result.step_seconds;
  run.steps_per_epoch = plan.steps_per_epoch();
  if (run.finished) run.comparison = comparison_of(config, run, state.curve);
  return run;
}

}  // namespace hourglass
