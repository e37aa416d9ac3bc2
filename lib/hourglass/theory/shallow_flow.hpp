#pragma once

#include "shallow_kernels.hpp"
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

// The right-hand side as a system of odeint: one vector holds the rows of w, the rows of u, b and
// d, each padded with zeros to a multiple of row_multiple. Made once; a call allocates nothing.
class Flow {
 public:
  // Throws DomainError for sizes that do not match `shape`'s biases and modes.
  Flow(Unit unit, Rule rule, double lr, const std::vector<double>& ell, const Amplitudes& shape);

  std::vector<double> pack(const Amplitudes& at) const;
  Amplitudes unpack(const std::vector<double>& x) const;

  void operator()(const std::vector<double>& x, std::vector<double>& rates, double time);
  double work() const;  // operations of a call

  double pixel_error(const std::vector<double>& x);
  double gain(const std::vector<double>& x, std::size_t mode);

 private:
  struct Parts {
    std::size_t u, b, d, size;  // where each begins; w begins at 0
  };
  double* row(std::vector<double>& x, std::size_t k) const { return x.data() + k * stride_; }
  Amplitude amplitude(const std::vector<double>& x) const;
  const double* b_of(const std::vector<double>& x) const;
  const double* d_of(const std::vector<double>& x) const;
  void observe(const std::vector<double>& x);
  void bias_rates(const std::vector<double>& x, std::vector<double>& rates) const;
  void tie(std::vector<double>& rates) const;

  Rule rule_;
  double lr_;
  std::size_t units_, modes_, stride_;
  bool encoder_bias_, decoder_bias_;
  Parts parts_;
  double total_;  // sum of ell
  std::vector<double> ell_;
  Drift drift_;
};

}  // namespace hourglass::theory::shallow
