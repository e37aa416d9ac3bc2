#pragma once

#include "competition.hpp"
#include "experiment.hpp"
#include <hourglass/theory/linear.hpp>

#include <vector>

namespace hourglass {

// What theory says of the runs from small random weights: from the settings, the data's second
// moments and the initial weights alone (docs/theory/linear.md, sections 1, 2 and 8).
class PredictedModes {
 public:
  // The weights in the data's coordinates.
  PredictedModes(const LinearDaeSetting& setting, const Array& encoder, const Array& decoder);

  // What noise adds to the curvature of each mode, xi_i - lambda_i.
  const std::vector<double>& excess() const { return excess_; }

  Trace trace(const Variant& variant) const;
  Agreement judge(const Variant& variant, std::size_t mode, const Trace& measured,
                  const Trace& predicted) const;
  // Whether the path of a mode is the prediction's: others do not move its half time by more than
  // half the tolerance. The end, where it has come near it, is that of the mode whatever the path.
  bool has_path(const Variant& variant, std::size_t mode) const;

 private:
  void choose_drives();
  void choose_masked_drives();
  void couple(const Array64& B);
  theory::BalancedMode mode_of(const Variant& variant, std::size_t mode) const;
  double loss(const Variant& variant, double t) const;
  double half_time_tolerance(const Variant& variant, std::size_t mode) const;
  double log_odds(const theory::BalancedMode& mode, double t) const;
  double held(const Variant& variant, std::size_t mode, double t) const;
  double displaced(const Variant& variant, std::size_t mode) const;
  double shifted_by(const theory::BalancedMode& mode, double late) const;

  const LinearDaeSetting& setting_;
  const LinearDaeConfig& config_;
  std::vector<double> drive_, excess_;  // of the noisy run: lambda_i and xi_i - lambda_i
  std::vector<double> coupling_;        // what neglecting the other modes may change, relative
  std::vector<double> strengths_;       // u_0
  double imbalance_;
  Competition competition_;
};

}  // namespace hourglass
