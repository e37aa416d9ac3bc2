#include <hourglass/core/instruction_set.hpp>
#include <hourglass/core/transcendental.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using Kernels = Transcendental;

namespace {

using Limits = std::numeric_limits<Number>;
constexpr Number infinity = Limits::infinity();

struct Case {
  const char* name;
  Transcendental::Function Kernels::*function;
  long double (*exact)(long double);
};

const std::vector<Case> cases = {
    {"tanh", &Kernels::tanh, [](long double x) { return std::tanh(x); }},
    {"sigmoid", &Kernels::sigmoid, [](long double x) { return 1 / (1 + std::exp(-x)); }},
    {"erf", &Kernels::erf, [](long double x) { return std::erf(x); }},
    {"exp", &Kernels::exp, [](long double x) { return std::exp(x); }},
};

// |found - exact| in units of the last place of a Number near `exact`.
double error_in_ulp(Number found, long double exact) {
  if (std::isinf(found) || std::fabs(exact) > Limits::max())
    return found == static_cast<Number>(exact) ? 0 : infinity;
  int exponent = Limits::min_exponent;
  if (std::fabs(exact) > Limits::min()) std::frexp(exact, &exponent);
  return static_cast<double>(std::fabs(found - exact) /
                             std::ldexp(1.0L, exponent - Limits::digits));
}

// Evenly over where the functions vary, evenly over where exp is finite, and all magnitudes.
std::vector<Number> arguments() {
  std::vector<Number> x;
  const double end = sizeof(Number) == 4 ? 106 : 750;
  constexpr int n = 60000;
  for (int i = 0; i <= n; ++i) {
    x.push_back(static_cast<Number>(-8 + 16.0 * i / n));
    x.push_back(static_cast<Number>(-end + 2 * end * i / n));
    x.push_back(static_cast<Number>(std::exp(-end + 2 * end * i / n)));
    x.push_back(-x.back());
  }
  return x;
}

std::vector<Number> applied(Transcendental::Function f, const std::vector<Number>& x) {
  std::vector<Number> y(x.size());
  f(x.data(), y.data(), x.size());
  return y;
}

void for_each_set(auto&& check) {
  for (const InstructionSet set : available_instruction_sets()) {
    INFO("instruction set: " << std::string(name_of(set)));
    check(kernels_for<Kernels>(set));
  }
}

}  // namespace

TEST_CASE("transcendental: within 4 ulp of long double everywhere") {
  const std::vector<Number> x = arguments();
  for (const Case& c : cases) {
    std::vector<long double> exact(x.size());
    std::transform(x.begin(), x.end(), exact.begin(), c.exact);
    for_each_set([&](const Kernels& kernels) {
      const std::vector<Number> y = applied(kernels.*c.function, x);
      std::size_t worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        if (!(error_in_ulp(y[i], exact[i]) <= error_in_ulp(y[worst], exact[worst]))) worst = i;
      CAPTURE(std::string(c.name));
      CAPTURE(x[worst]);
      CHECK(error_in_ulp(y[worst], exact[worst]) <= 4);
    });
  }
}

TEST_CASE("transcendental: the error measure itself sees errors") {
  const Number next = std::nextafter(Number(1), infinity);
  CHECK(error_in_ulp(1, 1.0L) == 0);
  CHECK(error_in_ulp(next, 1.0L) == 1);
  CHECK(error_in_ulp(5 * Limits::denorm_min(), 0.0L) == 5);
  CHECK(error_in_ulp(infinity, 1.0L) == infinity);
  CHECK_FALSE(error_in_ulp(Limits::quiet_NaN(), 1.0L) <= 4);
}

TEST_CASE("transcendental: limits, zeros and NaN") {
  const std::vector<Number> x = {infinity, -infinity,    Limits::max(),      Limits::lowest(),
                                 0,        Number(-0.0), Limits::quiet_NaN()};
  const std::vector<std::vector<Number>> expected = {{1, -1, 1, -1, 0, 0},
                                                     {1, 0, 1, 0, 0.5, 0.5},
                                                     {1, -1, 1, -1, 0, 0},
                                                     {infinity, 0, infinity, 0, 1, 1}};
  for (std::size_t c = 0; c < cases.size(); ++c)
    for_each_set([&](const Kernels& kernels) {
      CAPTURE(std::string(cases[c].name));
      const std::vector<Number> y = applied(kernels.*cases[c].function, x);
      CHECK(std::vector<Number>(y.begin(), y.end() - 1) == expected[c]);
      CHECK(std::isnan(y.back()));
    });
}

TEST_CASE("transcendental: odd functions keep the sign of zero and of denormal numbers") {
  const Number tiny = Limits::denorm_min();
  for_each_set([&](const Kernels& kernels) {
    const std::vector<Number> y = applied(kernels.tanh, {Number(-0.0), 0, tiny, -tiny});
    CHECK(std::signbit(y[0]));
    CHECK_FALSE(std::signbit(y[1]));
    CHECK(y[2] == tiny);
    CHECK(y[3] == -tiny);
    CHECK(std::signbit(applied(kernels.erf, {Number(-0.0)})[0]));
  });
}

TEST_CASE("transcendental: an element depends neither on n nor on alignment") {
  std::vector<Number> x(80);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = Number(0.37) * i - Number(11);
  for (const Case& c : cases)
    for_each_set([&](const Kernels& kernels) {
      const std::vector<Number> whole = applied(kernels.*c.function, x);
      bool same = true;
      for (std::size_t n = 0; n <= 40; ++n)
        for (std::size_t start = 0; start < 9; ++start) {
          std::vector<Number> y(n + 1, Number(77));
          (kernels.*c.function)(x.data() + start, y.data(), n);
          same = same && std::equal(y.begin(), y.end() - 1, whole.begin() + start);
          same = same && y.back() == 77;  // nothing behind the end is written
        }
      CAPTURE(std::string(c.name));
      CHECK(same);
    });
}

TEST_CASE("transcendental: the public functions use the best instruction set, also in place") {
  const Kernels& best = kernels_for<Kernels>(best_instruction_set());
  std::vector<Number> x(1001);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = Number(0.01) * i - 5;
  using Public = void (*)(const Number*, Number*, std::size_t);
  const std::pair<Public, Transcendental::Function> pairs[] = {
      {tanh_of, best.tanh}, {sigmoid_of, best.sigmoid}, {erf_of, best.erf}, {exp_of, best.exp}};
  for (const auto& [function, kernel] : pairs) {
    std::vector<Number> y = x;
    function(y.data(), y.data(), y.size());
    CHECK(y == applied(kernel, x));
  }
}

TEST_CASE("instruction sets: baseline is always there, best is the last, others are refused") {
  const auto& sets = available_instruction_sets();
  REQUIRE(!sets.empty());
  CHECK(sets.front() == InstructionSet::baseline);
  CHECK(sets.back() == best_instruction_set());
  for (const InstructionSet set :
       {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512})
    if (std::find(sets.begin(), sets.end(), set) == sets.end())
      CHECK_THROWS_AS(require_available(set), std::invalid_argument);
    else
      CHECK_NOTHROW(require_available(set));
}
