#include "config.hpp"

#include <hourglass/model/activation.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/noise.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/model/penalties.hpp>
#include <hourglass/model/schedules.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

void add_network_options(Options& options, TrainConfig& c) {
  options.group("Network");
  options.add("encoder", c.encoder, "SIZES", "layer sizes from the input to the code",
              between(0, 1e9));
  options.add("decoder", c.decoder, "SIZES",
              "layer sizes from the code to the output; by default the encoder's, mirrored",
              between(0, 1e9));
  options.add("activation", c.activation, "NAME", "of hidden layers: " + activation_forms())
      .only("hidden layers, or a code without --code-activation", [&c] {
        return std::max(c.encoder.size(), c.decoder ? c.decoder->size() : 0) > 2 ||
               c.code_activation.value_or(c.activation) == c.activation;
      });
  options.add("code-activation", c.code_activation, "NAME",
              "of the code; by default that of --activation");
  options.add("output-activation", c.output_activation, "NAME", "of the reconstruction");
  options.flag("tied", c.tied, "decoder weights are the encoder's, transposed");
  options.flag("no-bias", c.biases, "layers without biases", false);
  options.add("noise", c.noise, "NOISE", "on the input: " + noise_forms());
  options
      .add(
          "hidden-noise", c.hidden_noise, "NOISE",
          "on hidden layers except the code, of the encoder and its mirror image; the same choices")
      .only("an --encoder with hidden layers before the code",
            [&c] { return c.encoder.size() > 2; });
  options.add("code-noise", c.code_noise, "NOISE", "on the code; the same choices");
  options.add("initialiser", c.initialiser, "NAME", init::forms() + "; biases start at 0");
}

void add_training_options(Options& options, TrainConfig& c) {
  options.group("Training");
  options.add("loss", c.loss, "NAME",
              loss_forms(false) + "; cross_entropy with --output-activation sigmoid");
  options.add("penalty", c.penalties, "PENALTY", penalty_forms() + "; any number of them");
  options.add("optimiser", c.optimiser, "RULE", optimiser_forms());
  options.add("schedule", c.schedule, "NAME", "of the rate: " + schedule_forms());
  options.add("epochs", c.epochs, "N", "passes through the training rows", between(1, 1e9));
  options.find("epochs")->identifies = false;  // a run may go on for more
  options.add("batch", c.batch, "ROWS",
              "rows a step; those left over at the end of an epoch wait for another one",
              at_least(1));
  options.add("validation", c.validation, "SHARE", "of the rows, held out and never trained on",
              below(1));
}

void require_sizes(const TrainConfig& config, std::size_t features) {
  const auto text = [](const std::vector<std::size_t>& sizes) { return text_of(sizes, ","); };
  const std::vector<std::size_t>&encoder = config.encoder, &decoder = *config.decoder;
  for (const auto& [name, sizes] : {std::pair("encoder", encoder), {"decoder", decoder}})
    if (sizes.size() < 2 || std::count(sizes.begin(), sizes.end(), 0u) > 0)
      throw refused(name, "sizes " + text(sizes), "at least two, all positive");
  const std::string of_data = std::to_string(features) + ", the features of the data";
  if (encoder.front() != features)
    throw refused("encoder", "an input of " + std::to_string(encoder.front()), of_data);
  if (decoder.front() != encoder.back() || decoder.back() != features)
    throw refused("decoder", text(decoder),
                  "sizes from " + std::to_string(encoder.back()) + ", the code, to " + of_data);
  if (config.tied && !is_mirrored(config))
    throw refused("decoder", text(decoder), "the encoder's mirror image, because of --tied");
}

// The output of a loss on logits is no reconstruction. Cross-entropy is of probabilities: outputs
// between 0 and 1 and data that are shares. A clamped output outside would have no gradient to come
// back by.
void require_loss(const TrainConfig& config, const Array& x) {
  if (config.loss == "cross_entropy_with_logits")
    throw refused("loss", config.loss, "cross_entropy, with --output-activation sigmoid");
  if (config.loss != "cross_entropy") return;
  if (activation_named(config.output_activation).kind != Activation::sigmoid)
    throw refused("loss", "cross_entropy with --output-activation " + config.output_activation,
                  "--output-activation sigmoid");
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  if (*low < 0 || *high > 1)
    throw refused(
        "loss",
        "cross_entropy of data from " + std::to_string(*low) + " to " + std::to_string(*high),
        "data in [0, 1]");
}

// What reads a text of this option says what is wrong with it.
void require_named(const char* option, const auto& read, const std::string& text) {
  try {
    read(text);
  } catch (const Error& problem) {
    throw InputError(std::string("--") + option + ": " + problem.what());
  }
}

}  // namespace

void require_names(const TrainConfig& c) {
  const auto noise = [](const std::string& text) {
    if (text != "none") noise_named(text, {});
  };
  const auto activation = [](const std::string& text) { activation_named(text); };
  require_named("activation", activation, c.activation);
  require_named("code-activation", activation, c.code_activation.value_or(c.activation));
  require_named("output-activation", activation, c.output_activation);
  require_named("noise", noise, c.noise);
  require_named("hidden-noise", noise, c.hidden_noise);
  require_named("code-noise", noise, c.code_noise);
  require_named(
      "loss", [](const std::string& text) { loss_named(text); }, c.loss);
  for (const std::string& penalty : c.penalties)
    require_named(
        "penalty", [](const std::string& text) { penalty_named(text); }, penalty);
  require_named(
      "optimiser", [](const std::string& text) { optimiser_named(text); }, c.optimiser);
  require_named(
      "schedule", [](const std::string& text) { schedule_named(text); }, c.schedule);
}

void add_options(Options& options, TrainConfig& config) {
  add_network_options(options, config);
  add_training_options(options, config);
}

bool is_mirrored(const TrainConfig& config) {
  return std::equal(config.decoder->begin(), config.decoder->end(), config.encoder.rbegin(),
                    config.encoder.rend());
}

TrainConfig settled(TrainConfig config, const Dataset& dataset) {
  check_ranges(config);
  if (!config.decoder) config.decoder = {config.encoder.rbegin(), config.encoder.rend()};
  if (!config.code_activation) config.code_activation = config.activation;
  require_sizes(config, dataset.features());
  const auto rows = static_cast<long>(dataset.samples());
  const long shared = std::lround(config.validation * double(rows));
  const long held_out = config.validation > 0 ? std::max(shared, 1l) : 0;
  if (held_out >= rows)
    throw refused("validation", config.validation,
                  "a share that leaves rows to train on, of " + std::to_string(dataset.samples()));
  require_names(config);
  require_loss(config, dataset.x);
  config.batch = std::min<std::size_t>(config.batch, static_cast<std::size_t>(rows - held_out));
  return config;
}

}  // namespace hourglass
