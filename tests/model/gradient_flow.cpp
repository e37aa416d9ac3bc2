#include <hourglass/core/error.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/model/gradient_flow.hpp>
#include <hourglass/model/marginalised.hpp>
#include <hourglass/model/penalties.hpp>
#include <hourglass/theory/linear.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr bool single = sizeof(Real) == sizeof(float);
const std::vector<double> times{0, 1, 10, 30, 50, 70, 100, 200, 1000};

// One mode with two weights.
struct Mode {
  Parameter w1, w2;
  std::vector<Parameter*> all{&w1, &w2};
  ExpectedLoss loss;
  double gamma;

  Mode(double lambda, double sigma2, double decay, double a, double b)
      : w1{"W1", scalar(Real(a))},
        w2{"W2", scalar(Real(b))},
        loss([&] {
          Array64 c = empty64({1, 1});
          c(0, 0) = lambda;
          return ExpectedLoss(c, sigma2);
        }()),
        gamma(decay) {}

  double strength() const { return double(w1.value(0, 0)) * double(w2.value(0, 0)); }
  // largest distance of the flow's strengths from predicted(t), over `times`
  double deviation(const GradientFlow& flow, auto predicted) {
    double result = 0;
    std::size_t seen = 0;
    flow.integrate(
        [&](Tape& tape) {
          return l2(gamma)({loss(tape, w1, w2), all});
        },
        all, times,
        [&](double t) {
          CHECK(t == times[seen++]);
          result = std::max(result, std::abs(strength() - predicted(t)));
        });
    CHECK(seen == times.size());
    return result;
  }
};

}  // namespace

TEST_CASE("gradient flow: one mode follows its closed form to the stated tolerance") {
  const double lambda = 1.3, sigma2 = 0.4, alpha = 0.05;
  for (const double tolerance : {1e-5, 1e-8, 1e-11}) {
    if (single && tolerance < 1e-5) continue;
    CAPTURE(tolerance);
    const GradientFlow flow{
        .learning_rate = alpha, .relative_tolerance = tolerance, .absolute_tolerance = tolerance};
    Mode unbalanced(lambda, sigma2, 0, 0.02, -0.3);
    const theory::ScalarMode exact{lambda,
                                   sigma2,
                                   0,
                                   alpha,
                                   double(unbalanced.w1.value(0, 0)),
                                   double(unbalanced.w2.value(0, 0))};
    const double first = unbalanced.deviation(flow, [&](double t) { return exact.strength(t); });
    const double w = 0.1, gamma = 0.2;
    Mode balanced(lambda, sigma2, gamma, w, w);
    const double u0 = balanced.strength();
    const theory::BalancedMode logistic{lambda, sigma2, gamma, alpha, u0};
    const double second = balanced.deviation(flow, [&](double t) { return logistic.strength(t); });
    MESSAGE("tolerance ", tolerance, ": deviations ", first, " and ", second);
    // errors of single steps grow with the mode, by (u*/u0) at most; what is left is their sum
    CHECK(first < 20 * tolerance);
    CHECK(second < 20 * tolerance);
  }
}

TEST_CASE("gradient flow: rates of single parameters, and parameters that the loss leaves out") {
  Parameter fast{"fast", scalar(1)}, slow{.name = "slow", .value = scalar(1), .rate = 0.25};
  Parameter idle{"idle", scalar(7)};
  std::vector<Parameter*> all{&fast, &slow, &idle};
  const std::vector<double> end{2};
  const std::size_t gradients = GradientFlow{.learning_rate = 0.5}.integrate(
      [&](Tape& t) { return half_squared_norm(t.leaf(fast)) + half_squared_norm(t.leaf(slow)); },
      all, end);
  CHECK(gradients > 10);
  const double tolerance = single ? 1e-4 : 1e-8;
  CHECK(fast.value(0, 0) == doctest::Approx(std::exp(-1)).epsilon(tolerance));
  CHECK(slow.value(0, 0) == doctest::Approx(std::exp(-0.25)).epsilon(tolerance));
  CHECK(idle.value(0, 0) == 7);
}

TEST_CASE("gradient flow: what it refuses") {
  Parameter w{"w", scalar(1)};
  Parameter* all = &w;
  const auto loss = [&](Tape& t) { return half_squared_norm(t.leaf(w)); };
  const auto integrate = [&](std::vector<double> at, const GradientFlow& flow = {}) {
    flow.integrate(loss, Parameters(&all, 1), at);
  };
  CHECK_THROWS_AS(integrate({1, 0.5}), std::invalid_argument);
  CHECK_THROWS_AS(integrate({-1}), std::invalid_argument);
  CHECK_THROWS_AS(integrate({NAN}), std::invalid_argument);
  CHECK_THROWS_AS(integrate({1}, {.relative_tolerance = 0}), std::invalid_argument);
  integrate({});
  integrate({0});
  CHECK(w.value(0, 0) == 1);
  // dw/dt = w^2 is infinite at t = 1
  const auto explodes = [&](Tape& t) { return -1.0 / 3 * (square(t.leaf(w)) * t.leaf(w)); };
  const std::vector<double> beyond{2};
  CHECK_THROWS_AS((GradientFlow{}.integrate(explodes, Parameters(&all, 1), beyond)),
                  std::runtime_error);
}

TEST_CASE("gradient flow: a steep start at zero") {
  // exp((w - 1)^2) grows beyond all numbers a few steps of size 1 away
  Parameter w{"w", scalar(0)};
  std::vector<Parameter*> all{&w};
  const auto loss = [&](Tape& t) { return exp(square(t.leaf(w) - 1.0)); };
  const std::vector<double> end{1000};
  GradientFlow{}.integrate(loss, all, end, {});
  CHECK(double(w.value(0, 0)) == doctest::Approx(1).epsilon(1e-5));
  CHECK(!w.has_grad);
}

TEST_CASE("gradient flow: exp(-k) in any unit of time") {
  for (const double unit : {3e-16, 1e-16, 1e-300, 1e-30, 1.0, 1e30, 1e300}) {
    CAPTURE(unit);
    Parameter w{"w", scalar(1)};
    Parameter* all = &w;
    const std::vector<double> at{1e-9 * unit, unit, 2 * unit, 2 * unit, 5 * unit};
    std::size_t seen = 0;
    GradientFlow{.learning_rate = 1 / unit}.integrate(
        [&](Tape& t) { return half_squared_norm(t.leaf(w)); }, Parameters(&all, 1), at,
        [&](double t) {
          CHECK(t == at[seen++]);
          CHECK(double(w.value(0, 0)) ==
                doctest::Approx(std::exp(-t / unit)).epsilon(single ? 1e-4 : 1e-8));
        });
    CHECK(seen == at.size());
  }
}

TEST_CASE("gradient flow: where it cannot go on it says when, and which parameter") {
  Parameter idle{"idle", filled({2, 2}, 1)}, w{"w", filled({2, 3}, 1)};
  std::vector<Parameter*> all{&idle, &w};
  const auto complaint = [&](const std::function<Var(Var)>& loss, double rate = 1) {
    const std::vector<double> end{10};
    try {
      GradientFlow{.learning_rate = rate}.integrate(
          [&](Tape& t) { return loss(t.leaf(w)) + half_squared_norm(t.leaf(idle)); }, all, end);
    } catch (const Divergence& found) {
      return std::string(found.what());
    }
    return std::string("none");
  };
  const auto names = [&](const std::string& text, const char* part) {
    CAPTURE(text);
    CHECK(text.find("gradient flow: cannot go on from t = ") == 0);
    CHECK(text.find(part) != std::string::npos);
  };
  w.value(1, 2) = 0;
  names(complaint([](Var x) { return sum_all(sqrt(x)); }),
        "t = 0: dw/dt of w, row 1, column 2 is -inf");
  // sqrt(w) falls to 0 at t = 4/3, where its slope is infinite
  w.value.fill(4), w.value(0, 1) = 1;
  names(complaint([](Var x) { return sum_all(sqrt(x)); }), "t = 1.33333: ");
  CHECK(double(w.value(0, 1)) < 1e-3);
  // w = 1/(1 - t)
  w.value.fill(0), w.value(1, 1) = 1;
  names(complaint([](Var x) { return -1.0 / 3 * sum_all(square(x) * x); }), "w, row 1, column 1");
  // a weight that an l1 penalty of this strength holds at 0, from t = .5 on
  w.value.fill(Real(single ? 1e5 : 100)), w.value(0, 2) = Real(0.5);
  const std::string held = complaint([](Var x) { return sum_all(abs(x)); });
  if (!single) names(held, "w, row 0, column 2");  // in single precision it is held to 1e-6
  // the parameters are where the flow came to
  CHECK(std::abs(double(w.value(0, 2))) < 1e-3);
  CHECK(double(w.value(0, 0)) < (single ? 1e5 : 100));
}

TEST_CASE("gradient flow: a first step that is too long is taken again") {
  // log of a negative number a hundredth of the size away
  Parameter w{"w", scalar(Real(1e-3))}, far{"far", scalar(1000)};
  std::vector<Parameter*> all{&w, &far};
  const std::vector<double> end{5};
  GradientFlow{}.integrate(
      [&](Tape& t) { return t.leaf(w) - log(t.leaf(w)) + sum_all(t.leaf(far) * t.leaf(far)); }, all,
      end);
  CHECK(double(w.value(0, 0)) == doctest::Approx(0.9925).epsilon(1e-2));
}
