#include "config.hpp"

namespace hourglass {

void add_options(Options& options, NoiseVsDecayConfig& config) {
  NoiseVsDecayConfig& c = config;
  options.add("lambdas", c.lambdas, "LIST", "eigenvalues of the grid of curves", positive());
  options.add("variances", c.variances, "LIST", "noise variances of the grid, one panel each",
              positive());
  options.add("lambda", c.lambda, "VALUE", "eigenvalue of the other experiments", positive());
  options.add("sigma2", c.sigma2, "VARIANCE", "noise variance of the other experiments",
              positive());
  options.add("scan", c.scan, "LIST", "noise variances at which optimal rates are measured",
              up_to(1e100));
  options.add("rate", c.rate, "RATE", "learning rate, where it is not the optimal one", positive());
  options.add("steps", c.steps, "STEPS", "gradient steps of each run", between(1, 1e8));
  options.add("start", c.start, "WEIGHT", "small start w1 = w2", positive());
  options.add("paths", c.paths, "COUNT", "random starts on the loss surface", between(1, 1000));
  options.add("box", c.box, "WEIGHT", "random starts lie within -box...box in both weights",
              positive());
  options.add("records", c.records, "STEPS", "about how many steps are compared", at_least(2));
}

}  // namespace hourglass
