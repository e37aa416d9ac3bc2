#include "config.hpp"

namespace hourglass {

void add_options(Options& options, LongTimeConfig& config) {
  LongTimeConfig& c = config;
  options.add("lr", c.lr, "RATE", "learning rate", up_to(1000));
  options.add("until", c.until, "TIME",
              "steps/D to which equations are integrated; exponents are fitted from 1e4 on",
              at_least(1e5));
  options.add("simulated-until", c.simulated_until, "TIME", "and to which networks are trained",
              at_least(10));
  options.add("dimensions", c.dimensions, "NUMBER", "D of the networks", at_least(10));
  options.add("erf-spectra", c.erf_spectra, "ELL:...,...",
              "modes of the untied erf networks, variance over D, one unit for each", positive());
  options.add("tied-ell", c.tied_ell, "ELL", "mode of the tied erf unit", positive());
  options.add("tied-dimensions", c.tied_dimensions, "D,...", "its dimensions", at_least(2));
  options.add("relu-spectrum", c.relu_spectrum, "ELL,...", "modes of the ReLU networks",
              positive());
  options.add("relu-units", c.relu_units, "UNITS", "1, 2, ... to so many of them", between(1, 4));
  options.add("relu-starts", c.relu_starts, "NUMBER", "starts, of which the best end is taken",
              at_least(1));
  options.add("bias-ell", c.bias_ell, "ELL", "mode of the ReLU unit with both biases", positive());
  options.add("records", c.records, "TIMES", "how many times are recorded", at_least(10));
}

void validate(const LongTimeConfig& c) {
  check_ranges(c);
  if (!(c.lr * c.until >= 1e5))
    throw refused("until", c.until, "at least 1e5/lr: the laws hold for late times lr t");
  if (c.simulated_until > c.until)
    throw refused("simulated-until", c.simulated_until, "10 to --until");
  const auto filled = [](const char* option, bool empty) {
    if (empty) throw refused(option, "an empty list", "at least one entry");
  };
  filled("erf-spectra", c.erf_spectra.empty());
  for (const auto& spectrum : c.erf_spectra) filled("erf-spectra", spectrum.empty());
  filled("tied-dimensions", c.tied_dimensions.empty());
  filled("relu-spectrum", c.relu_spectrum.empty());
}

}  // namespace hourglass
