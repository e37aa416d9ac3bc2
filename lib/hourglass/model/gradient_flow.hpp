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

  // Takes the parameters from where they are at t = 0 to each of the ascending times >= 0, and
  // calls observe(t) with them there; they end at the last. Returns the number of gradients
  // computed. Throws ArgumentError for times or tolerances that are not as stated, and
  // Divergence with the time where the loss is not finite.
  std::size_t integrate(const std::function<Var(Tape&)>& loss, Parameters parameters,
                        std::span<const double> times,
                        const std::function<void(double t)>& observe = {}) const;
};

}  // namespace hourglass
