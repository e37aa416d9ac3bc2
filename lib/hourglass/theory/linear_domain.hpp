#pragma once

#include <hourglass/theory/domain.hpp>

namespace hourglass::theory {

// The domain of the scalar dynamics, stated in linear.hpp.
inline void require_mode(double lambda, double sigma2, double gamma) {
  require(lambda >= 0, "lambda", lambda, "the drive of a mode is >= 0");
  require(lambda + sigma2 >= 0, "sigma2", sigma2, "the curvature lambda + sigma2 is >= 0");
  require(lambda == 0 || lambda + sigma2 > 0, "sigma2", sigma2,
          "without curvature, lambda + sigma2 = 0, the mode grows for ever");
  require(gamma >= 0, "gamma", gamma, "a weight decay is >= 0");
}

inline void require_rate(double alpha) {
  require(alpha > 0, "alpha", alpha, "a learning rate is > 0");
}

inline void require_time(double t) { require(t >= 0, "t", t, "a time is >= 0 steps"); }

}  // namespace hourglass::theory
