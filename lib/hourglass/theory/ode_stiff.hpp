#pragma once

#include <hourglass/core/error.hpp>

#include <cmath>
#include <functional>
#include <vector>

#include <boost/numeric/odeint/stepper/controlled_step_result.hpp>

// uBLAS, which Boost's Rosenbrock method stands on, does not compile as C++20 in the releases that
// Debian 12 has: ode_stiff.cpp is compiled as C++17, and this header with it.
namespace hourglass::theory::ode {

using State = std::vector<double>;

// rates(x, rates, t) fills the rates of an autonomous system, by so many operations.
struct System {
  std::function<void(const State& x, State& rates, double t)> rates;
  double work;

  void operator()(const State& x, State& to, double t) const { rates(x, to, t); }
};
using Observer = std::function<void(double t, const State& x)>;

// What a step did: whether it moved on, and to numbers. Throws DomainError with the time and why
// the equations end there; also after ten million steps.
class Progress {
 public:
  Progress(double until, double work) : until_(until), work_(work) {}

  template <class Point>
  void check(double t, double next, const Point& x) {
    for (const double value : x)
      if (!std::isfinite(value)) stop(t, "the amplitudes are not finite beyond");
    count(t, next);
  }
  [[noreturn]] static void stop(double t, const char* why);

 private:
  void count(double t, double next);

  double until_, work_, steps_ = 0;
};

// Controlled steps of so many operations each that end exactly at each time; clipping one does not
// forget its length. Throws DomainError if time runs backwards, and see Progress.
template <class Stepper, class Rates, class Point>
void follow(Stepper& stepper, Rates&& rates, Point& x, double step, double work,
            const std::vector<double>& times, const std::function<void(double)>& arrived) {
  double t = 0;
  for (const double end : times) {
    if (!(end >= t && std::isfinite(end)))
      throw DomainError("times: they start at 0, do not decrease and are finite");
    Progress progress(end, work);
    while (t < end) {
      const bool last = t + step >= end;
      double tried = last ? end - t : step;
      const bool accepted = stepper.try_step(rates, x, t, tried) == boost::numeric::odeint::success;
      if (accepted && last) t = end;
      if (!accepted || !last || tried > step) step = tried;
      progress.check(t, last && accepted ? INFINITY : t + step, x);
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
