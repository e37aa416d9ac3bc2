#include <hourglass/core/error.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cmath>
#include <complex>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr double precision = sizeof(Real) == sizeof(float) ? 2e-6 : 1e-14;

// One number, and steps with gradients that are given.
struct Number1 {
  Parameter w{"w", scalar(1)};
  Parameter* all = &w;
  double value() const { return double(w.value(0, 0)); }
  void give(double gradient) {
    w.grad = scalar(static_cast<Real>(gradient));
    w.has_grad = true;
  }
  double after(auto& optimiser, double gradient) {
    give(gradient);
    optimiser.step(Parameters(&all, 1));
    return value();
  }
};

// w after `steps` descents on h w^2/2 from w = 1
double descended(auto& optimiser, double h, int steps) {
  Number1 x;
  for (int t = 0; t < steps; ++t) x.after(optimiser, h * x.value());
  return x.value();
}

// t-th term of w_{n+2} = p w_{n+1} - q w_n, by the roots of z^2 = p z - q
double recurrence(double p, double q, double first, double second, int t) {
  const std::complex<double> root = std::sqrt(std::complex<double>(p * p / 4 - q));
  const std::complex<double> a = p / 2 + root, b = p / 2 - root;
  const std::complex<double> c = (second - b * first) / (a - b), d = first - c;
  return (c * std::pow(a, t) + d * std::pow(b, t)).real();
}

}  // namespace

TEST_CASE("optimisers: two steps by hand, from w = 1 with gradients 2 and -1") {
  const auto check = [](auto optimiser, double first, double second) {
    Number1 x;
    CHECK(x.after(optimiser, 2) == doctest::Approx(first).epsilon(precision));
    CHECK(x.after(optimiser, -1) == doctest::Approx(second).epsilon(precision));
  };
  check(Sgd{.learning_rate = 0.1}, 0.8, 0.9);
  // v = 2, then 0.5 * 2 - 1 = 0
  check(Momentum{.learning_rate = 0.1, .momentum = 0.5}, 0.8, 0.8);
  // g + v/2 = 3, then -1
  check(Momentum{.learning_rate = 0.1, .momentum = 0.5, .nesterov = true}, 0.7, 0.8);
  // m / (1 - 0.9) = 2, sqrt(v / (1 - 0.999)) = 2; then m = 0.08 over 0.19,
  // v = 0.004996 over 0.001999
  check(Adam{.learning_rate = 0.1}, 1 - 0.2 / (2 + 1e-8),
        1 - 0.2 / (2 + 1e-8) - 0.1 * (0.08 / 0.19) / (std::sqrt(0.004996 / 0.001999) + 1e-8));
  // shrinks by 1 - 0.1 * 0.5 first
  check(adam_w(0.1, 0.5), 0.95 - 0.2 / (2 + 1e-8),
        0.95 * (0.95 - 0.2 / (2 + 1e-8)) -
            0.1 * (0.08 / 0.19) / (std::sqrt(0.004996 / 0.001999) + 1e-8));
  // v = 0.04, then 0.0396 + 0.01
  check(RmsProp{.learning_rate = 0.1}, 1 - 0.2 / (0.2 + 1e-8),
        1 - 0.2 / (0.2 + 1e-8) + 0.1 / (std::sqrt(0.0496) + 1e-8));
}

namespace {

// 200 steps of descent on w^4/4 - w, from 0.3, by the formulas in long double.
struct Averages {
  long double beta1, beta2;
  long double m = 0, v = 0, w = 0.3L;
  int t = 0;
  long double gradient() const { return w * w * w - 1; }
  void momentum(long double rate, bool nesterov) {
    m = beta1 * m + gradient();
    w -= rate * (nesterov ? gradient() + beta1 * m : m);
  }
  void adam(long double rate, long double decay, long double epsilon) {
    const long double g = gradient();
    ++t;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const long double first = -m / std::expm1(t * std::log(beta1));
    const long double second = -v / std::expm1(t * std::log(beta2));
    w = (1 - rate * decay) * w - rate * first / (std::sqrt(second) + epsilon);
  }
  void rms(long double rate, long double epsilon) {
    const long double g = gradient();
    v = beta2 * v + (1 - beta2) * g * g;
    w -= rate * g / (std::sqrt(v) + epsilon);
  }
};

double distance(auto optimiser, Averages exact, const std::function<void(Averages&)>& step) {
  Number1 x;
  x.w.value = scalar(Real(0.3));
  exact.w = static_cast<long double>(x.w.value(0, 0));
  for (int t = 0; t < 200; ++t) {
    const Real w = x.w.value(0, 0);
    x.w.grad = scalar(w * w * w - 1);
    x.w.has_grad = true;
    optimiser.step(Parameters(&x.all, 1));
    step(exact);
  }
  return std::abs(x.value() / double(exact.w) - 1);
}

}  // namespace

// PyTorch in single precision comes to 7e-7 with the second of these.
TEST_CASE("optimisers: averages over more steps than a number near 1 can tell") {
  const double tolerance = sizeof(Real) == sizeof(float) ? 1.5e-6 : 2.2e-14;  // 200 roundings
  for (const double beta : {0.9, 0.99999, 0.9999999, 0.99999999, 1 - 1e-12}) {
    CAPTURE(beta);
    for (const double decay : {0.0, 1e-4}) {
      Adam adam{.learning_rate = 1e-3, .beta2 = beta, .decoupled_decay = decay};
      CHECK(distance(std::move(adam), {adam.beta1, beta},
                     [=](Averages& a) { a.adam(1e-3, decay, 1e-8); }) < tolerance);
      Adam slow{.learning_rate = 1e-3, .beta1 = beta, .beta2 = beta};
      CHECK(distance(std::move(slow), {beta, beta}, [](Averages& a) { a.adam(1e-3, 0, 1e-8); }) <
            tolerance);
    }
    CHECK(distance(RmsProp{.learning_rate = 1e-6, .smoothing = beta}, {0, beta},
                   [](Averages& a) { a.rms(1e-6, 1e-8); }) < 10 * tolerance);
    for (const bool nesterov : {false, true})
      CHECK(distance(Momentum{.learning_rate = 1e-5, .momentum = beta, .nesterov = nesterov},
                     {beta, 0}, [=](Averages& a) { a.momentum(1e-5, nesterov); }) < tolerance);
  }
}

TEST_CASE("optimisers: momentum near 1 ends where its rate says") {
  // v tends to g / (1 - momentum): in single precision 1 - momentum is not 1 minus a rounded number
  Number1 x;
  x.w.value = scalar(0);
  Momentum momentum{.learning_rate = 1, .momentum = 1 - 3e-7};
  x.give(1);
  momentum.step(Parameters(&x.all, 1));
  const double before = double(momentum.memory.of(x.w, 0).arrays[0](0, 0));
  momentum.memory.of(x.w, 0).arrays[0](0, 0) = Real(1e6);
  x.give(0);
  momentum.step(Parameters(&x.all, 1));
  const double lost = 1e6 - double(momentum.memory.of(x.w, 0).arrays[0](0, 0));
  CHECK(before == 1);
  CHECK(lost == doctest::Approx(0.3).epsilon(sizeof(Real) == sizeof(float) ? 0.05 : 1e-9));
}

TEST_CASE("optimisers: no step where there was no gradient, with epsilon 0 too") {
  for (const char* text : {"adam:0.1:epsilon=0", "adamw:0.1:decay=0:epsilon=0",
                           "rmsprop:0.1:epsilon=0", "adam:0.1:epsilon=1e-60"}) {
    CAPTURE(text);
    Optimiser optimiser = optimiser_named(text);
    Number1 x;
    for (int t = 0; t < 3; ++t) CHECK(x.after(optimiser, 0) == 1);
    CHECK(x.after(optimiser, 1) < 1);
    CHECK(std::isnan(x.after(optimiser, NAN)));
  }
}

TEST_CASE("schedules: the last steps of a cosine are no rounding") {
  const std::uint64_t total = 1'000'000'000'000;
  const double step = std::numbers::pi / 2 / double(total);
  CHECK(schedules::cosine(total)(total - 1) ==
        doctest::Approx(step * step).epsilon(1e-12).scale(0));
  CHECK(schedules::cosine(total)(total) == 0);
}

TEST_CASE("optimisers: momentum on a quadratic follows its linear recurrence") {
  // oscillating and overdamped
  for (const auto& [rate, mu] : {std::pair{0.3, 0.9}, std::pair{0.02, 0.5}}) {
    const double h = 1.7, left = 1 - rate * h;
    Momentum heavy{.learning_rate = rate, .momentum = mu};
    CHECK(descended(heavy, h, 40) ==
          doctest::Approx(recurrence(left + mu, mu, 1, left, 40)).epsilon(100 * precision));
    Momentum nesterov{.learning_rate = rate, .momentum = mu, .nesterov = true};
    CHECK(descended(nesterov, h, 40) ==
          doctest::Approx(recurrence((1 + mu) * left, mu * left, 1, 1 - rate * (1 + mu) * h, 40))
              .epsilon(100 * precision));
  }
}

TEST_CASE("optimisers: descent with rate 1/t on a quadratic is a ratio of gamma functions") {
  // prod over t of 1 - r h / (1 + t/s) = Gamma(T + s - rhs) Gamma(s) / (Gamma(T + s) Gamma(s -
  // rhs))
  const double rate = 0.2, h = 1.5, s = 8, drop = rate * h * s;
  for (const int steps : {1, 10, 300}) {
    Optimiser sgd = Sgd{rate};
    sgd.schedule = schedules::inverse_time(s);
    const double expected = std::exp(std::lgamma(steps + s - drop) + std::lgamma(s) -
                                     std::lgamma(steps + s) - std::lgamma(s - drop));
    CHECK(descended(sgd, h, steps) == doctest::Approx(expected).epsilon(300 * precision));
  }
}

TEST_CASE("optimisers: Adam's first steps have the size of its rate, whatever the gradient's") {
  for (const double gradient : {1e-3, -5.0, 4e6}) {
    Number1 x;
    Adam adam{.learning_rate = 0.01};
    CHECK(std::abs(x.after(adam, gradient) - 1) == doctest::Approx(0.01).epsilon(1e-4));
  }
}

TEST_CASE("optimisers: what decays, what stays, and rates of single parameters") {
  Parameter weight{"w", scalar(1)}, bias{.name = "b", .value = scalar(1), .bias = true};
  Parameter idle{"idle", scalar(1)}, slow{.name = "slow", .value = scalar(1), .rate = 0.25};
  std::vector<Parameter*> all{&weight, &bias, &idle, &slow};
  const auto give = [&](Real g) {
    for (Parameter* p : {&weight, &bias, &slow}) p->grad = scalar(g), p->has_grad = true;
  };
  Adam adam = adam_w(0.1, 0.5);
  give(0);
  adam.step(all);
  CHECK(weight.value(0, 0) == doctest::Approx(0.95));
  CHECK(bias.value(0, 0) == 1);
  CHECK(idle.value(0, 0) == 1);
  CHECK(slow.value(0, 0) == doctest::Approx(1 - 0.025 * 0.5));
  slow.value(0, 0) = bias.value(0, 0) = 1;
  for (const char* text : {"sgd:0.1", "sgd:0.1:momentum=0.5", "adam:0.1", "rmsprop:0.1"}) {
    CAPTURE(text);
    Optimiser optimiser = optimiser_named(text);
    slow.value(0, 0) = bias.value(0, 0) = 1;
    give(Real(2));
    optimiser.step(all);
    const double whole = 1 - double(bias.value(0, 0)), part = 1 - double(slow.value(0, 0));
    CHECK(whole > 0.01);
    CHECK(part == doctest::Approx(whole / 4).epsilon(10 * precision));
  }
}

TEST_CASE("optimisers: clipping") {
  Parameter a{"a", filled({1, 2}, 0)}, b{"b", scalar(0)}, idle{"idle", scalar(0)};
  std::vector<Parameter*> all{&a, &b, &idle};
  const auto give = [&] {
    a.grad = filled({1, 2}, 2), b.grad = scalar(-1);
    a.has_grad = b.has_grad = true;
    idle.grad = scalar(100);  // of an earlier step
  };
  give();
  CHECK(gradient_norm(all) == doctest::Approx(3));
  CHECK(clip_by_norm(all, 4) == doctest::Approx(3));
  CHECK(a.grad == filled({1, 2}, 2));
  CHECK(clip_by_norm(all, 1.5) == doctest::Approx(3));
  CHECK(a.grad(0, 1) == doctest::Approx(1));
  CHECK(b.grad(0, 0) == doctest::Approx(-0.5));
  CHECK(idle.grad(0, 0) == 100);
  give();
  clip_by_value(all, 0.5);
  CHECK(a.grad == filled({1, 2}, Real(0.5)));
  CHECK(b.grad(0, 0) == Real(-0.5));
  give();
  Optimiser sgd = optimiser_named("sgd:1:clip_value=1:clip=1");  // values first: (1, 1, -1)
  sgd.step(all);
  CHECK(a.value(0, 0) == doctest::Approx(-1 / std::sqrt(3)));
  CHECK(b.value(0, 0) == doctest::Approx(1 / std::sqrt(3)));
  const Real huge = std::numeric_limits<Real>::max() / 4;  // its square overflows
  give();
  a.grad = filled({1, 2}, huge), b.grad = scalar(0);
  CHECK(gradient_norm(all) == doctest::Approx(std::sqrt(2.0) * double(huge)));
  clip_by_norm(all, 1);
  CHECK(a.grad(0, 0) == doctest::Approx(1 / std::sqrt(2)));
  for (const double limit : {0.0, -1.0, double(NAN)}) {
    CHECK_THROWS_AS(clip_by_norm(all, limit), std::invalid_argument);
    CHECK_THROWS_AS(clip_by_value(all, limit), std::invalid_argument);
  }
}

TEST_CASE("optimisers: a parameter that has changed its shape is refused") {
  Parameter w{"w", scalar(1)};
  std::vector<Parameter*> all{&w};
  for (const char* name : {"sgd:1:momentum=0.5", "adam:1", "rmsprop:1"}) {
    CAPTURE(name);
    Optimiser optimiser = optimiser_named(name);
    const auto step = [&](const Array& value) {
      w.value = value, w.grad = value, w.has_grad = true;
      optimiser.step(all);
    };
    step(scalar(1));
    CHECK_THROWS_AS(step(filled({3, 4}, 1)), std::logic_error);
  }
}

TEST_CASE("schedules: values") {
  const auto at = [](const char* text, std::uint64_t t) { return schedule_named(text)(t); };
  CHECK(at("constant", 12345) == 1);
  CHECK(at("step:10:0.5", 9) == 1);
  CHECK(at("step:10:0.5", 10) == 0.5);
  CHECK(at("step:10:0.5", 39) == doctest::Approx(0.125));
  CHECK(at("cosine:100", 0) == 1);
  CHECK(at("cosine:100", 25) == doctest::Approx(0.5 + std::sqrt(0.125)));
  CHECK(at("cosine:100", 50) == doctest::Approx(0.5));
  CHECK(at("cosine:100", 100) == doctest::Approx(0));
  CHECK(at("cosine:100", 1000) == doctest::Approx(0));
  CHECK(at("1/t:20", 60) == doctest::Approx(0.25));
  CHECK(at("constant:warmup=4", 0) == doctest::Approx(0.25));
  CHECK(at("constant:warmup=4", 3) == 1);
  CHECK(at("cosine:100:warmup=80", 50) == doctest::Approx(0.5 * 51 / 80));
  CHECK_THROWS_AS(schedules::cosine(0), std::invalid_argument);
  CHECK_THROWS_AS(schedules::step(0, 0.5), std::invalid_argument);
  CHECK_THROWS_AS(schedules::inverse_time(NAN), std::invalid_argument);
}

namespace {

// A small run whose loss changes from step to step and sometimes leaves a parameter out.
struct Run {
  Parameter w{"w", filled({2, 3}, Real(0.5))}, b{.name = "b", .value = scalar(1), .bias = true};
  std::vector<Parameter*> all{&w, &b};
  Optimiser optimiser;
  Tape tape;

  explicit Run(const std::string& text) : optimiser(optimiser_named(text)) {
    optimiser.schedule = schedule_named("cosine:30:warmup=5");
  }
  void steps(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t t = from; t < to; ++t) {
      tape.begin(t);
      Var loss = half_squared_norm(tape.leaf(w) - 0.1 * static_cast<double>(t % 7));
      if (t % 3 == 0) loss = loss + square(tape.leaf(b) - 0.3);
      tape.backward(loss);
      optimiser.step(all);
    }
  }
};

const char* const kinds[] = {"sgd:0.1",  "sgd:0.1:momentum=0.9", "sgd:0.1:nesterov=0.9:clip=0.5",
                             "adam:0.1", "adamw:0.1:decay=0.1",  "rmsprop:0.1:clip_value=0.2"};

}  // namespace

TEST_CASE("optimisers: a run that was stopped and resumed is the uninterrupted run, bit for bit") {
  for (const char* kind : kinds) {
    CAPTURE(kind);
    Run whole(kind), first(kind), second(kind);
    whole.steps(0, 20);
    first.steps(0, 11);
    second.w.value = first.w.value;
    second.b.value = first.b.value;
    second.optimiser.restore(first.optimiser.state(), second.all);
    second.steps(11, 20);
    CHECK(second.w.value == whole.w.value);
    CHECK(second.b.value == whole.b.value);
    CHECK(second.optimiser.steps() == 20);
    const auto expected = whole.optimiser.state(), found = second.optimiser.state();
    REQUIRE(found.size() == expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      CHECK(found[k].name == expected[k].name);
      CHECK(found[k].values == expected[k].values);
    }
  }
}

TEST_CASE("optimisers: state by name") {
  Run run("adam:0.1");
  CHECK(run.optimiser.state().size() == 1);  // "steps": nothing is remembered yet
  run.steps(0, 4);                           // b takes part in steps 0 and 3
  const auto state = run.optimiser.state();
  std::vector<std::string> names;
  for (const NamedArray& entry : state) names.push_back(entry.name);
  CHECK(names == std::vector<std::string>{"steps", "adam.m/w", "adam.v/w", "adam.steps/w",
                                          "adam.m/b", "adam.v/b", "adam.steps/b"});
  CHECK(state[0].values(0, 0) == 4);
  CHECK(state[3].values(0, 0) == 4);
  CHECK(state[6].values(0, 0) == 2);
  CHECK(shape_of(state[1].values) == Shape{2, 3});

  Parameter one{"same", scalar(1)}, two{"same", scalar(1)};
  std::vector<Parameter*> both{&one, &two};
  for (Parameter* p : both) p->grad = scalar(1), p->has_grad = true;
  Adam adam;
  adam.step(both);
  CHECK_THROWS_WITH_AS(adam.memory.state(),
                       "adam: two parameters are called same; state is kept by name",
                       std::logic_error);
}

TEST_CASE("optimisers: state that does not fit is refused, and nothing changes") {
  Run run("adam:0.1");
  run.steps(0, 4);
  const auto good = run.optimiser.state();
  const auto refused = [&](auto damage) -> std::string {
    auto bad = good;
    damage(bad);
    try {
      run.optimiser.restore(bad, run.all);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  using State = std::vector<NamedArray>;
  const std::string begin = "optimiser state: ";
  CHECK(refused([](State& s) { s.erase(s.begin()); }) ==
        begin + "found no 1x1 array 'steps', expected the number of steps");
  CHECK(refused([](State& s) { s[0].values(0, 0) = 1.5; }) ==
        begin + "steps: found 1.500000, expected a number of steps");
  CHECK(refused([](State& s) { s.erase(s.begin() + 2); }) ==
        begin + "found adam.steps/w without adam.v/w");
  CHECK(refused([](State& s) {
          s[1].values = empty64({3, 2});
        }) == begin + "adam.m/w: found 3x2, expected 2x3");
  CHECK(refused([](State& s) { s[6].values(0, 0) = -1; }) ==
        begin + "adam.steps/b: found -1.000000, expected a number of steps");
  CHECK(refused([](State& s) { s[1].name = "adam.m/other"; }).find("without adam.m/w") !=
        std::string::npos);
  CHECK(refused([](State& s) {
          s.push_back({"adam.m/other", s[1].values});
        }) == begin + "found adam.m/other, expected state of adam for the model's parameters only");
  CHECK(refused([](State& s) { s.push_back(s[1]); }) ==
        begin + "found adam.m/w twice, expected it once");
  Run other("rmsprop:0.1");
  CHECK_THROWS_AS(other.optimiser.restore(good, other.all), InputError);
  Run plain("sgd:0.1");
  CHECK_THROWS_AS(plain.optimiser.restore(good, plain.all), InputError);
  CHECK(run.optimiser.state().size() == good.size());
  CHECK(run.optimiser.state()[1].values == good[1].values);
}

namespace {

// What a user may write: signs of gradients, with a state of its own.
struct SignDescent {
  double learning_rate = 0.5;
  double sum = 0;
  void step(Parameters parameters) {
    for (Parameter* p : parameters) {
      p->value(0, 0) -= static_cast<Real>(p->grad(0, 0) > 0 ? learning_rate : -learning_rate);
      sum += learning_rate;
      p->has_grad = false;
    }
  }
  std::vector<NamedArray> state() const {
    Array64 array = empty64({1, 1});
    array(0, 0) = sum;
    return {{"sum", array}};
  }
  void restore(const std::vector<NamedArray>& state, Parameters) { sum = state[0].values(0, 0); }
};

struct Nothing {
  void step(Parameters) {}
};

}  // namespace

TEST_CASE("optimisers: a rule of one's own, with schedule and state") {
  Number1 x;
  Optimiser mine = SignDescent{};
  mine.schedule = schedules::step(1, 0.5);
  x.after(mine, 3);
  CHECK(x.value() == 0.5);
  CHECK(mine.learning_rate() == 0.25);
  x.after(mine, -3);
  CHECK(x.value() == 0.75);
  Optimiser constant = SignDescent{};
  constant.schedule = schedules::step(1, 0.5);
  for (int t = 0; t < 2; ++t) x.after(constant, 1);
  constant.schedule = {};
  CHECK(constant.learning_rate() == 0.5);
  CHECK(x.after(constant, 1) == -0.5);
  Optimiser next = SignDescent{};
  next.restore(mine.state(), Parameters(&x.all, 1));
  CHECK(next.steps() == 2);
  CHECK(next.state()[1].values(0, 0) == 0.75);

  Optimiser still = Nothing{};
  CHECK(std::isnan(still.learning_rate()));
  still.step({});
  still.schedule = schedules::constant();
  CHECK_THROWS_AS(still.step({}), std::logic_error);
}

TEST_CASE("optimisers and schedules: text that is not understood is refused") {
  const auto message = [](auto read, const char* text) -> std::string {
    try {
      read(text);
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  const std::pair<const char*, const char*> optimisers[] = {
      {"adma:1e-3",
       "optimiser 'adma:1e-3': found 'adma', expected sgd:RATE, adam:RATE, adamw:RATE or "
       "rmsprop:RATE"},
      {"", "optimiser '': found '', expected sgd:RATE, adam:RATE, adamw:RATE or rmsprop:RATE"},
      {"adam", "optimiser 'adam': found nothing for the learning rate, expected a number > 0"},
      {"adam:fast",
       "optimiser 'adam:fast': found 'fast' for the learning rate, expected a number > 0"},
      {"adam:", "optimiser 'adam:': found '' for the learning rate, expected a number > 0"},
      {"adam:-1", "optimiser 'adam:-1': found '-1' for the learning rate, expected a number > 0"},
      {"adam:nan",
       "optimiser 'adam:nan': found 'nan' for the learning rate, expected a number > 0"},
      {"adam:inf",
       "optimiser 'adam:inf': found 'inf' for the learning rate, expected a number > 0"},
      {"adam:1e-3x",
       "optimiser 'adam:1e-3x': found '1e-3x' for the learning rate, expected a number > 0"},
      {"adam:1e-3:2", "optimiser 'adam:1e-3:2': found '2', expected no further option of adam"},
      {"adam:1e-3:decay=1",
       "optimiser 'adam:1e-3:decay=1': found 'decay=1', expected no further option of adam"},
      {"adam:1:beta1=1",
       "optimiser 'adam:1:beta1=1': found '1' for beta1, expected a number >= 0 and < 1"},
      {"sgd:1:momentum=0.1:momentum=0.2",
       "optimiser 'sgd:1:momentum=0.1:momentum=0.2': found 'momentum=0.2', expected no further "
       "option of sgd"},
      {"sgd:1:momentum=0.1:nesterov=0.2",
       "optimiser 'sgd:1:momentum=0.1:nesterov=0.2': found 'nesterov=0.2', expected no further "
       "option of sgd"},
      {"sgd:1:clip=0", "optimiser 'sgd:1:clip=0': found '0' for clip, expected a number > 0"},
  };
  for (const auto& [text, expected] : optimisers) CHECK(message(optimiser_named, text) == expected);
  for (const char* text :
       {"cosine", "cosine:0", "cosine:x", "step:10", "step:10:-1", "1/t", "2/t:1",
        "cosine:10:warmup=0", "constant:3", "step:2.9:0.5", "cosine:9.5", "constant:warmup=1.5"}) {
    CAPTURE(text);
    CHECK(message(schedule_named, text).find("schedule '" + std::string(text) + "': found ") == 0);
  }
}
