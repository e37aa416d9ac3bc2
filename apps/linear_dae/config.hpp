#pragma once

#include "../cli/options.hpp"
#include <hourglass/data/search.hpp>
#include <hourglass/measure/journal.hpp>
#include <hourglass/measure/variants.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

// Linear autoencoders on real data against their closed form: plain (AE), with input noise
// (DAE) and with weight decay (WDAE), from the same small random weights (Pretorius et al. 2018,
// figure 5; docs/theory/linear.md, section 8); or from weights aligned with the data, then also
// unbalanced (section 5) or with more than two layers (section 6).
namespace hourglass {

// How a step's gradient is computed. All three descend the same expected loss.
enum class Method {
  sampled,    // noise is drawn and every row of the batch passes through the network
  expected,   // noise is integrated out: the loss over C = X^T X / N
  eigenbasis  // the same in the eigenbasis of C: 8 D H^2 flops a step
};

enum class InputNoise {
  gaussian,  // covariance sigma2 I
  coloured,  // covariance sigma2 D C^p / tr C^p: as strong in all, and along the data's own axes
  masking    // entries dropped
};

struct LinearDaeConfig {
  DataRequest data = {};
  std::size_t hidden = 96;
  InputNoise noise = InputNoise::gaussian;  // of the DAE
  double sigma2 = 0.5;                      // its variance, on average over the features
  double colour = 0.5;                      // p of coloured noise
  double drop = 0.3;                        // probability of masking
  bool rescaled = false;                    // kept entries are divided by 1 - drop
  double gamma = 0.5;                       // weight decay of the WDAE
  std::optional<double> rate = {};          // learning rate; none: 0.5 / lambda_1, or less
  std::size_t steps = 10000;
  double init = 1e-4;  // standard deviation of the initial weights
  // Any of these three starts the network aligned with the data instead (section 2): every mode
  // with the strength u0 (none: 1e-3), w2^2 - w1^2 = imbalance, and `depth` weight layers.
  std::optional<double> u0 = {};
  double imbalance = 0;
  std::size_t depth = 2;
  // Which to compare, counted from 1; none: 1, 2, 4, 8, 16, 32 as far as there are hidden units.
  std::optional<std::vector<std::size_t>> modes = {};
  std::optional<Method> method = {};  // none: eigenbasis, with masking expected
  std::size_t batch = 0;              // rows a step, for Method::sampled; 0: all
  std::uint64_t seed = 1;
  std::size_t records = 400;  // about how many steps are recorded, spaced evenly in log(step)
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, LinearDaeConfig& config);

// Whether the start is aligned with the data instead of small random weights.
bool is_aligned(const LinearDaeConfig& config);

// The config with everything chosen but the rate; the first does what is possible before there are
// data. Throws InputError naming the option, what was found and what was expected.
LinearDaeConfig settled(LinearDaeConfig config);
LinearDaeConfig settled(LinearDaeConfig config, const Dataset& dataset);

// Whether a settled config needs the second moments, or eigenvectors that do not vary. Throws
// InputError where such a matrix of features x features is too large.
bool needs_moments(const LinearDaeConfig& config, const Dataset& dataset);

// The learning rate, for data with those eigenvalues. Throws InputError for one at which gradient
// descent is unstable in one of the three runs.
double stable_rate(const LinearDaeConfig& config, const Dataset& dataset,
                   const std::vector<double>& lambdas);

// Plain, with noise and with weight decay.
std::vector<Variant> variants_of(const LinearDaeConfig& config);

}  // namespace hourglass
