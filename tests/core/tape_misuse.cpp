// What a program may do wrong with a tape: refused, or without consequence, and never wrong
// numbers.

#include "../allocations.hpp"
#include "message_of.hpp"
#include <hourglass/core/curvature.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;
using hourglass::testing::message_of;

namespace {

// x + 1 whose check, value or rule does what it should not.
struct Meddling {
  static constexpr auto name = "meddling";
  void (*in_check)(Tape&) = nullptr;
  void (*in_value)(Tape&) = nullptr;
  void (*in_rule)(Tape&) = nullptr;
  void (*in_recorded_rule)(Tape&) = nullptr;
  Tape* tape = nullptr;

  void check(Var) const {
    if (in_check) in_check(*tape);
  }
  auto operator()(auto& x) const {
    if (in_value) in_value(*tape);
    return x + 1;
  }
  auto vjp(wrt<0>, const View& g, const View&, const View&) const {
    if (in_rule) in_rule(*tape);
    return g;
  }
  Var vjp(wrt<0>, const Var& g, const Var&, const Var&) const {
    if (in_recorded_rule) in_recorded_rule(*tape);
    return g * 1;
  }
};

void restart(Tape& tape) { tape.begin(); }
void record(Tape& tape) { tape.constant(Real(2)); }
void differentiate(Tape& tape) { tape.backward(tape.var(0)); }
void differentiate_again(Tape& tape) { tape.grad(tape.var(0), {}); }
void fail(Tape&) { throw std::runtime_error("enough"); }

// Results that do not keep the array that they fill.
struct Resizing {
  Shape shape() const { return {1, 1}; }
  void into(Array& out, bool) const { out = filled({3, 3}, 1); }
};
struct Stealing {
  Shape shape() const { return {1, 1}; }
  void into(Array& out, bool) const { const Array stolen = std::move(out); }
};
template <class Result>
struct Filled {
  static constexpr auto name = "filled";
  auto operator()(auto&) const { return Result{}; }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g; }
};
template <class Result>
struct WithGradient {
  static constexpr auto name = "with_gradient";
  auto operator()(auto& x) const { return x * 1; }
  auto vjp(wrt<0>, const View&, const View&, const View&) const { return Result{}; }
};

Real gradient_of_square(Tape& tape, Parameter& w) {
  tape.begin();
  tape.backward(half_squared_norm(tape.leaf(w)));
  return w.grad(0, 0);
}

}  // namespace

TEST_CASE("misuse: checks, values and rules that use the tape are refused, and it goes on") {
  Parameter w{"w", scalar(3)};
  Tape tape;
  const auto said = [&](Meddling op, bool recorded = false) {
    tape.begin();
    op.tape = &tape;
    const std::string message = message_of([&] {
      const Var leaf = tape.leaf(w), y = apply(op, leaf);
      if (recorded)
        tape.grad(y, std::vector<Var>{leaf});
      else
        tape.backward(y);
    });
    CHECK(gradient_of_square(tape, w) == 3);
    return message;
  };
  for (const auto use : {restart, record, differentiate, differentiate_again}) {
    CHECK(said({.in_check = use}).find("meddling: calls ") == 0);
    CHECK(said({.in_value = use}).find("meddling: calls ") == 0);
    CHECK(said({.in_rule = use}).find("backward: calls ") == 0);
  }
  for (const auto use : {restart, differentiate, differentiate_again})
    CHECK(said({.in_recorded_rule = use}, true).find("grad: a rule calls ") == 0);
  CHECK(said({.in_recorded_rule = record}, true) == "");
  for (const Meddling& op :
       {Meddling{.in_check = fail}, Meddling{.in_value = fail}, Meddling{.in_rule = fail}})
    CHECK(said(op) == "enough");
  CHECK(said({.in_recorded_rule = fail}, true) == "enough");
}

TEST_CASE("misuse: fills that resize, steal or throw leave no wrong numbers") {
  Tape tape;
  tape.begin();
  const auto with = [&](auto fill) { return message_of([&] { tape.constant({2, 2}, fill); }); };
  CHECK(with([](Array& out) { out.resize({1, 4}); }).find("constant: its fill changed") == 0);
  CHECK(with([](Array& out) { out = empty({9, 9}); }).find("constant: its fill changed") == 0);
  CHECK(with([](Array& out) { const Array stolen = std::move(out); }) ==
        "constant: its fill moved the array away");
  CHECK(with([](Array&) { throw std::runtime_error("enough"); }) == "enough");
  CHECK(with([](Array& out) { out = filled({2, 2}, 5); }) == "");  // the same shape is no harm
  const Var x = tape.constant({2, 2}, [](Array& out) { out.fill(7); });
  CHECK(sum_all(x).item() == 28);
}

TEST_CASE("misuse: results that do not keep the array that they fill are refused") {
  Parameter w{"w", scalar(3)};
  Tape tape;
  tape.begin();
  const Var x = tape.leaf(w);
  CHECK(message_of([&] { apply(Filled<Resizing>{}, x); }) ==
        "a result changed the shape of the array that it fills from 1x1 to 3x3");
  CHECK(message_of([&] { apply(Filled<Stealing>{}, x); }) ==
        "a result moved away the array that it fills");
  CHECK(message_of([&] { tape.backward(apply(WithGradient<Resizing>{}, x)); }) != "");
  CHECK(message_of([&] { tape.backward(apply(WithGradient<Stealing>{}, x)); }) != "");
  CHECK_FALSE(w.has_grad);
  CHECK(gradient_of_square(tape, w) == 3);
}

TEST_CASE("misuse: a gradient that was moved away is made anew") {
  Parameter w{"w", filled({2, 3}, 3)}, idle{"idle", filled({2, 3}, 1)};
  Tape tape;
  for (const bool before_leaf : {true, false}) {
    gradient_of_square(tape, w);
    Array kept, unused;
    const auto take = [&] { kept = std::move(w.grad), unused = std::move(idle.grad); };
    tape.begin();
    if (before_leaf) take();
    tape.leaf(idle);
    const Var loss = half_squared_norm(tape.leaf(w));
    if (!before_leaf) take();
    tape.backward(loss);
    CHECK(w.grad == filled({2, 3}, 3));
    CHECK(idle.grad == filled({2, 3}, 0));
    CHECK(kept == filled({2, 3}, 3));
  }
  tape.begin();
  const Var loss = half_squared_norm(tape.leaf(w));
  w.grad = Array{};
  tape.backward(loss);
  CHECK(w.grad == filled({2, 3}, 3));
}

TEST_CASE("misuse: values and data that were moved away are refused by name") {
  Parameter w{"w", filled({2, 3}, 3)};
  Array x = filled({2, 3}, 1);
  const Array kept = std::move(w.value), data = std::move(x);
  Tape tape;
  tape.begin();
  CHECK(message_of([&] { tape.leaf(w); }) == "leaf: the value of w was moved away");
  const std::string gone = "constant: the numbers of this 2x3 were moved away";
  CHECK(message_of([&] { tape.constant(x); }) == gone);
  CHECK(message_of([&] { tape.constant(std::move(x)); }) == gone);
  CHECK(tape.size() == 0);
  w.value = kept;
  CHECK(gradient_of_square(tape, w) == 3);
}

TEST_CASE("misuse: a slot for which there was no memory is not used as if there were") {
  Tape tape;
  const Shape huge{std::size_t(1) << 31, std::size_t(1) << 30};
  for (int attempt = 0; attempt < 2; ++attempt) {
    tape.begin();
    CHECK_THROWS_AS(tape.constant(huge, [](Array& out) { out.data()[0] = 1; }), std::bad_alloc);
  }
}

TEST_CASE("misuse: a backward that throws leaves no gradient for an optimiser to use") {
  Parameter w{"w", scalar(3)}, v{"v", scalar(2)};
  Tape tape, other;
  const auto after = [&](auto call) {
    tape.begin();
    tape.backward(mul(tape.leaf(w), tape.leaf(v)));
    REQUIRE(w.has_grad);
    tape.begin();
    const Var loss = mul(tape.leaf(w), tape.leaf(v));
    CHECK(message_of([&] { call(loss); }) != "");
    return w.has_grad || v.has_grad;
  };
  CHECK_FALSE(after(
      [&](Var loss) { tape.backward(apply(Meddling{.in_rule = fail, .tape = &tape}, loss)); }));
  CHECK_FALSE(after([&](Var) { tape.backward(tape.constant(filled({2, 2}, 1))); }));
  CHECK_FALSE(after([&](Var) { tape.backward(Var{}); }));
  CHECK_FALSE(after([&](Var) {
    other.begin();
    tape.backward(other.constant(Real(1)));
  }));
  CHECK_FALSE(after([&](Var loss) {
    v.value = filled({2, 2}, 1);
    tape.backward(loss);
  }));
}

TEST_CASE(
    "misuse: a leaf whose parameter went or got another array is refused wherever it is used") {
  Tape tape;
  auto w = std::make_unique<Parameter>(Parameter{"w", filled({2, 3}, 3)});
  tape.begin();
  Var x = tape.leaf(*w);
  w->value = filled({5, 5}, 1);
  for (const auto& use :
       std::vector<std::function<void()>>{[&] { square(x); }, [&] { x.value(); },
                                          [&] { tape.leaf(*w); }, [&] { tape.describe(x); }})
    CHECK(message_of(use).find("leaf: w was given another array") == 0);
  tape.begin();
  x = tape.leaf(*w);
  w.reset();
  CHECK(message_of([&] { square(x); }).find("leaf: a parameter was moved or destroyed") == 0);
}

TEST_CASE("misuse: assigned to itself, swapped or renamed, a parameter is still the one it was") {
  Parameter w{"w", scalar(3)}, v{"v", scalar(2)};
  Parameter& same = w;
  const auto mark = w.identity.mark();
  w = same;
  CHECK(w.identity.mark() == mark);
  w = std::move(same);
  CHECK(w.identity.mark() == mark);
  CHECK(w.value == scalar(3));
  Tape tape;
  tape.begin();
  const Var x = tape.named(tape.leaf(w), "input"), y = tape.leaf(v);
  v.name = "a name that is far too long to stand where the old one stood";
  CHECK(tape.describe(x) == "input (1x1)");
  CHECK(tape.describe(y) == v.name + " (1x1)");
  std::swap(w, v);
  CHECK(message_of([&] { tape.backward(x); }).find("leaf: a parameter was moved") == 0);
  CHECK(v.identity.mark() == mark);
  CHECK(gradient_of_square(tape, v) == 3);
}

namespace {

struct Many {
  std::vector<Parameter> parameters;
  Tape tape;
  explicit Many(std::size_t count) {
    for (std::size_t k = 0; k < count; ++k)
      parameters.push_back({"w" + std::to_string(k), scalar(Real(0.5))});
  }
  // The loss has each of them twice.
  void step() {
    tape.begin();
    Var total = tape.constant(Real(0));
    for (int time = 0; time < 2; ++time)
      for (Parameter& p : parameters) total = total + square(tape.leaf(p));
    tape.backward(total);
  }
  // Seconds of the processor a leaf, in the best of a few steps.
  double cost() {
    double best = INFINITY;
    for (int attempt = 0; attempt < 5; ++attempt) {
      const std::clock_t start = std::clock();
      step();
      const double taken = double(std::clock() - start) / CLOCKS_PER_SEC;
      best = std::min(best, taken / double(parameters.size()));
    }
    return best;
  }
};

}  // namespace

TEST_CASE("tape: a leaf costs as much among 20,000 as among 200, and allocates nothing") {
  Many few(200), many(20000);
  CHECK(many.cost() < 100 * few.cost());  // 20 times, as caches are small; a search takes 500
  CHECK(many.tape.size() == 1 + 20000 + 2 * 2 * 20000);
  for (const Parameter& p : many.parameters) REQUIRE(p.grad(0, 0) == 2);
  const long before = heap_allocations();
  many.step();
  CHECK(heap_allocations() == before);
}

TEST_CASE("tape: leaves are found again when parameters come and go") {
  Tape tape;
  for (std::size_t round = 0; round < 50; ++round) {
    std::vector<Parameter> some(1 + (7 * round) % 31);
    for (std::size_t k = 0; k < some.size(); ++k) some[k] = {"w", scalar(static_cast<Real>(k))};
    tape.begin();
    Var total = tape.constant(Real(0));
    for (int time = 0; time < 2; ++time)
      for (Parameter& p : some) total = total + half_squared_norm(tape.leaf(p));
    tape.backward(total);
    for (std::size_t k = 0; k < some.size(); ++k)
      CHECK(some[k].grad(0, 0) == static_cast<Real>(2 * k));
  }
}
