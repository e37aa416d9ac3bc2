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
  CHECK_FALSE(c.agrees());
  CHECK(c.within(1));
  CHECK_FALSE(c.within(0.99));
  std::ostringstream out;
  out << c;
  CHECK(out.str().find("u 1: worst at step 30, measured 4, predicted 3, deviation 1") == 0);
  CHECK(out.str().find("DISAGREES") != std::string::npos);
}

TEST_CASE("comparison: nothing to compare, or NaN throughout, is no agreement") {
  CHECK_FALSE(compare(trace_of({NAN}), trace_of({1}), 1).agrees());
  CHECK_FALSE(compare(trace_of({1, NAN}), trace_of({1, 2}), 1).agrees());  // measured went missing
  CHECK(compare(trace_of({1, 7}), trace_of({1, NAN}), 1).agrees());  // nothing predicted there
  Trace other({{"v", 1}});
  other.add(0, {1});
  CHECK_THROWS_AS(compare(trace_of({1}), other, 1), std::invalid_argument);
  CHECK_FALSE(Comparison{}.agrees());
  CHECK_FALSE(Comparison{}.within(1));
  CHECK_THROWS_AS(agreement_of(trace_of({1, 2}), trace_of({1}), {"u", 1}, 1),
                  std::invalid_argument);
  CHECK_THROWS_AS(agreement_of(trace_of({1}), trace_of({1}), {"v", 1}, 1), std::invalid_argument);
}

TEST_CASE("comparison: quantities") {
  const Quantity relative{"half time", "steps", 101, 100, 0.005, true};
  CHECK_FALSE(relative.agrees());
  CHECK(relative.deviation() == doctest::Approx(0.01));
  CHECK(Quantity{"half time", "steps", 101, 100, NAN, true}.agrees());
  CHECK(Quantity{"half time", "steps", NAN, NAN, 0.1, true}.agrees());
  CHECK(Quantity{"half time", "steps", NAN, 100, NAN, true}.agrees());
  CHECK_FALSE(Quantity{"half time", "steps", NAN, 100, 0.1, true}.agrees());
  CHECK_FALSE(Quantity{"half time", "steps", INFINITY, 100, 0.1, true}.agrees());
  Comparison c = compare(trace_of({1}), trace_of({1}), 0);
  CHECK(c.agrees());
  c.agreements[0].quantities.push_back(relative);
  CHECK_FALSE(c.agrees());
}
