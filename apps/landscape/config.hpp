#pragma once

#include "../cli/options.hpp"
#include <hourglass/data/search.hpp>
#include <hourglass/measure/journal.hpp>

#include <cstdint>
#include <functional>

// Where linear autoencoders end, without a penalty and with product, sum and non-uniform L2
// regularisation and under the rotation-augmented gradient, beside the closed-form minima; and the
// rate at which that rotation orders the units (Baldi & Hornik 1989, Kunin et al. 2019, Bao et al.
// 2020; docs/theory/linear.md, section 9).
namespace hourglass {

struct LandscapeConfig {
  DataRequest data = {};
  std::size_t hidden = 4;
  std::size_t dimensions = 12;  // leading principal coordinates of the centred data that are kept
  double share = 0.5;           // product and sum penalty, in units of the smallest learned lambda
  // the non-uniform penalties rise in equal steps up to this share of the smallest learned lambda
  double largest_share = 0.8;
  double rho = 0.5;   // of the rotation
  double init = 0.3;  // standard deviation of the initial weights
  std::size_t steps = 60000;
  std::uint64_t seed = 1;
  std::size_t records = 60;
  std::function<void(std::size_t done, std::size_t total)> progress = {};
  Journal* journal = nullptr;  // keeps where training stands
};

void add_options(Options& options, LandscapeConfig& config);

}  // namespace hourglass
