#pragma once

#include <hourglass/core/tape.hpp>

#include <functional>
#include <span>

namespace HOURGLASS_API hourglass {

// Gradient flow, dw/dt = -learning_rate * w.rate * dL/dw for all parameters at once, by a
// fifth-order Runge-Kutta method with error control and dense output (Dormand & Prince 1980,
// Boost.odeint): what gradient descent tends to for small rates, with the same t, in steps of
// descent. For losses without noise, on the full batch.
struct GradientFlow {
  double learning_rate = 1;
  // Per step of the integrator, an entry's error is held below absolute_tolerance +
  // relative_tolerance * |w|. In single precision the gradient itself carries errors of about 1e-6.
  double relative_tolerance = sizeof(Real) == sizeof(float) ? 1e-5 : 1e-9;
  double absolute_tolerance = sizeof(Real) == sizeof(float) ? 1e-6 : 1e-12;

  std::size_t most_gradients = 10'000'000;  // beyond, integrate() gives up

  // Takes the parameters from where they are at t = 0 to each of the ascending times >= 0, in any
  // unit, and calls observe(t) with them there; they end at the last. Returns the number of
  // gradients computed. Throws ArgumentError for a rate, times or tolerances that are not as
  // stated, and Divergence, with the time and the parameter, where the flow cannot go on: where the
  // loss or its gradient is not finite, where it explodes, and where a kink holds it (an l1 penalty
  // and a weight that reached 0), so that steps too small ever to arrive are all that is left. The
  // parameters are then where it came to.
  std::size_t integrate(const std::function<Var(Tape&)>& loss, Parameters parameters,
                        std::span<const double> times,
                        const std::function<void(double t)>& observe = {}) const;
};

}  // namespace hourglass
