#include "ode.hpp"

#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/work.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <utility>

#include <boost/math/tools/toms748_solve.hpp>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/dense_output_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/generation.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>

namespace hourglass::theory::ode {
namespace {

namespace odeint = boost::numeric::odeint;
using Dopri5 = odeint::runge_kutta_dopri5<State>;

// A first step: a hundredth of the time in which the fastest amplitude changes by its own size.
double first_step(const System& system, const State& x) {
  State rates(x.size());
  system(x, rates, 0);
  double fastest = 0, largest = 1e-3;
  for (const double value : x) largest = std::max(largest, std::abs(value));
  for (const double rate : rates) fastest = std::max(fastest, std::abs(rate));
  if (!std::isfinite(fastest)) throw DomainError("t = 0: the rates are not finite");
  return fastest > 0 ? 0.01 * largest / fastest : 1;
}

// Of the explicit method: six rates a step.
double work_of_step(const System& system, const State& x) {
  return 6 * system.work + 50 * static_cast<double>(x.size());
}

void integrate_adaptively(const System& system, State& x, const std::vector<double>& times,
                          const Accuracy& accuracy, const Observer& observe) {
  auto stepper = odeint::make_controlled<Dopri5>(accuracy.absolute, accuracy.relative);
  const auto rates = std::ref(system);
  follow(stepper, rates, x, first_step(system, x), work_of_step(system, x), times,
         [&](double t) { observe(t, x); });
}

constexpr const char* too_small = "the steps become too small to go on";

// From and to: a controlled step that is tried until it is accepted.
std::pair<double, double> step_of(auto& stepper, const System& system) {
  try {
    return stepper.do_step(std::ref(system));
  } catch (const odeint::odeint_error&) {
    Progress::stop(stepper.current_time(), too_small);
  }
}

}  // namespace

void Progress::stop(double t, const char* why) {
  throw DomainError("t = " + shortest(t) + ": " + why);
}

void Progress::count(double t, double next) {
  if (!(next > t)) stop(t, too_small);
  if (++steps_ > 1e7) stop(t, "ten million steps lead only here");
  spend(work_, "t", until_);
}

void integrate(const System& system, State x, const std::vector<double>& times,
               const Accuracy& accuracy, const Observer& observe) {
  require(accuracy.relative > 0, "relative", accuracy.relative, "a tolerance is > 0");
  require(accuracy.absolute > 0, "absolute", accuracy.absolute, "a tolerance is > 0");
  if (accuracy.solver == Solver::stiff)
    integrate_stiffly(system, x, times,
                      {accuracy.relative, accuracy.absolute, first_step(system, x)}, observe);
  else
    integrate_adaptively(system, x, times, accuracy, observe);
}

std::vector<double> crossings(const System& system, State x, const Watched& watched,
                              std::size_t count, double level, double until,
                              const Accuracy& accuracy) {
  require(until > 0, "until", until, "a time is > 0");
  auto stepper = odeint::make_dense_output<Dopri5>(accuracy.absolute, accuracy.relative);
  stepper.initialize(x, 0, first_step(system, x));
  std::vector<double> times(count, NAN), before(count);
  for (std::size_t k = 0; k < count; ++k) {
    before[k] = watched(x, k) - level;
    if (before[k] >= 0) times[k] = 0;
  }
  Progress progress(until, work_of_step(system, x));
  while (stepper.current_time() < until) {
    const auto [start, end] = step_of(stepper, system);
    progress.check(start, end, stepper.current_state());
    for (std::size_t k = 0; k < count; ++k) {
      const double now = watched(stepper.current_state(), k) - level;
      if (before[k] < 0 && now >= 0 && std::isnan(times[k])) {
        std::uintmax_t tries = 100;
        const auto bracket = boost::math::tools::toms748_solve(
            [&](double t) {
              stepper.calc_state(t, x);
              return watched(x, k) - level;
            },
            start, end, before[k], now, boost::math::tools::eps_tolerance<double>(40), tries);
        times[k] = (bracket.first + bracket.second) / 2;
      }
      before[k] = now;
    }
    if (std::none_of(times.begin(), times.end(), [](double t) { return std::isnan(t); })) break;
  }
  for (double& t : times)
    if (t > until) t = NAN;
  return times;
}

}  // namespace hourglass::theory::ode
