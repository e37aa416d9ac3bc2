#pragma once

#include <hourglass/core/error.hpp>

#include <functional>
#include <string>
#include <vector>

#include <boost/numeric/odeint/stepper/controlled_step_result.hpp>

// Compiles as C++17 too (ode_stiff.hpp says why).
namespace hourglass::theory::ode {

// Controlled steps that end exactly at each time; clipping one does not forget its length.
// Throws DomainError if time runs backwards or the steps become too small.
template <class Stepper, class Rates, class Point>
void follow(Stepper& stepper, Rates&& rates, Point& x, double step,
            const std::vector<double>& times, const std::function<void(double)>& arrived) {
  double t = 0;
  for (const double end : times) {
    if (!(end >= t)) throw DomainError("times: they start at 0 and do not decrease");
    while (t < end) {
      const bool last = t + step >= end;
      double tried = last ? end - t : step;
      const bool accepted = stepper.try_step(rates, x, t, tried) == boost::numeric::odeint::success;
      if (accepted && last) t = end;
      if (!accepted || !last || tried > step) step = tried;
      if (!(step > 1e-14 * end))
        throw DomainError("t = " + std::to_string(t) +
                          ": the equations cannot be followed further");
    }
    arrived(t);
  }
}

}  // namespace hourglass::theory::ode
