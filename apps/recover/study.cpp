// Recovering the dictionary behind mixtures of Gaussians, sparse and non-negative sparse codes with
// an autoencoder of shared weights, beside the theory.

#include "command_line.hpp"
#include "recover_page.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>
#include <hourglass/report/progress.hpp>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>

using namespace hourglass;

namespace {

using Model = RecoveryConfig::Model;
using Start = RecoveryConfig::Start;
using Gradient = RecoveryConfig::Gradient;

// What the command line says besides the run itself.
struct RecoverOptions {
  std::string preset, bias = "fixed", exported;
  std::size_t seeds = 5, samples = 8192;
  bool keep_norms = false;
};

// A negative count must not wrap round.
const CLI::Validator positive = CLI::Range(1.0, 1e9).description("");

template <class Choice>
void choose(CLI::App& app, const char* name, Choice& choice,
            const std::map<std::string, Choice>& choices, const char* help) {
  std::string fallback;
  for (const auto& [text, value] : choices)
    if (value == choice) fallback = text;
  app.add_option_function<std::string>(
         name, [&choice, choices](const std::string& text) { choice = choices.at(text); }, help)
      ->check(CLI::IsMember(choices).description(""))
      ->type_name("NAME")
      ->default_str(fallback);
}

void add_model_options(CLI::App& app, RecoveryConfig& config) {
  const auto number = numbers_of(app);
  choose<Model>(
      app, "--model", config.model,
      {{"mixture", Model::mixture}, {"sparse", Model::sparse}, {"nonnegative", Model::nonnegative}},
      "mixture (one atom a sample, ReLU), sparse (codes +1 and -1, hard threshold), "
      "nonnegative (codes uniform on [1, 2], ReLU)");
  number("--dictionary", config.dictionary, "NAME",
         "orthonormal, dct, identity-hadamard, gaussian or tight-frame");
  number("--n", config.n, "FEATURES", "features of a sample")->check(positive);
  number("--m", config.m, "ATOMS", "atoms of the dictionary, and units of the network")
      ->check(positive);
  number("--k", config.k, "COUNT", "atoms of a sample")->check(positive);
  number("--sigma", config.sigma, "STD", "standard deviation of the noise in every feature");
  choose<Start>(app, "--start", config.start,
                {{"near", Start::near}, {"random", Start::random}, {"data", Start::data}},
                "near (columns at distance delta from the atoms), random, data (samples)");
  number("--delta", config.delta, "DISTANCE", "distance of --start near");
}

void add_training_options(CLI::App& app, RecoveryConfig& config, RecoverOptions& options) {
  const auto number = numbers_of(app);
  choose<Gradient>(app, "--gradient", config.gradient,
                   {{"true", Gradient::network},
                    {"expected", Gradient::expected},
                    {"surrogate", Gradient::surrogate},
                    {"straight-through", Gradient::straight_through}},
                   "true (of the loss), expected (its closed form, no sampling), surrogate (with "
                   "the true supports), straight-through (as if every unit were on)");
  number("--contraction", config.contraction, "C",
         "step size in units of its effect, c = zeta q1 kappa2");
  number("--batch", config.batch, "ROWS", "fresh samples a step")->check(positive);
  number("--steps", config.steps, "STEPS", "gradient steps")->check(positive);
  number("--bias", options.bias, "KIND",
         "of ReLU units: fixed (-bias-start), scheduled (-max(bias-least, bias-start "
         "bias-ratio^step)) or trained (by steps of bias-rate times those of the weights)")
      ->check(CLI::IsMember({"fixed", "scheduled", "trained"}).description(""));
  number("--bias-start", config.bias_start, "SIZE", "size of the (negative) bias at the start");
  number("--bias-ratio", config.bias_ratio, "RATIO", "what a step leaves of a scheduled bias");
  number("--bias-least", config.bias_least, "SIZE", "where a scheduled bias stays");
  number("--bias-rate", config.bias_rate, "RATIO", "step of a trained bias over that of weights");
  number("--threshold", config.threshold, "SIZE", "of the units of the sparse model");
  app.add_flag("--keep-norms", options.keep_norms, "do not normalise columns after a step");
}

void add_options(CLI::App& app, RecoveryConfig& config, RecoverOptions& options) {
  app.add_option("--preset", options.preset,
                 "a reference run, whose settings other options change: P1, P2 (mixture), P3, P4, "
                 "P5 (sparse), P6, P7 (nonnegative); by default P1, P3 or P6 for the model (the "
                 "defaults below are those of P1)")
      ->type_name("NAME");
  add_model_options(app, config);
  add_training_options(app, config, options);
  app.add_option("--seeds", options.seeds, "runs, with seeds from --seed on")
      ->type_name("N")
      ->check(CLI::Range(1, 10000).description(""))
      ->capture_default_str();
  app.add_option("--export", options.exported,
                 "also write samples-SEED.npy and dictionary-SEED.npy (an atom a row) there")
      ->type_name("DIR");
  app.add_option("--exported-samples", options.samples, "how many")
      ->type_name("N")
      ->check(CLI::Range(1, 100000000).description(""))
      ->capture_default_str();
}

// A preset is a set of defaults: parsed again over it, the command line changes what it names.
// Without one the model has the first that fits.
void start_from_preset(CLI::App& app, int argc, char** argv, RecoveryConfig& config,
                       RecoverOptions& options) {
  if (options.preset.empty())
    options.preset = config.model == Model::mixture  ? "P1"
                     : config.model == Model::sparse ? "P3"
                                                     : "P6";
  const std::string preset = options.preset;
  config = recovery_preset(preset);
  app.parse(argc, argv);
  options.preset = preset;
}

// Numbers of a kind of bias ask for it; those of another kind do not count.
void settle_bias(const CLI::App& app, RecoveryConfig& config, std::string& kind) {
  const bool is_scheduled = app.count("--bias-ratio") + app.count("--bias-least") > 0;
  if (app.count("--bias") == 0)
    kind = config.bias_rate > 0                    ? "trained"
           : is_scheduled || config.bias_ratio < 1 ? "scheduled"
                                                   : "fixed";
  if (kind != "scheduled" && is_scheduled)
    throw InputError("--bias-ratio and --bias-least are for --bias scheduled, not " + kind);
  if (kind != "trained" && config.bias_rate > 0)
    throw InputError("--bias-rate is for --bias trained, not " + kind);
  if (kind != "scheduled") config.bias_ratio = 1, config.bias_least = 0;
  if (kind == "trained" && config.bias_rate == 0) config.bias_rate = 0.02;
}

void export_data(const SeededRecovery& result, const RecoveryConfig& config,
                 const RecoverOptions& options) {
  const std::filesystem::path folder(options.exported);
  std::filesystem::create_directories(folder);
  for (std::size_t k = 0; k < options.seeds; ++k) {
    RecoveryConfig one = config;
    one.seed += k;
    const std::string name = std::to_string(one.seed) + ".npy";
    data::write_npy(folder / ("samples-" + name), samples_of(one, options.samples));
    data::write_npy(folder / ("dictionary-" + name), atoms_as_rows(result.runs[k].dictionary));
  }
}

std::vector<Setting> settings(const CLI::App& app, const RecoveryConfig& config,
                              const RecoverOptions& options) {
  std::vector<Setting> chosen{{"preset", options.preset},
                              {"dictionary", config.dictionary},
                              {"n", std::int64_t(config.n)},
                              {"m", std::int64_t(config.m)},
                              {"k", std::int64_t(config.k)},
                              {"sigma", config.sigma},
                              {"delta", config.delta},
                              {"contraction", config.contraction},
                              {"batch", std::int64_t(config.batch)},
                              {"steps", std::int64_t(config.steps)},
                              {"bias", options.bias},
                              {"bias-start", config.bias_start},
                              {"bias-ratio", config.bias_ratio},
                              {"bias-least", config.bias_least},
                              {"bias-rate", config.bias_rate},
                              {"threshold", config.threshold}};
  const std::map<Model, std::string> models{
      {Model::mixture, "mixture"}, {Model::sparse, "sparse"}, {Model::nonnegative, "nonnegative"}};
  chosen.push_back({"model", models.at(config.model)});
  return used_settings(app, chosen);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "A two-layer autoencoder with shared weights learns the dictionary behind its data: mixtures "
      "of Gaussians, sparse and non-negative sparse codes; how near it comes at each step, beside "
      "the expected map, the floor that batches leave, and the predicted consistency of codes.",
      "recover");
  CommonOptions common;
  RecoveryConfig config;
  RecoverOptions options;
  add_options(app, config, options);
  add_run_options(app, common);
  return run_app(app, argc, argv, [&] {
    start_from_preset(app, argc, argv, config, options);
    settle_bias(app, config, options.bias);
    config.normalise = !options.keep_norms;
    config.seed = common.seed;
    const auto start = std::chrono::steady_clock::now();
    const Environment environment = prepare_environment(common);
    require_writable(common.out);
    if (!options.exported.empty()) require_writable(options.exported, "--export");
    Progress progress("recover", options.seeds * config.steps, common.quiet);
    config.progress = [&](std::size_t done, std::size_t) { progress.update(done); };
    const SeededRecovery result = recover_seeds(config, options.seeds);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    if (!options.exported.empty()) export_data(result, config, options);
    Run run = page_of(config, result);
    run.command = command_of(argc, argv);
    run.config = settings(app, config, options);
    run.environment = environment;
    run.wall_seconds = wall.count();
    run.steps_per_second = double(options.seeds * config.steps) / wall.count();
    const int status = finish(run, common);
    if (const std::string warning = warning_of(result); !warning.empty())
      std::cerr << "recover: " << warning << '\n';
    return status;
  });
}
