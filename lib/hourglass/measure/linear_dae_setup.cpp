#include <hourglass/core/error.hpp>
#include <hourglass/measure/linear_dae_setup.hpp>
#include <hourglass/theory/deep_linear.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace hourglass {
namespace {

std::string text(double x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

void require_number(const char* option, double value, bool positive) {
  if (std::isfinite(value) && (positive ? value > 0 : value >= 0)) return;
  throw InputError(std::string(option) + ": found " + text(value) + ", expected a " +
                   (positive ? "positive number" : "number that is not negative"));
}

void validate_modes(const LinearDaeConfig& config) {
  for (const std::size_t mode : config.modes)
    if (std::count(config.modes.begin(), config.modes.end(), mode) > 1)
      throw InputError("--modes: found mode " + std::to_string(mode) + " twice");
  if (config.modes.empty()) throw InputError("--modes: expected at least one mode");
  for (const std::size_t mode : config.modes)
    if (mode == 0 || mode > config.hidden)
      throw InputError("--modes: found mode " + std::to_string(mode) +
                       ", expected 1 to the number of hidden units, " +
                       std::to_string(config.hidden) + " (no further mode is learned)");
}

void validate_noise(const LinearDaeConfig& config) {
  require_number("--sigma2", config.sigma2, false);
  require_number("--colour", config.colour, false);
  if (!(config.drop >= 0 && config.drop < 1))
    throw InputError("--drop: found " + text(config.drop) + ", expected a number in [0, 1)");
  if (config.noise == InputNoise::masking && config.method != Method::expected)
    throw InputError(
        "--method: found another with --noise masking, expected expected: masked modes do not "
        "decouple in the eigenbasis, and the spread of drawn masks has no law here");
  if (config.noise != InputNoise::gaussian && is_aligned(config))
    throw InputError("--noise: found another with an aligned start, expected gaussian");
}

void validate_aligned(const LinearDaeConfig& config) {
  if (config.depth < 2)
    throw InputError("--depth: found " + std::to_string(config.depth) + ", expected at least 2");
  if (config.u0) require_number("--u0", *config.u0, true);
  if (!std::isfinite(config.imbalance))
    throw InputError("--imbalance: found " + text(config.imbalance) + ", expected a number");
  if (config.depth > 2 && config.imbalance != 0)
    throw InputError("--imbalance: found " + text(config.imbalance) + " with --depth " +
                     std::to_string(config.depth) + ", expected 0: deeper networks have a closed " +
                     "form for balanced layers only");
  if (is_aligned(config) && config.method == Method::sampled)
    throw InputError("--method: found sampled with an aligned start, expected eigenbasis");
}

// More than 0 where there is noise at all.
double noise_strength(const LinearDaeConfig& config) {
  return config.noise == InputNoise::masking ? config.drop : config.sigma2;
}

// A chain of more layers is steeper at its minimum, and there it must not be unstable either.
double stable_deep_rate(const LinearDaeConfig& config, double lambda_1, double rate) {
  const double edge = 2 / theory::deep_sharpness(config.depth, lambda_1, 0);
  if (!config.rate) return std::min(rate, edge / 2);
  if (rate < edge) return rate;
  throw InputError("--rate: found " + text(rate) +
                   ", expected less than 2/(L lambda_1) = " + text(edge) + " at --depth " +
                   std::to_string(config.depth) + ": beyond it gradient descent is unstable");
}

}  // namespace

std::vector<Variant> variants_of(const LinearDaeConfig& config) {
  return {{"ae", 0, 0}, {"dae", noise_strength(config), 0}, {"wdae", 0, config.gamma}};
}

void validate(const LinearDaeConfig& config, const Dataset& dataset) {
  const std::size_t features = dataset.features();
  if (config.hidden == 0 || config.hidden > features)
    throw InputError("--hidden: found " + std::to_string(config.hidden) +
                     ", expected 1 to the number of features, " + std::to_string(features));
  validate_modes(config);
  if (config.steps == 0) throw InputError("--steps: found 0, expected at least 1");
  if (config.records < 2)
    throw InputError("--records: found " + std::to_string(config.records) +
                     ", expected at least 2");
  require_number("--init", config.init, true);
  validate_noise(config);
  require_number("--gamma", config.gamma, false);
  if (config.rate) require_number("--rate", *config.rate, true);
  validate_aligned(config);
}

double rate_of(const LinearDaeConfig& config, const std::string& data, double lambda_1,
               double share) {
  if (!(lambda_1 > 0)) throw InputError(data + ": all values are zero");
  const double rate = config.rate.value_or(share / lambda_1);
  if (config.depth > 2) return stable_deep_rate(config, lambda_1, rate);
  if (rate * lambda_1 >= 1)
    throw InputError("--rate: found " + text(rate) + ", expected less than 1/lambda_1 = " +
                     text(1 / lambda_1) + ": beyond it gradient descent is unstable");
  return rate;
}

std::vector<Column> mode_columns(const Variant& variant, const LinearDaeConfig& config) {
  std::vector<Column> columns;
  for (const std::size_t mode : config.modes)
    columns.push_back({variant.name + " mode strength", static_cast<int>(mode)});
  return columns;
}

bool is_aligned(const LinearDaeConfig& config) {
  return config.depth != 2 || config.imbalance != 0 || config.u0.has_value();
}

}  // namespace hourglass
