#pragma once

#include "../cli/options.hpp"
#include <hourglass/measure/journal.hpp>

#include <cstdint>
#include <functional>
#include <vector>

// What shallow autoencoders under online descent come to after long times: the laws of
// docs/theory/nonlinear.md, section 5, beside the equations of the amplitudes, integrated, and
// beside training on the tape where that is affordable. Inputs are Gaussian and vary in a few
// directions alone.
namespace hourglass {

struct LongTimeConfig {
  double lr = 1;
  double until = 1e6;            // time (steps/D) to which equations are integrated
  double simulated_until = 1e4;  // and to which networks are trained
  std::size_t dimensions = 500;  // D of these
  // Untied erf units, one for each mode.
  std::vector<std::vector<double>> erf_spectra{{0.7}, {0.4, 0.4}, {0.6, 0.25, 0.1}};
  // One tied erf unit on one mode of this size, at each D.
  double tied_ell = 0.9;
  std::vector<std::size_t> tied_dimensions{10, 30, 100, 500, 2000};
  // 1, 2, ... ReLU units without bias on these modes, the best of so many starts each.
  std::vector<double> relu_spectrum{0.735, 0.265};
  std::size_t relu_units = 3, relu_starts = 6;
  double bias_ell = 0.8;  // the mode of one ReLU unit with both biases
  std::uint64_t seed = 1;
  std::size_t records = 49;  // times, evenly in log(time) from 1 on
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, LongTimeConfig& config);

// Throws InputError for settings that make no sense.
void validate(const LongTimeConfig& config);

}  // namespace hourglass
