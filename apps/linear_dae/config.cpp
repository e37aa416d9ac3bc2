#include "config.hpp"

#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/theory/deep_linear.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

void validate_modes(const LinearDaeConfig& config) {
  const std::vector<std::size_t>& modes = *config.modes;
  if (modes.empty()) throw InputError("--modes: expected at least one mode");
  for (const std::size_t mode : modes) {
    if (std::count(modes.begin(), modes.end(), mode) > 1)
      throw InputError("--modes: found mode " + std::to_string(mode) + " twice");
    if (mode == 0 || mode > config.hidden)
      throw refused("modes", "mode " + std::to_string(mode),
                    "1 to the number of hidden units, " + std::to_string(config.hidden) +
                        " (no further mode is learned)");
  }
}

void validate_noise(const LinearDaeConfig& config) {
  if (config.noise == InputNoise::masking && config.method != Method::expected)
    throw refused("method", "another with --noise masking",
                  "expected: masked modes do not decouple in the eigenbasis, and the spread of "
                  "drawn masks has no law here");
  if (config.noise != InputNoise::gaussian && is_aligned(config))
    throw refused("noise", "another with an aligned start", "gaussian");
}

void validate_aligned(const LinearDaeConfig& config) {
  if (config.depth > 2 && config.imbalance != 0)
    throw InputError("--imbalance: found " + rounded(config.imbalance, 6) + " with --depth " +
                     std::to_string(config.depth) +
                     ", expected 0: deeper networks have a closed form for balanced layers only");
  if (is_aligned(config) && config.method != Method::eigenbasis)
    throw refused("method", "another with an aligned start", "eigenbasis");
}

}  // namespace

void add_options(Options& options, LinearDaeConfig& config) {
  LinearDaeConfig& c = config;
  const auto random_start = [&c] { return !is_aligned(c); };
  const auto noise_is = [&c](InputNoise noise) { return [&c, noise] { return c.noise == noise; }; };
  options.add("hidden", c.hidden, "UNITS", "hidden units", at_least(1));
  options.choice<InputNoise>(
      "noise", c.noise,
      {{"gaussian", InputNoise::gaussian},
       {"coloured", InputNoise::coloured, "covariance like a power of the data's"},
       {"masking", InputNoise::masking, "needs --method expected, which is then the default"}},
      "of the denoising run");
  options
      .add("sigma2", c.sigma2, "VARIANCE", "mean noise variance of the denoising run",
           not_negative())
      .only("--noise gaussian or coloured", [&c] { return c.noise != InputNoise::masking; });
  options
      .add("colour", c.colour, "POWER", "of coloured noise: 0 white, 1 like the data",
           not_negative())
      .only("--noise coloured", noise_is(InputNoise::coloured));
  options.add("drop", c.drop, "PROBABILITY", "of masking noise", below(1))
      .only("--noise masking", noise_is(InputNoise::masking));
  options.flag("rescaled", c.rescaled, "masking divides what it keeps by 1 - PROBABILITY")
      .only("--noise masking", noise_is(InputNoise::masking));
  options.add("gamma", c.gamma, "STRENGTH", "weight decay gamma/2 |W|^2 of the decay run",
              not_negative());
  options.add(
      "rate", c.rate, "RATE",
      "learning rate; by default 0.5 / lambda_1, from an aligned start 0.05 / lambda_1, and less "
      "where that is not stable",
      positive());
  options.add("steps", c.steps, "STEPS", "gradient steps of each run", between(1, 1e11));
  options.add("init", c.init, "STD", "standard deviation of the initial weights", positive())
      .only("small random weights, without --u0, --imbalance and --depth", random_start);
  options.add("u0", c.u0, "STRENGTH",
              "start aligned with the data instead, every mode with this strength; 0.001 where "
              "--depth or --imbalance ask for such a start",
              positive());
  options.add("imbalance", c.imbalance, "DIFFERENCE",
              "aligned start with w2^2 - w1^2 = this in every mode");
  options.add("depth", c.depth, "LAYERS", "weight layers, from an aligned start if more than 2",
              between(2, 1000));
  options.add("modes", c.modes, "LIST",
              "modes to compare, counted from the strongest; by default 1,2,4,8,16,32 as far as "
              "there are hidden units");
  options.choice<Method>(
      "method", c.method,
      {{"sampled", Method::sampled, "draws noise, runs over rows"},
       {"expected", Method::expected, "noise integrated out"},
       {"eigenbasis", Method::eigenbasis, "the same, rotated: fastest, the default"}},
      "how gradients are computed");
  options.add("batch", c.batch, "ROWS", "rows a step; 0: all").only("--method sampled", [&c] {
    return c.method == Method::sampled;
  });
  options.add("records", c.records, "STEPS", "about how many steps are recorded", at_least(2));
}

bool is_aligned(const LinearDaeConfig& config) {
  return config.depth != 2 || config.imbalance != 0 || config.u0.has_value();
}

LinearDaeConfig settled(LinearDaeConfig config) {
  check_ranges(config);
  if (!config.method)
    config.method = config.noise == InputNoise::masking ? Method::expected : Method::eigenbasis;
  if (!config.modes) {
    config.modes = {{1, 2, 4, 8, 16, 32}};
    std::erase_if(*config.modes, [&](std::size_t mode) { return mode > config.hidden; });
  }
  validate_modes(config);
  validate_noise(config);
  validate_aligned(config);
  if (is_aligned(config)) config.u0 = config.u0.value_or(1e-3);
  return config;
}

LinearDaeConfig settled(LinearDaeConfig config, const Dataset& dataset) {
  config = settled(config);
  if (config.hidden > dataset.features())
    throw refused("hidden", double(config.hidden),
                  "1 to the number of features, " + std::to_string(dataset.features()));
  config.batch = std::min(config.batch, dataset.samples());
  return config;
}

bool needs_moments(const LinearDaeConfig& config, const Dataset& dataset) {
  if (is_aligned(config)) return false;
  const bool integrated = config.method != Method::sampled;
  if (!integrated && config.noise == InputNoise::gaussian && config.hidden <= dataset.samples())
    return false;
  if (integrated && dataset.features() > data::most_features)
    throw refused("method",
                  "expected or eigenbasis with " + std::to_string(dataset.features()) +
                      " features of " + dataset.name,
                  "sampled: the others need a matrix of features x features, of at most " +
                      std::to_string(data::most_features));
  data::require_second_moments(dataset.features(), dataset.name);
  return true;
}

std::vector<Variant> variants_of(const LinearDaeConfig& config) {
  // more than 0 where there is noise at all
  const double strength = config.noise == InputNoise::masking ? config.drop : config.sigma2;
  return {{plain_run, 0, 0}, {noisy_run, strength, 0}, {decayed_run, 0, config.gamma}};
}

namespace {

// The largest curvature at the start and at the minimum (sections 6 and 7).
double aligned_curvature(const LinearDaeConfig& config, const Variant& run, double lambda) {
  const double u = *config.u0, xi = lambda + run.sigma2, L = double(config.depth);
  if (config.depth > 2)
    return std::max({theory::deep_sharpness(config.depth, lambda, run.sigma2), 2 * run.gamma,
                     L * xi * std::pow(u, 2 - 2 / L) +
                         (L - 1) * std::max(0.0, xi * u - lambda) * std::pow(u, 1 - 2 / L) +
                         run.gamma});
  const double c = xi * config.imbalance, start = std::hypot(c, 2 * xi * u) / 2 + run.gamma +
                                                  std::hypot(c / 2, 2 * xi * u - lambda);
  const double decay = config.imbalance == 0 ? 0 : run.gamma;
  return std::max({std::hypot(c, 2 * lambda) + decay, lambda + run.gamma, start});
}

// What a step sees that draws its noise, or its rows: the mean |x~|^2 of that.
double drawn_power(const LinearDaeConfig& config, const Variant& run, std::size_t samples,
                   const std::vector<double>& lambdas) {
  if (config.method != Method::sampled) return 0;
  double power = run.sigma2 * double(lambdas.size());
  const bool all = config.batch == 0 || config.batch >= samples;
  if (!all) power = std::accumulate(lambdas.begin(), lambdas.end(), power);
  return power / double(all ? samples : config.batch);
}

}  // namespace

double stable_rate(const LinearDaeConfig& config, const Dataset& dataset,
                   const std::vector<double>& lambdas) {
  const double lambda = lambdas[0];
  if (!(lambda > 0)) throw InputError(dataset.name + ": all values are zero");
  double edge = INFINITY;
  std::string steepest;
  for (const Variant& run : variants_of(config)) {
    const double one =
        is_aligned(config)
            ? 2 / aligned_curvature(config, run, lambda)
            : stability_edge(lambda, run, drawn_power(config, run, dataset.samples(), lambdas),
                             start_of(config.init, lambdas.size(), config.hidden));
    if (one < edge) edge = one, steepest = run.name;
  }
  if (!config.rate)
    return std::min((is_aligned(config) ? 0.05 : 0.5) / lambda,
                    (config.depth > 2 ? 0.5 : 0.75) * edge);
  if (*config.rate < edge) return *config.rate;
  throw refused("rate", *config.rate,
                "less than " + rounded(edge, 6) + ", 2 over the largest curvature of the run " +
                    steepest + ": beyond it gradient descent is unstable");
}

}  // namespace hourglass
