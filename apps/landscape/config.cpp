#include "config.hpp"

namespace hourglass {

void add_options(Options& options, LandscapeConfig& config) {
  LandscapeConfig& c = config;
  const Range share{.low = 0,
                    .high = 1,
                    .without_low = true,
                    .without_high = true,
                    .text = "a number between 0 and 1"};
  options.add("hidden", c.hidden, "UNITS", "hidden units", at_least(2));
  options.add("dimensions", c.dimensions, "NUMBER",
              "leading principal coordinates of the centred data that are kept", at_least(2));
  options.add("share", c.share, "SHARE",
              "product and sum penalty, in units of the smallest learned eigenvalue", share);
  options.add("largest-share", c.largest_share, "SHARE",
              "largest of the non-uniform penalties, in the same units", share);
  options.add("rho", c.rho, "STRENGTH", "strength of the rotation", positive());
  options.add("init", c.init, "STD", "standard deviation of the initial weights", positive());
  options.add("steps", c.steps, "STEPS", "gradient steps of each of the six runs", at_least(2));
  options.add("records", c.records, "STEPS", "about how many steps are recorded", at_least(2));
}

}  // namespace hourglass
