#include "shallow_drift.hpp"

#include <algorithm>

namespace hourglass::theory::shallow {

Drift::Drift(Unit unit, Rule rule, std::size_t units)
    : pairs(unit, units), rule_(rule), units_(units) {
  for (auto* matrix : {&Q1, &T0, &F, &S}) matrix->resize(units * units);
  for (auto* list : {&R1, &along, &G, &m}) list->resize(units);
}

std::size_t Drift::seen(std::size_t k) const { return rule_ == Rule::truncated ? k + 1 : units_; }

void Drift::set_coefficients(double rate) {
  std::fill(F.begin(), F.end(), 0.0);
  std::fill(S.begin(), S.end(), 0.0);
  for (std::size_t k = 0; k < units_; ++k) {
    double diagonal = R1[k] * pairs.g3[k] - along[k] * pairs.g2[k];
    for (std::size_t a = 0; a < seen(k); ++a) {
      const double overlap = T0[k * units_ + a];
      diagonal -= overlap * pairs.B(k, a);
      F[k * units_ + a] = -rate * overlap * pairs.C(k, a);
      S[k * units_ + a] = rate * pairs.S(k, a);
    }
    F[k * units_ + k] += rate * diagonal;
    G[k] = rate * pairs.G[k];
    m[k] = rate * pairs.m[k];
  }
}

double Drift::bias_rate(std::size_t k) const {
  double drift = R1[k] * pairs.g2[k] - along[k] * pairs.G[k];
  for (std::size_t a = 0; a < seen(k); ++a) drift -= T0[k * units_ + a] * pairs.H(k, a);
  return drift;
}

double Drift::explained_error() const {
  double error = 0;
  for (std::size_t k = 0; k < units_; ++k) {
    error += pairs.m[k] * along[k] - pairs.G[k] * R1[k];
    for (std::size_t a = 0; a < units_; ++a) error += T0[k * units_ + a] * pairs.S(k, a) / 2;
  }
  return error;
}

}  // namespace hourglass::theory::shallow
