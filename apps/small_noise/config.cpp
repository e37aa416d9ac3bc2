#include "config.hpp"

namespace hourglass {

void add_options(Options& options, SmallNoiseConfig& config) {
  SmallNoiseConfig& c = config;
  options.add("hidden", c.hidden, "UNITS", "hidden units of the tanh network of two numbers",
              at_least(1));
  options.add("samples", c.samples, "ROWS", "its points, drawn near a parabola", at_least(1));
  options.add("init", c.init, "STD", "standard deviation of its initial weights", positive());
  options.add("training-sigma", c.training_sigma, "STD", "noise that it is trained with",
              positive());
  options.add("smallest-sigma", c.smallest_sigma, "STD", "least noise at which it is measured",
              up_to(1e100));
  options.add("levels", c.levels, "NUMBER", "noises, each twice the one before", between(3, 20));
  options.add("draws", c.draws, "PAIRS", "antithetic pairs of drawn noise", at_least(3));
  options.add("sigmas", c.sigmas, "STD,...", "noises of the denoisers of one number", positive());
  options.add("denoiser-hidden", c.denoiser_hidden, "UNITS", "their tanh units", at_least(1));
  options.add("batch", c.batch, "ROWS", "fresh rows of the mixture a step", at_least(1));
  options.add("rate", c.rate, "RATE", "learning rate of Adam; the denoisers' falls as a cosine",
              positive());
  options.add("steps", c.steps, "STEPS", "gradient steps of each training", at_least(1));
  options.add("records", c.records, "STEPS", "about how many steps are recorded", at_least(3));
}

}  // namespace hourglass
