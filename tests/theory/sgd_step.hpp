#pragma once

#include "shallow_start.hpp"
#include <hourglass/theory/shallow_dynamics.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

// One sample's update of section 1.3 times D, in amplitudes: plain SGD in the eigenbasis.
struct OneStep {
  const hourglass::theory::ShallowDynamics& run;
  std::size_t K = run.start.units(), D = run.ell.size();
  double root = std::sqrt(static_cast<double>(D));

  double g(double z) const {
    if (run.unit == hourglass::theory::Unit::linear) return z;
    return run.unit == hourglass::theory::Unit::erf ? std::erf(z / std::sqrt(2.0))
                                                    : std::max(z, 0.0);
  }
  double slope(double z) const {
    if (run.unit == hourglass::theory::Unit::linear) return 1;
    return run.unit == hourglass::theory::Unit::erf
               ? std::sqrt(2 / std::numbers::pi) * std::exp(-z * z / 2)
               : z > 0;
  }
  bool sees(std::size_t k, std::size_t a) const {
    return run.rule != hourglass::theory::Rule::truncated || a <= k;
  }

  // w, u, b and d one after the other.
  std::vector<double> update(shallow_start::Draw& draw) const {
    const hourglass::theory::Amplitudes& at = run.start;
    std::vector<double> x(D), field(K), change;
    for (std::size_t i = 0; i < D; ++i)
      x[i] = std::sqrt(run.ell[i] * static_cast<double>(D)) * shallow_start::normal(draw);
    for (std::size_t k = 0; k < K; ++k) {
      field[k] = at.b.empty() ? 0 : at.b[k];
      for (std::size_t i = 0; i < D; ++i) field[k] += at.w(k, i) * x[i] / root;
    }
    const auto residual = [&](std::size_t k, std::size_t i) {
      double rest = x[i] - (at.d.empty() ? 0 : root * at.d[i]);
      for (std::size_t a = 0; a < K; ++a)
        if (sees(k, a)) rest -= root * at.u(a, i) * g(field[a]);
      return rest;
    };
    std::vector<double> h(K, 0);
    for (std::size_t k = 0; k < K; ++k)
      for (std::size_t i = 0; i < D; ++i)
        h[k] += slope(field[k]) * root * at.u(k, i) * residual(k, i) / static_cast<double>(D);
    for (std::size_t k = 0; k < K; ++k)
      for (std::size_t i = 0; i < D; ++i) change.push_back(run.lr * h[k] * x[i] / root);
    for (std::size_t k = 0; k < K; ++k)
      for (std::size_t i = 0; i < D; ++i)
        change.push_back(run.lr * g(field[k]) * residual(k, i) / root);
    for (std::size_t k = 0; k < at.b.size(); ++k) change.push_back(run.lr * h[k]);
    for (std::size_t i = 0; i < at.d.size(); ++i)
      change.push_back(run.lr * residual(K - 1, i) / root);
    return change;
  }
};
