#include "config.hpp"

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

using Model = RecoverConfig::Model;
using Dictionary = RecoverConfig::Dictionary;
using Start = RecoverConfig::Start;
using Gradient = RecoverConfig::Gradient;
using Bias = RecoverConfig::Bias;

Bias bias_of(const RecoverConfig& c) {
  if (c.bias) return *c.bias;
  if (c.bias_rate) return Bias::trained;
  return c.bias_ratio || c.bias_least ? Bias::scheduled : Bias::fixed;
}

void add_model_options(Options& options, RecoverConfig& c) {
  options.choice<Model>("model", c.model,
                        {{"mixture", Model::mixture, "one atom a sample, ReLU"},
                         {"sparse", Model::sparse, "codes +1 and -1, hard threshold"},
                         {"nonnegative", Model::nonnegative, "codes uniform on [1, 2], ReLU"}},
                        "of the data, and the network for it; without --preset it begins with P1, "
                        "P3 or P6");
  options.choice<Dictionary>("dictionary", c.dictionary,
                             {{"orthonormal", Dictionary::orthonormal},
                              {"dct", Dictionary::dct},
                              {"identity-hadamard", Dictionary::identity_hadamard},
                              {"gaussian", Dictionary::gaussian},
                              {"tight-frame", Dictionary::tight_frame}},
                             "");
  const Range count = between(1, 1e9);
  options.add("n", c.n, "FEATURES", "features of a sample", count);
  options.add("m", c.m, "ATOMS", "atoms of the dictionary, and units of the network", count);
  options.add("k", c.k, "COUNT", "atoms of a sample", count);
  options.add("sigma", c.sigma, "STD", "standard deviation of the noise in every feature",
              positive());
  options.choice<Start>("start", c.start,
                        {{"near", Start::near, "columns at distance delta from the atoms"},
                         {"random", Start::random},
                         {"data", Start::data, "samples"}},
                        "of the columns");
  options.add("delta", c.delta, "DISTANCE", "of a near start", between(0, 2))
      .only("--start near", [&c] { return c.start == Start::near; });
}

void add_training_options(Options& options, RecoverConfig& c) {
  options.choice<Gradient>(
      "gradient", c.gradient,
      {{"true", Gradient::network, "of the loss"},
       {"expected", Gradient::expected, "its closed form, no sampling"},
       {"surrogate", Gradient::surrogate, "with the true supports"},
       {"straight-through", Gradient::straight_through, "as if every unit were on"}},
      "");
  options.add("contraction", c.contraction, "C",
              "step size in units of its effect, c = zeta q1 kappa2", up_to(1000));
  options.add("batch", c.batch, "ROWS", "fresh samples a step", between(1, 1e9));
  options.add("steps", c.steps, "STEPS", "gradient steps", between(10, 1e9));
  options.add("threshold", c.threshold, "SIZE", "of the units of the sparse model", positive())
      .only("--model sparse", [&c] { return c.model == Model::sparse; });
  options.flag("keep-norms", c.normalise, "do not normalise columns after a step", false);
}

void add_bias_options(Options& options, RecoverConfig& c) {
  const auto relu = [&c] { return c.model != Model::sparse; };
  const auto is = [&c, relu](Bias kind) {
    return [&c, relu, kind] { return relu() && bias_of(c) == kind; };
  };
  const std::string relu_models = "--model mixture or nonnegative (sparse units have no bias)";
  const Range size{.low = 0, .text = "a number that is not negative: biases are minus it"};
  options
      .choice<Bias>(
          "bias", c.bias,
          {{"fixed", Bias::fixed, "-bias-start"},
           {"scheduled", Bias::scheduled, "-max(bias-least, bias-start bias-ratio^step)"},
           {"trained", Bias::trained, "by steps of bias-rate times those of the weights"}},
          "of ReLU units, by default what the numbers given ask for")
      .only(relu_models, relu);
  options.add("bias-start", c.bias_start, "SIZE", "size of the (negative) bias at the start", size)
      .only(relu_models, relu);
  options
      .add("bias-ratio", c.bias_ratio, "RATIO",
           "what a step leaves of a scheduled bias; by default 1", between(0, 1))
      .only("--bias scheduled", is(Bias::scheduled));
  options
      .add("bias-least", c.bias_least, "SIZE", "where a scheduled bias stays; by default 0", size)
      .only("--bias scheduled", is(Bias::scheduled));
  options
      .add("bias-rate", c.bias_rate, "RATIO",
           "step of a trained bias over that of weights; by default 0.02", up_to(1000))
      .only("--bias trained", is(Bias::trained));
}

void add_output_options(Options& options, RecoverConfig& c) {
  options.add("seeds", c.seeds, "N", "runs, with seeds from --seed on", between(1, 10000));
  options.add("export", c.exported, "DIR",
              "also write samples-SEED.npy and dictionary-SEED.npy (an atom a row) there");
  options.add("exported-samples", c.exported_samples, "N", "how many", between(1, 1e8))
      .only("--export", [&c] { return c.exported.has_value(); });
  for (const char* name : {"export", "exported-samples"}) options.find(name)->identifies = false;
}

// The numbers of another kind do not count; sparse units have no bias.
void settle_bias(RecoverConfig& c) {
  c.bias = c.model == Model::sparse ? std::nullopt : std::optional(bias_of(c));
  const auto settle = [&](std::optional<double>& number, Bias kind, double otherwise) {
    number = c.bias == kind ? std::optional(number.value_or(otherwise)) : std::nullopt;
  };
  settle(c.bias_ratio, Bias::scheduled, 1);
  settle(c.bias_least, Bias::scheduled, 0);
  settle(c.bias_rate, Bias::trained, 0.02);
}

}  // namespace

void add_options(Options& options, RecoverConfig& config) {
  add_model_options(options, config);
  add_training_options(options, config);
  add_bias_options(options, config);
  add_output_options(options, config);
}

std::vector<Preset<RecoverConfig>> recover_presets() {
  const RecoverConfig dct{.model = Model::sparse,
                          .dictionary = Dictionary::dct,
                          .m = 64,
                          .k = 4,
                          .sigma = 0.02,
                          .delta = 0.3,
                          .bias_start = 0};
  RecoverConfig hadamard = dct;
  hadamard.dictionary = Dictionary::identity_hadamard;
  hadamard.m = 128;
  hadamard.k = 3;
  hadamard.delta = 0.2;
  RecoverConfig gaussian = hadamard;
  gaussian.dictionary = Dictionary::gaussian;
  gaussian.n = gaussian.m = 256;
  const RecoverConfig decaying{.model = Model::nonnegative,
                               .m = 64,
                               .k = 4,
                               .sigma = 0.02,
                               .delta = 0.2,
                               .contraction = 0.25,
                               .steps = 60,
                               .bias_start = 0.35,
                               .bias_ratio = 0.9,
                               .bias_least = 0.1};
  RecoverConfig fixed = decaying;
  fixed.bias_ratio = fixed.bias_least = {};
  return {{"P1", "mixture, orthonormal", {}},
          {"P2", "mixture, gaussian", {.dictionary = Dictionary::gaussian, .n = 128, .m = 64}},
          {"P3", "sparse, dct", dct},
          {"P4", "sparse, identity-hadamard", hadamard},
          {"P5", "sparse, gaussian", gaussian},
          {"P6", "nonnegative, scheduled bias", decaying},
          {"P7", "nonnegative, fixed bias", fixed}};
}

RecoverConfig settled(RecoverConfig c) {
  check_ranges(c);
  settle_bias(c);
  if (c.k > c.m) throw refused("k", double(c.k), "1 to m = " + std::to_string(c.m));
  if (c.model == Model::mixture && c.k != 1)
    throw refused("k", double(c.k), "1: a sample of a mixture has one atom");
  const std::size_t least = c.model == Model::nonnegative ? 3 : c.model == Model::sparse ? 2 : 1;
  if (c.m < least) throw refused("m", double(c.m), "m >= " + std::to_string(least) + " for codes");
  if (c.dictionary == Dictionary::identity_hadamard && c.m != 2 * c.n)
    throw refused("m", double(c.m),
                  "m = 2 n = " + std::to_string(2 * c.n) + " of an identity-hadamard dictionary");
  if (c.start == Start::data && c.batch < c.m)
    throw refused("batch", double(c.batch), "at least m for a start from data");
  if (c.start == Start::near && c.n < 2)
    throw refused("n", double(c.n), "n >= 2 for a start near the dictionary");
  if (c.bias == Bias::trained && c.gradient == Gradient::expected)
    throw refused("gradient", "expected",
                  "another with a trained bias, which follows the gradient of a batch");
  return c;
}

double bias_at(const RecoverConfig& c, std::size_t step) {
  if (c.model == Model::sparse) return 0;
  const auto s = static_cast<double>(step);
  if (bias_of(c) == Bias::trained) {
    const double kappa2 = c.model == Model::mixture ? 1 : 7.0 / 3;
    return -c.bias_start * std::pow(1 - *c.bias_rate * c.contraction / kappa2, s);
  }
  return -std::max(c.bias_least.value_or(0), c.bias_start * std::pow(c.bias_ratio.value_or(1), s));
}

}  // namespace hourglass
