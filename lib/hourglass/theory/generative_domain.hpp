#pragma once

#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/generative.hpp>

#include <cmath>

// What the closed forms of generative models ask of their arguments. Not installed.
namespace hourglass::theory {

inline void require_noise(double sigma) {
  require(sigma >= 0, "sigma", sigma, "a standard deviation is >= 0");
}

inline void require_codes(const SparseCodes& codes, std::size_t m) {
  require(codes.k >= 1 && codes.k <= m, "k", codes.k, "a support has 1 to m of the m atoms");
  require_finite("kappa1", codes.kappa1);
  require(codes.kappa2 > 0, "kappa2", codes.kappa2, "a second moment is > 0");
  require(codes.kappa2 >= codes.kappa1 * codes.kappa1 * (1 - 1e-12), "kappa2", codes.kappa2,
          "a second moment is at least the square of the mean");
}

inline void require_biases(const std::vector<double>& b, std::size_t m) {
  require(b.size() == m, "length of b", b.size(), "there is one bias a unit");
  for (const double x : b) require_finite("b", x);
}

inline void require_weights(const std::vector<double>& pi, std::size_t m) {
  require(pi.size() == m, "length of pi", pi.size(), "there is one probability an atom");
  double sum = 0;
  for (const double p : pi) {
    require(p > 0, "pi", p, "a probability is > 0");
    sum += p;
  }
  require(std::abs(sum - 1) < 1e-9, "sum of pi", sum, "probabilities add up to 1");
}

inline void require_network(const Array64& W, const Array64& A) {
  require_shape("A", A, shape_of(W));
  require_finite("W", W);
  require_finite("A", A);
}

}  // namespace hourglass::theory
