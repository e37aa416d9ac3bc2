#pragma once

#include "config.hpp"
#include <hourglass/data/generative.hpp>
#include <hourglass/theory/generative_dynamics.hpp>

namespace hourglass {

struct RecoveryPrediction {
  // Mean distance of the expected map: from the same start if that is near, otherwise from the
  // atoms.
  std::vector<double> expected_distance;
  double sgd_floor;       // root mean square, of fresh batches alone; NaN without a formula
  double final_distance;  // both, added in squares
  // What a step multiplies the squared distance from the floor by beyond the expected map, because
  // the noise of a batch grows with that distance (5.9); 0 where no formula covers it.
  double noise_growth;
  // Of each step, that of the expected map without its floor and the growth; the distances that
  // follow from it, down to the final one (or that of the map, where noise has no formula).
  std::vector<double> squared_contraction, distance;
  double first_consistency, last_consistency;  // estimates of section 6, for the measured columns
};

// What theory says of settled settings and the model behind the data, which must outlive it.
class RecoverTheory {
 public:
  RecoverTheory(const RecoverConfig& config, const GenerativeModel& model);

  double zeta() const { return zeta_; }  // the step size
  // The expected map.
  void take_step(Array64& W, std::size_t step) const;
  // All but the consistency.
  RecoveryPrediction from(const Array64& W0) const;
  // Of these columns, in the order of the atoms, with their biases.
  double consistency(const Array64& W, const std::vector<double>& b) const;

 private:
  std::vector<double> expected_distances(Array64 W) const;
  double sgd_floor() const;
  theory::IncoherentSgdFloor sparse_noise() const;
  double noise_growth() const;

  const RecoverConfig& config_;
  const Array64& dictionary_;
  theory::SparseCodes codes_;
  double zeta_;
  std::vector<double> weights_;  // of a mixture's centres
};

// But for rounding.
bool is_orthonormal(const Array64& dictionary);

double mean_of(const std::vector<double>& values);

}  // namespace hourglass
