#pragma once

#include <hourglass/theory/shallow_dynamics.hpp>

#include <vector>

namespace hourglass::theory::shallow {

// The K x K coefficients of the amplitude equations, from the order parameters that close them:
// docs/theory/nonlinear.md, sections 3.2 and 6.3. Row-major; allocated once.
class Drift {
 public:
  Drift(Unit unit, Rule rule, std::size_t units);

  // Set by the owner before update(): Q1, the diagonal of R1, T0, and u_k . d (0 without).
  std::vector<double> Q1, R1, T0, along;

  // `b` holds K encoder biases or is null.
  void average(const double* b) { pairs.update(Q1.data(), b); }
  void set_coefficients(double rate);     // F, S, G and m, times the rate; after average()
  double bias_rate(std::size_t k) const;  // db_k/dt at unit rate

  // The error of section 2.4 without what the inputs and the decoder bias have alone.
  double explained_error() const;

  PairAverages pairs;
  std::vector<double> F, S, G, m;

 private:
  std::size_t seen(std::size_t k) const;  // units whose output unit k sees

  Rule rule_;
  std::size_t units_;
};

}  // namespace hourglass::theory::shallow
