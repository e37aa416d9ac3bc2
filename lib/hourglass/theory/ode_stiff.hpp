#pragma once

#include <hourglass/core/error.hpp>

#include <functional>
#include <string>
#include <vector>

#include <boost/numeric/odeint/stepper/controlled_step_result.hpp>

// uBLAS, which Boost's Rosenbrock method stands on, does not compile as C++20 in the releases that
// Debian 12 has: ode_stiff.cpp is compiled as C++17, and this header with it.
namespace hourglass::theory::ode {

using State = std::vector<double>;

// system(x, rates, t) fills the rates of an autonomous system.
using System = std::function<void(const State& x, State& rates, double t)>;
using Observer = std::function<void(double t, const State& x)>;

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

struct StiffSteps {
  double relative, absolute;  // error of a step
  double first;               // its length
};

// As ode::integrate, by Rosenbrock's method of order 4 with the Jacobian by central differences:
// the length of a step follows the slow rates. Throws DomainError for more than 600 numbers.
void integrate_stiffly(const System& system, State& x, const std::vector<double>& times,
                       StiffSteps steps, const Observer& observe);

}  // namespace hourglass::theory::ode
