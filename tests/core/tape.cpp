#include "message_of.hpp"
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using hourglass::testing::message_of;

namespace {

Array numbers(Shape shape, Real start = 1) {
  Array x = empty(shape);
  for (Real& entry : x) entry = start++;
  return x;
}

}  // namespace

TEST_CASE("tape: a tied weight receives the gradient of both its uses") {
  Parameter w{"w", scalar(3)};
  Tape tape;
  tape.begin();
  const Var x = tape.constant(scalar(2));
  const Var y = tape.leaf(w) * (tape.leaf(w) * x);  // w^2 x
  tape.backward(y);
  CHECK(w.grad(0, 0) == doctest::Approx(12));  // 2 w x
  CHECK(tape.size() == 4);                     // one leaf
}

TEST_CASE("tape: a parameter that the loss does not depend on gets a zero gradient") {
  Parameter used{"used", scalar(3)}, idle{"idle", numbers({2, 2})};
  idle.grad = filled({2, 2}, 7);
  Tape tape;
  tape.begin();
  tape.leaf(idle);
  tape.backward(square(tape.leaf(used)));
  CHECK(used.grad(0, 0) == doctest::Approx(6));
  CHECK(idle.grad == filled({2, 2}, 0));
}

TEST_CASE("tape: constants borrow lvalues and keep rvalues") {
  Array x = numbers({2, 3});
  Tape tape;
  tape.begin();
  const Var borrowed = tape.constant(x);
  const Var kept = tape.constant(numbers({2, 3}));
  CHECK(borrowed.value().data() == x.data());
  CHECK(kept.value()(1, 2) == 6);
  const Var rows = tape.constant(borrow(x.data() + 3, {1, 3}));
  CHECK(rows.value().data() == x.data() + 3);
}

TEST_CASE("tape: slots keep their buffers and follow changing shapes") {
  Tape tape;
  const Real* first = nullptr;
  for (int step = 0; step < 3; ++step) {
    tape.begin();
    const Array x = numbers({2, 2});
    const Var y = square(tape.constant(x));
    if (step > 0) CHECK(y.value().data() == first);
    first = y.value().data();
  }
  tape.begin();
  const Array larger = numbers({5, 1});
  CHECK(square(tape.constant(larger)).value()(4, 0) == 25);
}

TEST_CASE("tape: a Var of an earlier step, of another tape or of none is refused") {
  Tape tape, other;
  tape.begin();
  const Var old = tape.constant(Real(1));
  tape.begin();
  CHECK(message_of([&] { square(old); }).find("stale Var") == 0);
  const Var here = tape.constant(Real(1));
  other.begin();
  const Var there = other.constant(Real(1));
  CHECK(message_of([&] { add(here, there); }) == "this Var is of another tape");
  CHECK(message_of([&] { Var{}.value(); }).find("empty Var") == 0);
  CHECK(message_of([&] { tanh(Var{}); }).find("empty Var") == 0);
}

TEST_CASE("tape: shape errors carry the op, the names and the shapes") {
  Parameter w{"decoder.W", numbers({784, 64})};
  Tape tape;
  tape.begin();
  const Array h = numbers({128, 64});
  const Var code = tape.named(tape.constant(h), "code");
  CHECK(message_of([&] { matmul(code, tape.leaf(w)); }) ==
        "matmul: code (128x64) and decoder.W (784x64) do not match: inner sizes 64 and 784");
  CHECK(message_of([&] { add(code, tape.leaf(w)); }) ==
        "add: code (128x64) and decoder.W (784x64) do not match: shapes must be equal");
  CHECK(message_of([&] { add_row(code, tape.leaf(w)); }) ==
        "add_row: code (128x64) and decoder.W (784x64) do not match: expected a row 1x64");
  CHECK(message_of([&] { tape.backward(code); }) == "backward: the loss code (128x64) is not 1x1");
}

TEST_CASE("tape: grad with respect to data and intermediate values") {
  Tape tape;
  tape.begin();
  const Array data = numbers({1, 3});
  const Var x = tape.constant(data);
  const Var y = square(x);
  const Var loss = sum_all(mul(y, x));  // sum x^3
  const std::vector<Var> wrt{x, y, tape.constant(Real(1))};
  const std::vector<Var> g = tape.grad(loss, wrt);
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(g[0].value()(0, j) == doctest::Approx(3 * data(0, j) * data(0, j)));
    CHECK(g[1].value()(0, j) == doctest::Approx(data(0, j)));
  }
  CHECK(g[2].value()(0, 0) == 0);
  const std::vector<Var> second = tape.grad(sum_all(g[0]), std::vector<Var>{x});
  CHECK(second[0].value()(0, 1) == doctest::Approx(6 * data(0, 1)));
}

TEST_CASE("tape: nothing flows through stop_gradient") {
  Parameter w{"w", scalar(3)};
  Tape tape;
  tape.begin();
  const Var leaf = tape.leaf(w);
  tape.backward(mul(leaf, stop_gradient(square(leaf))));
  CHECK(w.grad(0, 0) == doctest::Approx(9));
}

namespace {

// Only a first-order rule: its arguments are arrays, not templates.
struct FirstOrderCube {
  static constexpr auto name = "cube";
  auto operator()(auto& x) const { return x * x * x; }
  auto vjp(wrt<0>, const View& g, const View& x, const View&) const {
    return g * (x * x * Real(3));
  }
};

struct WrongShape {
  static constexpr auto name = "wrong_shape";
  auto operator()(auto& x) const { return col_sums(x); }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g; }
};

}  // namespace

TEST_CASE("op: a rule of first order only works, and says so at second order") {
  Parameter w{"w", scalar(2)};
  Tape tape;
  tape.begin();
  const Var y = apply(FirstOrderCube{}, tape.leaf(w));
  tape.backward(y);
  CHECK(w.grad(0, 0) == doctest::Approx(12));
  CHECK(message_of([&] {
          tape.grad(y, std::vector<Var>{tape.leaf(w)});
        }).find("cube: no recorded rule") == 0);
}

TEST_CASE("op: a vjp of the wrong shape is an error, not a resized gradient") {
  Parameter w{"w", numbers({2, 3})};
  Tape tape;
  tape.begin();
  const Var loss = sum_all(apply(WrongShape{}, tape.leaf(w)));
  CHECK(message_of([&] { tape.backward(loss); }) ==
        "wrong_shape: vjp of input 0 has shape 1x3, but the input has 2x3");
}

TEST_CASE("tape: a parameter that moves, goes or gets another array during a step is refused") {
  Tape tape;
  std::vector<Parameter> list(1);
  list[0] = Parameter{"w", scalar(3)};
  const auto loss = [&] {
    tape.begin();
    return square(tape.leaf(list[0]));
  };
  const auto after = [&](auto change) {
    const Var value = loss();
    change();
    return message_of([&] { tape.backward(value); });
  };
  CHECK(after([] {}) == "");
  CHECK(after([&] { list.reserve(list.capacity() + 1); }).find("leaf: a parameter was moved") == 0);
  CHECK(after([&] { list[0].value = filled({5, 5}, 3); }).find("leaf: w was given another") == 0);
  list[0].value = scalar(3);
  CHECK(after([&] { list[0].value.fill(4); }) == "");  // numbers may change
  CHECK(message_of([&] {
          const Var value = loss();
          list.reserve(list.capacity() + 1);
          tape.grad(value, std::vector<Var>{value});
        }) != "");
  tape.backward(loss());  // between steps it may move
  CHECK(list[0].grad(0, 0) == 8);
  CHECK(after([&] { list.clear(); }).find("leaf: a parameter was moved or destroyed") == 0);
}

TEST_CASE("tape: a copy of a parameter is another leaf, a moved one the same parameter") {
  Parameter w{"w", scalar(3)};
  const auto mark = w.identity.mark();
  Parameter copy = w, assigned{"a", scalar(1)};
  assigned = w;
  CHECK(copy.identity.mark() != mark);
  CHECK(assigned.identity.mark() != mark);
  Tape tape;
  tape.begin();
  tape.backward(tape.leaf(w) * tape.leaf(copy));
  CHECK(tape.size() == 3);
  CHECK(copy.grad(0, 0) == 3);
  Parameter moved = std::move(w);
  CHECK(moved.identity.mark() == mark);
  CHECK(w.identity.mark() != mark);
  copy = std::move(moved);
  CHECK(copy.identity.mark() == mark);
}
