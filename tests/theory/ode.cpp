// The integrators in any unit of time, and where the equations end.

#include <hourglass/theory/ode.hpp>
#include <hourglass/theory/work.hpp>

#include <cmath>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::theory;

namespace {

// x' = f(x) for each number.
template <class F>
ode::System each(F f) {
  return {[f](const ode::State& x, ode::State& rates, double) {
            for (std::size_t i = 0; i < x.size(); ++i) rates[i] = f(x[i]);
          },
          100};
}

double value_at(const ode::System& system, double start, double t, Solver solver) {
  double found = NAN;
  ode::integrate(system, {start}, {t}, {.solver = solver},
                 [&](double, const ode::State& x) { found = x[0]; });
  return found;
}

std::string refusal(const auto& call) {
  try {
    call();
  } catch (const DomainError& problem) {
    return problem.what();
  }
  return "none";
}

bool begins(const std::string& text, const std::string& part) { return text.rfind(part, 0) == 0; }
bool ends(const std::string& text, const std::string& part) {
  return text.size() >= part.size() && text.substr(text.size() - part.size()) == part;
}

double first_gain(const ode::State& x, std::size_t) { return x[0]; }

}  // namespace

TEST_CASE("ode: the unit of time does not matter") {
  for (const Solver solver : {Solver::adaptive, Solver::stiff})
    for (const double rate : {1.0, 1e-16, 1e16, 1e-300, 1e300}) {
      CAPTURE(rate);
      const auto decay = each([=](double x) { return -rate * x; });
      for (const double k : {0.01, 1.0, 5.0})
        CHECK(value_at(decay, 1, k / rate, solver) == doctest::Approx(std::exp(-k)).epsilon(1e-6));
      CHECK(value_at(decay, 1, 0, solver) == 1);
      const auto rise = each([=](double x) { return rate * (1 - x); });
      const auto half = ode::crossings(rise, {0}, first_gain, 1, 0.5, 10 / rate, {});
      CHECK(half[0] * rate == doctest::Approx(std::log(2)).epsilon(1e-6));
    }
}

TEST_CASE("ode: where the equations end the time and the reason are given") {
  const auto burst = each([](double x) { return x * x; });
  const auto steep = each([](double x) { return 1 / x; });  // infinite at 0
  const auto undefined = each([](double x) { return -1 / std::sqrt(x); });
  for (const Solver solver : {Solver::adaptive, Solver::stiff}) {
    const auto up_to = [&](const ode::System& system, double start, double t) {
      return refusal([&] { value_at(system, start, t, solver); });
    };
    const std::string late = up_to(burst, 1, 2);
    CHECK_MESSAGE((begins(late, "t = 1") || begins(late, "t = 0.99")), late);
    CHECK(up_to(steep, 0, 1) == "t = 0: the rates are not finite");
    CHECK_MESSAGE(begins(up_to(undefined, 1, 1), "t = 0.6"), up_to(undefined, 1, 1));
    for (const double t : {std::numeric_limits<double>::infinity(), double(NAN), -1.0})
      CHECK(begins(up_to(burst, 1, t), "times: "));
    const WorkLimit limit(1e7);
    CHECK(up_to(each([](double x) { return 1e12 * (1 + std::cos(x) / 2); }), 0, 1) ==
          "t = 1: takes more than 1e+07 operations");
  }
  const auto first = [&](const ode::System& system, double start, double until) {
    return refusal([&] { ode::crossings(system, {start}, first_gain, 1, 1e300, until, {}); });
  };
  CHECK(first(steep, 0, 1) == "t = 0: the rates are not finite");
  CHECK(begins(first(burst, 1, 2), "t = "));
  CHECK(begins(first(undefined, 1, 1), "t = 0.6"));
  const WorkLimit limit(1e7);
  CHECK(ends(first(each([](double x) { return 1e12 * (1 + std::cos(x) / 2); }), 0, 1),
             "takes more than 1e+07 operations"));
}
