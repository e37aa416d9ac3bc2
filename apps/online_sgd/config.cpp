#include "config.hpp"

#include "../cli/study.hpp"

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

void add_learning_options(Options& options, OnlineSgdConfig& c) {
  OnlineOptions& learning = c.learning;
  options.choice<Activation>("activation", learning.activation,
                             {{"erf", Activation::erf, "erf(z/sqrt 2)"},
                              {"linear", Activation::linear},
                              {"relu", Activation::relu}},
                             "of the hidden units");
  options.add("hidden", c.hidden, "UNITS", "hidden units", at_least(1));
  options.text(
      "bias", "NAME", "which biases are trained: none, encoder or both",
      [&] { return learning.decoder_bias   ? "both"
                   : learning.encoder_bias ? "encoder"
                                           : "none"; },
      [&](const std::string& name) {
        learning.decoder_bias = name == "both";
        learning.encoder_bias = learning.decoder_bias || name == "encoder";
        return learning.encoder_bias || name == "none" ? "" : "none, encoder or both";
      });
  options.choice<OnlineRule>(
      "rule", learning.rule,
      {{"vanilla", OnlineRule::vanilla, "the gradient"},
       {"truncated", OnlineRule::truncated, "unit k sees what units up to k leave"},
       {"sanger", OnlineRule::sanger, "linear and tied"},
       {"tied", OnlineRule::tied, "the decoder is the encoder, transposed"},
       {"tied-detached", OnlineRule::tied_detached,
        "without the decoder's share of that gradient"}},
      "");
  options.flag("tied", c.tied, "short for --rule tied").only("--rule vanilla", [&] {
    return learning.rule == OnlineRule::vanilla || learning.rule == OnlineRule::tied;
  });
  options.add("lr", learning.lr, "RATE", "learning rate: lr for the decoder, lr/D for the encoder",
              positive());
  options.add("batch", c.batch, "ROWS", "rows a step", at_least(1));
  options.add("time", c.time, "TIME",
              "length of a run in steps/D; by default 100/lr, of images five epochs", up_to(1e9));
  options.add("init", c.init, "STD", "standard deviation of the initial weights", up_to(1000));
  options.add("seeds", c.seeds, "RUNS",
              "runs from the same initial weights, each on inputs of its own", between(1, 10000));
  options.add("records", c.records, "TIMES", "about how many times are recorded", at_least(2));
}

void add_input_options(Options& options, OnlineSgdConfig& c) {
  const auto spiked = [&c] { return is_spiked(c); };
  const auto images = [&c] { return !is_spiked(c); };
  add_data_options(options, c.data);
  options.find("data")->help =
      "spiked, sinusoidal or random: Gaussian inputs with spikes in such directions; or images: "
      "fashion-mnist, mnist, cifar10, cifar10-gray, or a path";
  options.find("samples")->only("images", images);
  options.add("features", c.features, "D", "features of spiked inputs", at_least(1))
      .only("spiked inputs", spiked);
  options
      .add("strengths", c.strengths, "LIST",
           "of the spikes, in units of the noise; by default one a hidden unit, 3, 5, 9, ...",
           not_negative())
      .only("spiked inputs", spiked);
  options
      .choice<Centring>("centring", c.centring,
                        {{"pixel", Centring::feature, "subtracts the mean image"},
                         {"scalar", Centring::scalar, "one mean"},
                         {"none", Centring::none}},
                        "of images")
      .only("images", images);
  options
      .flag("surrogate", c.surrogate,
            "Gaussian inputs with the second moments of the images, in their place")
      .only("images", images);
}

void validate_rule(const OnlineOptions& learning) {
  const bool tied = learning.rule != OnlineRule::vanilla && learning.rule != OnlineRule::truncated;
  if (tied && (learning.encoder_bias || learning.decoder_bias))
    throw refused("bias", learning.decoder_bias ? "both" : "encoder", "none for tied weights");
  if (learning.rule == OnlineRule::truncated && learning.decoder_bias)
    throw refused("bias", "both", "none or encoder for --rule truncated");
  if (learning.rule == OnlineRule::sanger && learning.activation != Activation::linear)
    throw refused("rule", "sanger", "with it --activation linear");
}

}  // namespace

void add_options(Options& options, OnlineSgdConfig& config) {
  add_learning_options(options, config);
  add_input_options(options, config);
}

bool is_spiked(const OnlineSgdConfig& config) {
  const std::string& name = config.data.name;
  return name == "spiked" || name == "sinusoidal" || name == "random";
}

OnlineSgdConfig settled(OnlineSgdConfig config) {
  check_ranges(config);
  if (config.tied) config.learning.rule = OnlineRule::tied;
  config.tied = false;  // the rule says it
  validate_rule(config.learning);
  if (is_spiked(config) && !config.strengths) {
    config.strengths.emplace();
    for (std::size_t m = std::min<std::size_t>(config.hidden, 20); m > 0; --m)
      config.strengths->push_back(std::pow(2, m) + 1);
  }
  return config;
}

}  // namespace hourglass
