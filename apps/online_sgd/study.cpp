// Online learning of shallow autoencoders beside the equations of their order parameters.

#include "command_line.hpp"
#include "online_sgd_figures.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/report/progress.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

using namespace hourglass;

namespace {

struct Options {
  CommonOptions common;
  OnlineSgdConfig run;
  std::size_t features = 500;
  std::vector<double> strengths;
  Centring centring = Centring::feature;
  bool surrogate = false, tied = false;
  std::string bias = "none", rule = "vanilla";
};

// An option with a fixed set of names.
CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& value,
                        const std::vector<std::string>& choices, const std::string& help) {
  return app.add_option(name, value, help)
      ->check(CLI::IsMember(choices).description(""))
      ->type_name("NAME")
      ->capture_default_str();
}

void add_learning_options(CLI::App& app, Options& options) {
  const auto number = numbers_of(app);
  app.add_option_function<std::string>(
         "--activation",
         [&options](const std::string& name) {
           options.run.learning.activation = activation_named(name);
         },
         "of the hidden units: erf (erf(z/sqrt 2)), linear or relu")
      ->check(CLI::IsMember({"erf", "linear", "relu"}).description(""))
      ->type_name("NAME")
      ->default_str("erf");
  number("--hidden", options.run.hidden, "UNITS", "hidden units");
  add_choice(app, "--bias", options.bias, {"none", "encoder", "both"},
             "which biases are trained: none, encoder or both");
  app.add_flag("--tied", options.tied, "the decoder is the encoder, transposed");
  add_choice(app, "--rule", options.rule, {"vanilla", "truncated", "sanger", "tied-detached"},
             "vanilla (the gradient), truncated (unit k sees what units up to k leave), sanger "
             "(linear), tied-detached (tied, without the decoder's share of the gradient)");
  number("--lr", options.run.learning.lr, "RATE",
         "learning rate: lr for the decoder, lr/D for "
         "the encoder");
  number("--batch", options.run.batch, "ROWS", "rows a step");
  app.add_option("--time", options.run.time,
                 "length of a run in steps/D; by default 100/lr, of images five epochs")
      ->type_name("TIME");
  number("--init", options.run.init, "STD", "standard deviation of the initial weights");
  number("--seeds", options.run.seeds, "RUNS",
         "runs from the same initial weights, each on inputs of its own");
  number("--records", options.run.records, "TIMES", "about how many times are recorded");
}

void add_data_options(CLI::App& app, Options& options) {
  app.get_option("--data")->description(
      "spiked, sinusoidal or random: Gaussian inputs with spikes in such directions; or images: "
      "fashion-mnist, mnist, cifar10, cifar10-gray, or a path");
  app.add_option("--features", options.features, "features of spiked inputs")
      ->type_name("D")
      ->capture_default_str();
  app.add_option("--strengths", options.strengths,
                 "of the spikes, in units of the noise; by default one a hidden unit, 3, 5, 9, ...")
      ->type_name("LIST")
      ->delimiter(',');
  app.add_option_function<std::string>(
         "--centring",
         [&options](const std::string& name) {
           options.centring = name == "pixel"    ? Centring::feature
                              : name == "scalar" ? Centring::scalar
                                                 : Centring::none;
         },
         "of images: pixel (subtracts the mean image), scalar (one mean), none")
      ->check(CLI::IsMember({"pixel", "scalar", "none"}).description(""))
      ->type_name("NAME")
      ->default_str("pixel");
  app.add_flag("--surrogate", options.surrogate,
               "Gaussian inputs with the second moments of the images, in their place");
}

OnlineRule rule_of(const Options& options) {
  if (options.tied && options.rule == "truncated")
    throw InputError("--tied: found with --rule truncated, expected --rule vanilla");
  if (options.rule == "truncated") return OnlineRule::truncated;
  if (options.rule == "sanger") return OnlineRule::sanger;
  if (options.rule == "tied-detached") return OnlineRule::tied_detached;
  return options.tied ? OnlineRule::tied : OnlineRule::vanilla;
}

// What the options say together; each alone was checked before.
OnlineOptions learning_of(const Options& options) {
  OnlineOptions learning = options.run.learning;
  learning.rule = rule_of(options);
  learning.encoder_bias = options.bias != "none";
  learning.decoder_bias = options.bias == "both";
  const bool tied = learning.rule != OnlineRule::vanilla && learning.rule != OnlineRule::truncated;
  if (tied && learning.encoder_bias)
    throw InputError("--bias: found " + options.bias + ", expected none for tied weights");
  if (learning.rule == OnlineRule::truncated && learning.decoder_bias)
    throw InputError("--bias: found both, expected none or encoder for --rule truncated");
  if (learning.rule == OnlineRule::sanger && learning.activation != Activation::linear)
    throw InputError("--rule: found sanger, expected with it --activation linear");
  return learning;
}

bool is_model(const std::string& name) {
  return name == "spiked" || name == "sinusoidal" || name == "random";
}

OnlineInputs inputs_of(Options& options) {
  const std::string& name = options.common.data.name;
  if (!is_model(name))
    return online_inputs(data::load_dataset(options.common.data), options.centring,
                         options.surrogate);
  if (options.strengths.empty())
    for (std::size_t m = std::min<std::size_t>(options.run.hidden, 20); m > 0; --m)
      options.strengths.push_back(std::pow(2, m) + 1);
  SpikedModel model{.features = options.features,
                    .strengths = options.strengths,
                    .spikes = name == "sinusoidal" ? Spikes::sinusoidal
                              : name == "random"   ? Spikes::random
                                                   : Spikes::orthogonal,
                    .seed = options.common.seed};
  try {
    return online_inputs(model, name);
  } catch (const ArgumentError& problem) {
    throw InputError(std::string("--features, --strengths: ") + problem.what());
  }
}

const Quantity* quantity(const Comparison& c, const char* series, int index, const char* name) {
  for (const Agreement& a : c.agreements)
    if (a.column == Column{series, index}) return find_quantity(a, name);
  return nullptr;
}

std::string answer(const OnlineSgdResult& result, const Options& options,
                   const OnlineInputs& inputs) {
  const Comparison& c = result.comparison;
  std::ostringstream text;
  text.precision(2);
  text << (c.agrees() ? "Training follows the equations" : "Training departs from the equations")
       << ": the error differs by "
       << 100 * quantity(c, "error", 0, "median relative deviation")->measured
       << " % in the median over times, by at most "
       << 100 * quantity(c, "error", 0, "largest relative deviation")->measured << " %, and by "
       << 100 * std::abs(quantity(c, "error", 0, "final value")->deviation()) << " % at the end";
  text.precision(4);
  if (const Quantity* half = quantity(c, "mode gain", 1, "half time")) {
    text << "; the first mode is learned at t = " << half->predicted << " by the equations and ";
    if (std::isfinite(half->measured))
      text << half->measured << " in training";
    else
      text << "not within the run in training";
  }
  text << ".";
  if (!c.agrees() && !inputs.gaussian() && inputs.mean_share > 0.01 &&
      options.run.learning.activation == Activation::relu) {
    text.precision(2);
    text << " This is expected: the mean image holds " << 100 * inputs.mean_share
         << " % of the second moments (see the notes).";
  }
  return text.str();
}

std::vector<std::string> notes(const Options& options, const OnlineInputs& inputs) {
  std::vector<std::string> lines{
      "Time is steps/D. Lines are the equations of the order parameters, which know the spectrum, "
      "the settings and the initial weights, and nothing of the run; marks are the median over the "
      "runs, bands reach from the least to the largest.",
      "All runs begin with the same weights; so the spread of the time at which the first mode is "
      "learned is that of the samples, with the predicted standard deviation √(2t/D) at any rate. "
      "It is what remains between mark and line on the steep parts."};
  if (inputs.gaussian()) {
    lines.push_back(
        "The error is that over the distribution of the inputs, in closed form at the weights of "
        "the moment. It must agree within 0.5 % in the median over times, and the half time of the "
        "first mode within twice its jitter.");
    return lines;
  }
  lines.push_back(
      "The error is measured on all images; the equations are those of Gaussian inputs with the "
      "same second moments and mean zero. It must agree within 3 % at all times and 0.5 % at the "
      "end.");
  std::ostringstream share;
  share.precision(2);
  share << "The mean image holds " << 100 * inputs.mean_share
        << " % of the second moments. With it the pre-activations have a mean, which Gaussian "
           "inputs of mean zero have not. An odd activation hardly notices; ReLU does, because the "
           "mean moves its units to their linear side, and on images centred by one number it "
           "learns far better than the equations say (by about a third). --centring pixel removes "
           "the "
           "mean image and leaves a few per cent; --surrogate shows that the equations themselves "
           "hold.";
  if (options.run.learning.activation == Activation::relu) lines.push_back(share.str());
  if (options.run.learning.rule == OnlineRule::tied)
    lines.push_back(
        "A tied erf unit saturates, and its output then depends on the whole distribution of its "
        "field: on images it ends a few per cent below the value for Gaussian inputs.");
  return lines;
}

Run report_of(const Options& options, const OnlineInputs& inputs, const OnlineSgdResult& result) {
  return {.app = "online_sgd",
          .title = "Online learning of shallow autoencoders",
          .question =
              "Do shallow autoencoders, trained on one fresh input a step, follow the "
              "equations of their order parameters and learn one principal component after "
              "the other?",
          .answer = answer(result, options, inputs),
          .notes = notes(options, inputs),
          .data = {inputs.name, inputs.rows.samples(), inputs.features(), inputs.rows.checksum},
          .comparison = result.comparison,
          .figures = online_sgd_figures(result, inputs, options.run),
          .steps_per_second = double(options.run.seeds * result.steps) / result.training_seconds};
}

// The error, the gains and the subspace: the rest is in the page.
Comparison headlines(const Comparison& all) {
  Comparison some;
  for (const Agreement& a : all.agreements)
    if (a.column.series == "error" || a.column.series == "mode gain" ||
        a.column.series == "subspace overlap")
      some.agreements.push_back(a);
  return some;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Shallow autoencoders trained online, on one fresh input a step, beside the ordinary "
      "differential equations of their order parameters.",
      "online_sgd");
  Options options;
  options.common.data.name = "spiked";
  add_learning_options(app, options);
  add_common_options(app, options.common);
  add_data_options(app, options);
  return run_app(app, argc, argv, [&] {
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(options.common);
    options.run.learning = learning_of(options);
    options.run.seed = options.common.seed;
    const OnlineInputs inputs = inputs_of(options);
    require_writable(options.common.out);
    std::optional<Progress> progress;
    options.run.progress = [&](std::size_t done, std::size_t total) {
      if (!progress) progress.emplace("online_sgd", total, options.common.quiet);
      progress->update(done);
    };
    const OnlineSgdResult result = run_online_sgd(options.run, inputs);
    progress.reset();
    Run run = report_of(options, inputs, result);
    run.command = command_of(argc, argv);
    run.environment = environment;
    run.config = used_settings(app, {{"time", double(result.steps) / double(inputs.features())},
                                     {"strengths", options.strengths}});
    run.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return finish(run, options.common, headlines(run.comparison));
  });
}
