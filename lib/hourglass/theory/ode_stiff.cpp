#include "ode_stiff.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <boost/numeric/odeint/stepper/rosenbrock4.hpp>
#include <boost/numeric/odeint/stepper/rosenbrock4_controller.hpp>

namespace hourglass::theory::ode {
namespace {

namespace odeint = boost::numeric::odeint;
namespace ublas = boost::numeric::ublas;

constexpr std::size_t largest_stiff = 600;

// Rosenbrock's method wants the rates and their Jacobian over ublas; central differences.
struct StiffSystem {
  using Point = ublas::vector<double>;
  const System& system;
  State x, rates, beyond;

  void evaluate(const Point& at, State& out) {
    std::copy(at.begin(), at.end(), x.begin());
    system(x, out, 0);
  }
  void jacobian(const Point& at, ublas::matrix<double>& J) {
    Point moved = at;
    for (std::size_t j = 0; j < at.size(); ++j) {
      const double h = 6e-6 * std::max(std::abs(at[j]), 0.1);
      moved[j] = at[j] + h;
      evaluate(moved, beyond);
      moved[j] = at[j] - h;
      evaluate(moved, rates);
      moved[j] = at[j];
      for (std::size_t i = 0; i < at.size(); ++i) J(i, j) = (beyond[i] - rates[i]) / (2 * h);
    }
  }
};

}  // namespace

void integrate_stiffly(const System& system, State& x, const std::vector<double>& times,
                       StiffSteps steps, const Observer& observe) {
  if (x.size() > largest_stiff)
    throw DomainError("amplitudes = " + std::to_string(x.size()) +
                      ": too many for the stiff solver (at most 600); take SpikeBulk");
  StiffSystem stiff{system, State(x.size()), State(x.size()), State(x.size())};
  using Point = StiffSystem::Point;
  Point at(x.size());
  std::copy(x.begin(), x.end(), at.begin());
  const auto rates = [&](const Point& point, Point& out, double) {
    stiff.evaluate(point, stiff.rates);
    std::copy(stiff.rates.begin(), stiff.rates.end(), out.begin());
  };
  const auto jacobian = [&](const Point& point, ublas::matrix<double>& J, double, Point& dfdt) {
    stiff.jacobian(point, J);
    dfdt.clear();
  };
  odeint::rosenbrock4_controller<odeint::rosenbrock4<double>> stepper(steps.absolute,
                                                                      steps.relative);
  const auto both = std::make_pair(rates, jacobian);
  const double n = static_cast<double>(x.size());
  const double work = (2 * n + 6) * system.work + n * n * n + 20'000;
  follow(stepper, both, at, steps.first, work, times, [&](double t) {
    std::copy(at.begin(), at.end(), x.begin());
    observe(t, x);
  });
}

}  // namespace hourglass::theory::ode
