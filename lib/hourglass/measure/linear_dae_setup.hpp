#pragma once

#include <hourglass/data/dataset.hpp>
#include <hourglass/measure/linear_dae.hpp>

#include <string>
#include <vector>

// What the starts of linear_dae share: small random weights (linear_dae.cpp) and weights aligned
// with the data (aligned_dae.cpp).
namespace hourglass {

// The three runs: "ae", "dae" with noise, "wdae" with weight decay.
struct Variant {
  std::string name;
  double sigma2, gamma;
};
std::vector<Variant> variants_of(const LinearDaeConfig& config);

// Throws InputError naming the option, what was found and what was expected.
void validate(const LinearDaeConfig& config, const Dataset& dataset);

// The learning rate as asked for, otherwise share / lambda_1. Gradient descent is stable up to
// 1/lambda_1 for small weights (section 7): throws InputError beyond it.
double rate_of(const LinearDaeConfig& config, const std::string& data, double lambda_1,
               double share);

// "ae mode strength" 1, 2, ...
std::vector<Column> mode_columns(const Variant& variant, const LinearDaeConfig& config);

LinearDaeResult run_aligned_dae(const LinearDaeConfig& config, const Dataset& dataset);

}  // namespace hourglass
