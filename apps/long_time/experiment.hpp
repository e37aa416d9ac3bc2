#pragma once

#include "config.hpp"
#include <hourglass/measure/comparison.hpp>

#include <cstddef>
#include <vector>

namespace hourglass {

// Steps are times. Of the s-th erf spectrum erf_T0(s) (its trace), erf_Q1(s) (mean over units) and
// erf_excess(s) are equations against law, erf_T0("trained", s), ... the network against equations.
// tied_error(i) at the i-th D and relu_error(K) of K units are equations against the optimum at the
// last time. The beta of the law of biases is not predicted.
namespace long_time {
inline const Series erf_T0("erf T0"), erf_Q1("erf Q1"), erf_excess("erf excess"),
    tied_error("tied error"), relu_error("relu error"), bias_excess("bias excess"),
    bias_beta("bias beta");
inline const std::string trained = "trained";
inline constexpr const char *exponent_name = "exponent", *median_ratio_name = "median ratio";
}  // namespace long_time

struct LongTimeResult {
  LongTimeConfig config;
  Comparison comparison;
  std::vector<std::size_t> trained_spectra;  // those with at most two modes, counted from 1
  double training_seconds;
  std::size_t steps;  // of training
};

// Throws InputError for settings that make no sense, Divergence if training fails.
LongTimeResult run_long_time(const LongTimeConfig& config);

}  // namespace hourglass
