#include <hourglass/core/error.hpp>
#include <hourglass/measure/comparison.hpp>

#include <cmath>
#include <sstream>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Trace trace_of(std::vector<double> values) {
  Trace trace({{"u", 1}});
  for (std::size_t k = 0; k < values.size(); ++k) trace.add(double(10 * k), {values[k]});
  return trace;
}

}  // namespace

TEST_CASE("trace: rows, columns and their errors") {
  Trace trace({{"u", 1}, {"u", 2}});
  trace.add(0, {1, 2});
  CHECK_THROWS_AS(trace.add(1, {1}), std::invalid_argument);
  CHECK_THROWS_AS(trace.add(0, {1, 2}), std::invalid_argument);
  CHECK(trace.find({"u", 2}) == 1);
  CHECK(trace.find({"v", 2}) == 2);
  Trace other({{"v", 0}});
  CHECK_THROWS_AS(trace.append(other), std::invalid_argument);
  other.add(0, {7});
  trace.append(other);
  CHECK(trace.values(2) == std::vector<double>{7});
}

TEST_CASE("trace: logarithmic steps are distinct, ascending and reach both ends") {
  for (const std::size_t total : {0u, 1u, 5u, 1000u, 123456u}) {
    const auto steps = log_spaced(total, 50);
    CHECK(steps.front() == 0);
    CHECK(steps.back() == total);
    for (std::size_t k = 1; k < steps.size(); ++k) CHECK(steps[k] > steps[k - 1]);
    CHECK(steps.size() <= 51);
  }
}

TEST_CASE("comparison: worst step, root mean square, tolerance") {
  const Comparison c = compare(trace_of({0, 1, 2, 4}), trace_of({0, 1.5, 2, 3}), 0.9);
  REQUIRE(c.agreements.size() == 1);
  const Agreement& a = c.agreements[0];
  CHECK(a.max_abs_deviation == 1);
  CHECK(a.worst_step == 30);
  CHECK(a.rms_deviation == doctest::Approx(std::sqrt(1.25 / 4)));
  CHECK(c.verdict() == Verdict::disagrees);
  CHECK(c.within(1));
  CHECK_FALSE(c.within(0.99));
  std::ostringstream out;
  out << c;
  CHECK(out.str().find("u 1: worst at step 30, measured 4, predicted 3, deviation 1") == 0);
  CHECK(out.str().find("DISAGREES") != std::string::npos);
}

TEST_CASE("comparison: what was predicted and not measured disagrees, what was not is not judged") {
  CHECK(compare(trace_of({NAN}), trace_of({1}), 1).verdict() == Verdict::disagrees);
  CHECK(compare(trace_of({1, NAN}), trace_of({1, 2}), 1).verdict() == Verdict::disagrees);
  CHECK(compare(trace_of({1, 7}), trace_of({1, NAN}), 1).verdict() == Verdict::agrees);
  const Comparison nothing = compare(trace_of({1, 7}), trace_of({NAN, NAN}), 1);
  CHECK(nothing.verdict() == Verdict::not_judged);
  CHECK(nothing.tally().compared == 0);
  CHECK_FALSE(nothing.within(1));
  Trace other({{"v", 1}});
  other.add(0, {1});
  CHECK_THROWS_AS(compare(trace_of({1}), other, 1), std::invalid_argument);
  CHECK(Comparison{}.verdict() == Verdict::not_judged);
  CHECK_FALSE(Comparison{}.within(1));
  CHECK_THROWS_AS(agreement_of(trace_of({1, 2}), trace_of({1}), {"u", 1}, 1),
                  std::invalid_argument);
  CHECK_THROWS_AS(agreement_of(trace_of({1}), trace_of({1}), {"v", 1}, 1), LookupError);
}

TEST_CASE("comparison: quantities") {
  const auto verdict = [](double measured, double predicted, double tolerance) {
    return Quantity{"half time", "steps", measured, predicted, tolerance, true}.verdict();
  };
  CHECK(verdict(101, 100, 0.005) == Verdict::disagrees);
  CHECK(verdict(101, 100, 0.02) == Verdict::agrees);
  CHECK(verdict(101, 100, NAN) == Verdict::not_judged);
  CHECK(verdict(NAN, NAN, 0.1) == Verdict::not_judged);
  CHECK(verdict(NAN, 100, NAN) == Verdict::not_judged);
  CHECK(verdict(NAN, 100, 0.1) == Verdict::disagrees);
  CHECK(verdict(INFINITY, 100, 0.1) == Verdict::disagrees);
  CHECK(Quantity{"half time", "steps", 101, 100, 0, true}.deviation() == doctest::Approx(0.01));
}

TEST_CASE("comparison: one that disagrees is enough, one must be judged, all are counted") {
  const Quantity off{"half time", "steps", 101, 100, 0.005, true};
  const Quantity open{"final value", "", 2, 1, NAN}, absent{"final value", "", 2, NAN, 0.1};
  Comparison c = compare(trace_of({1}), trace_of({1}), 0);
  Agreement& a = c.agreements[0];
  CHECK(c.verdict() == Verdict::agrees);
  a.quantities = {open, absent};  // what has no prediction is no comparison
  CHECK(a.verdict() == Verdict::agrees);
  CHECK(a.tally().compared == 2);
  CHECK(c.tally().judged() == 1);
  a.tolerance = NAN;
  CHECK(a.curve_verdict() == Verdict::not_judged);
  CHECK(c.verdict() == Verdict::not_judged);
  a.quantities.push_back(off);
  CHECK(c.verdict() == Verdict::disagrees);
  CHECK(c.tally().disagree == 1);
}
