#pragma once

#include <functional>
#include <vector>

// uBLAS, which Boost's Rosenbrock method stands on, does not compile as C++20 in the releases that
// Debian 12 has: ode_stiff.cpp is compiled as C++17, and this header with it.
namespace hourglass::theory::ode {

using State = std::vector<double>;

// system(x, rates, t) fills the rates of an autonomous system.
using System = std::function<void(const State& x, State& rates, double t)>;
using Observer = std::function<void(double t, const State& x)>;

struct StiffSteps {
  double relative, absolute;  // error of a step
  double first;               // its length
};

// As ode::integrate, by Rosenbrock's method of order 4 with the Jacobian by central differences:
// the length of a step follows the slow rates. Throws DomainError for more than 600 numbers.
void integrate_stiffly(const System& system, State& x, const std::vector<double>& times,
                       StiffSteps steps, const Observer& observe);

}  // namespace hourglass::theory::ode
