#pragma once

#include <cstdint>
#include <numeric>

#include <boost/math/tools/toms748_solve.hpp>

namespace hourglass::theory {

// The root of f between two points at which it has different signs, to a few ulp.
template <class F>
double root_between(double low, double high, const F& f) {
  std::uintmax_t tries = 200;
  const auto bracket = boost::math::tools::toms748_solve(
      f, low, high, boost::math::tools::eps_tolerance<double>(), tries);
  return std::midpoint(bracket.first, bracket.second);
}

}  // namespace hourglass::theory
