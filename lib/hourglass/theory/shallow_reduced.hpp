#pragma once

#include <hourglass/theory/shallow_dynamics.hpp>

#include <cstddef>
#include <vector>

namespace HOURGLASS_API hourglass {
namespace theory {

// The amplitude equations with the bulk, n modes of one eigenvalue, in three K x K matrices: exact
// for any D and t, at a cost that does not depend on D. docs/theory/nonlinear.md, section 3.4.
// Without biases; vanilla or truncated rule.
struct SpikeBulk {
  Amplitudes spikes;   // K x M each
  Array64 Q1, R1, T0;  // sums over the bulk: ell w w^T, ell u w^T (decoder first), u u^T
};

// As ShallowMoment.
struct SpikeBulkMoment {
  double time;
  double pixel_error;
  SpikeBulk at;
};

// As ShallowDynamics, from one start.
struct SpikeBulkDynamics {
  Unit unit = Unit::erf;
  Rule rule = Rule::vanilla;
  double lr = 1;
  std::vector<double> ell;  // of the M spikes
  double ell_bulk = 0;
  std::size_t bulk_modes = 0;
  SpikeBulk start;

  SpikeBulk rates() const;     // at the start
  double pixel_error() const;  // there
  // At times >= 0 that do not decrease.
  std::vector<SpikeBulkMoment> integrate(const std::vector<double>& times,
                                         const Accuracy& accuracy = {}) const;
};

// The same run with all but the first `spikes` modes of `full` in the bulk. Throws
// DomainError unless those have one eigenvalue, and for biases or tied rules.
SpikeBulkDynamics reduced(const ShallowDynamics& full, std::size_t spikes);

}  // namespace theory
}  // namespace hourglass
