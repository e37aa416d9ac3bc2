#include <hourglass/core/ops.hpp>
#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/probes.hpp>
#include <hourglass/measure/training.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("training: records before the update of a step, and the last step after all updates") {
  Parameter w{"w", scalar(1)};
  Parameter* all = &w;
  // loss w^2/2, rate 1/2: w halves every step
  const auto loss = [&](Tape& t) { return half_squared_norm(t.leaf(w)); };
  std::size_t calls = 0;
  const Training training{.steps = 4, .record = {0, 2, 4}, .progress = [&](std::size_t done) {
                            CHECK(done == ++calls);
                          }};
  const Probe probe{{{"w", 0}, {"loss", 0}}, [&](double l) {
                      return std::vector<double>{double(w.value(0, 0)), l};
                    }};
  Optimiser sgd = Sgd{0.5};
  const Trace trace = train(training, loss, Parameters(&all, 1), sgd, probe);
  CHECK(trace.steps() == std::vector<double>{0, 2, 4});
  CHECK(trace.values(0) == std::vector<double>{1, 0.25, 0.0625});
  CHECK(trace.values(1)[1] == 0.03125);
  CHECK(calls == 4);
}

TEST_CASE("training: a loss that becomes infinite or NaN stops it and says where") {
  Parameter w{"w", scalar(1)};
  Parameter* all = &w;
  const auto loss = [&](Tape& t) {
    return exp(scale(square(t.leaf(w)), -1)) - square(square(t.leaf(w)));
  };
  const Probe probe{{}, [](double) { return std::vector<double>{}; }};
  Optimiser sgd = Sgd{1};
  try {
    train({.steps = 1000, .record = {}}, loss, Parameters(&all, 1), sgd, probe);
    FAIL("expected Divergence");
  } catch (const Divergence& e) {
    const std::string what = e.what();
    CHECK(what.find("training diverged: the loss is") == 0);
    CHECK(what.find("the last finite value was") != std::string::npos);
  }
}

TEST_CASE("probes: sharpness while training, which does not disturb it") {
  // 1/2 (1 - ab)^2 from a = b: the Hessian [[b^2, 2ab - 1], [2ab - 1, a^2]] has the eigenvalues
  // 3a^2 - 1 and 1 - a^2
  const auto run = [](bool probed) {
    Parameter a{"a", scalar(Real(0.8))}, b{"b", scalar(Real(0.8))};
    std::vector<Parameter*> all{&a, &b};
    const auto loss = [&](Tape& t) { return half_squared_norm(1.0 - t.leaf(a) * t.leaf(b)); };
    const Probe weight{{{"a"}}, [&](double) { return std::vector{double(a.value(0, 0))}; }};
    const Probe sharpness = probes::sharpness(loss, all);
    Probe both{{{"a"}}, weight.read};
    if (probed) {
      both.columns.push_back(sharpness.columns[0]);
      both.read = [=](double l) { return std::vector{weight.read(l)[0], sharpness.read(l)[0]}; };
    }
    Optimiser sgd = Sgd{0.1};
    return train({.steps = 30, .record = {0, 1, 5, 30}}, loss, all, sgd, both);
  };
  const Trace with = run(true), without = run(false);
  CHECK(with.values(0) == without.values(0));
  for (std::size_t k = 0; k < with.steps().size(); ++k) {
    const double a2 = with.values(0)[k] * with.values(0)[k];
    CHECK(with.values(1)[k] == doctest::Approx(std::max(3 * a2 - 1, 1 - a2)).epsilon(1e-5));
  }
  CHECK(with.columns()[1] == Column{"sharpness"});
}

TEST_CASE("half time: exact for a logistic, however coarsely recorded") {
  std::vector<double> steps, strengths;
  for (const double t : {0., 10., 40., 90., 200.}) {
    steps.push_back(t);
    strengths.push_back(0.8 / (1 + std::exp(-(t - 61.5) / 7)));
  }
  CHECK(half_time(steps, strengths, 0.8) == doctest::Approx(61.5).epsilon(1e-9));
  CHECK(std::isnan(half_time(steps, strengths, 0)));
  CHECK(std::isnan(half_time(steps, {0, 0.1, 0.1, 0.2, 0.3}, 0.8)));
  // strengths that noise puts below zero or above the limit
  CHECK(half_time({0, 1}, {-0.1, 0.9}, 0.8) == doctest::Approx(0.5));
}

TEST_CASE("probes: strengths, norm and imbalance against loops") {
  Array w1 = Array::from_shape({2, 3}), w2 = Array::from_shape({3, 2});
  Array basis = Array::from_shape({3, 1});
  for (std::size_t i = 0; i < 6; ++i) {
    w1.data()[i] = static_cast<Real>(0.3 * double(i) - 0.7);
    w2.data()[i] = static_cast<Real>(0.5 - 0.2 * double(i));
  }
  basis(0, 0) = Real(0.6), basis(1, 0) = 0, basis(2, 0) = Real(-0.8);
  double u = 0, m = 0, squares = 0;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b)
      for (std::size_t h = 0; h < 2; ++h)
        u += double(basis(a, 0)) * double(w2(a, h)) * double(w1(h, b)) * double(basis(b, 0));
  for (std::size_t h = 0; h < 2; ++h)
    for (std::size_t k = 0; k < 2; ++k) {
      double entry = 0;
      for (std::size_t d = 0; d < 3; ++d)
        entry += double(w2(d, h)) * double(w2(d, k)) - double(w1(h, d)) * double(w1(k, d));
      m += entry * entry;
    }
  for (std::size_t i = 0; i < 6; ++i) squares += std::pow(double(w1.data()[i]), 2);
  CHECK(probes::mode_strengths(w1, w2, basis)[0] == doctest::Approx(u));
  CHECK(probes::imbalance(w1, w2) == doctest::Approx(std::sqrt(m)));
  Parameter p{"w", w1};
  Parameter* all = &p;
  CHECK(probes::weight_norm(Parameters(&all, 1)) == doctest::Approx(std::sqrt(squares)));
}
