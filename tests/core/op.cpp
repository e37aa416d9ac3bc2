#include <hourglass/core/curvature.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array ramp(Shape shape, Real start) {
  Array x = empty(shape);
  for (Real& entry : x) entry = start += Real(0.13);
  return x;
}

std::string message_of(auto&& call) {
  try {
    call();
  } catch (const UsageError& e) {
    return e.what();
  }
  return "";
}

// x sigmoid(beta x), in one expression and with everything named.
struct Swish {
  static constexpr auto name = "swish";
  double beta;
  auto operator()(auto& x) const { return x * sigmoid(beta * x); }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const {
    return g * (sigmoid(beta * x) + beta * y * (1 - sigmoid(beta * x)));
  }
};
struct NamedSwish {
  static constexpr auto name = "named_swish";
  double beta;
  auto operator()(auto& x) const {
    const double b = beta;
    auto s = sigmoid(b * x);
    return x * s;
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto& y) const {
    double b = beta;
    auto scaled = b * x;
    auto s = sigmoid(scaled);
    auto rest = b * y * (1 - s);
    auto slope = s + rest;
    b = 0;  // the number was copied
    return g * slope;
  }
};

// 3 x^2 as a chain, so that both forms record the same nodes.
struct Cube {
  static constexpr auto name = "cube";
  auto operator()(auto& x) const { return x * x * x; }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const { return g * (3.0 * x * x); }
};
struct NamedCube {
  static constexpr auto name = "named_cube";
  auto operator()(auto& x) const {
    auto square = x * x;
    return square * x;
  }
  auto vjp(wrt<0>, auto& g, auto& x, auto&) const {
    double three = 3;
    auto first = three * x;
    auto slope = first * x;
    auto result = g * slope;
    three = 0;
    return result;
  }
};

// Row by row and through deferred results: each row divided by its sum of exponentials.
struct Softmax {
  static constexpr auto name = "softmax";
  auto operator()(auto& x, auto& total) const { return exp(x - columns_like(x, total)); }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto& y) const { return g * y; }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto& y) const { return row_dots(g, y); }
};
struct NamedSoftmax {
  static constexpr auto name = "named_softmax";
  auto operator()(auto& x, auto& total) const {
    auto across = columns_like(x, total);
    auto shifted = x - across;
    return exp(shifted);
  }
  auto vjp(wrt<0>, auto& g, auto&, auto&, auto& y) const {
    auto h = g;
    auto part = h * y;
    return part;
  }
  auto vjp(wrt<1>, auto& g, auto&, auto&, auto& y) const {
    auto h = g, z = y;
    auto dots = row_dots(h, z);
    return dots;
  }
};

struct Derivatives {
  std::vector<Array> first, second;
  bool operator==(const Derivatives&) const = default;
};

template <class Unit, class Rows>
Derivatives derivatives(Unit unit, Rows rows) {
  Parameter w{"w", ramp({3, 4}, -0.7)}, total{"total", ramp({3, 1}, 0.4)};
  const std::vector<Parameter*> all{&w, &total};
  const auto loss = [&](Tape& tape) {
    const Var x = apply(unit, tape.leaf(w));
    return half_squared_norm(apply(rows, x, tape.leaf(total)));
  };
  Tape tape;
  tape.begin();
  tape.backward(loss(tape));
  const std::vector<Array> first{w.grad, total.grad};
  tape.begin();
  const std::vector<Array> along{ramp({3, 4}, 0.1), ramp({3, 1}, -0.2)};
  return {first, hvp(tape, loss(tape), all, along)};
}

}  // namespace

TEST_CASE("op: a rule with named locals is the rule in one expression, at both orders") {
  const Derivatives expected = derivatives(Cube{}, Softmax{});
  CHECK(derivatives(NamedCube{}, NamedSoftmax{}) == expected);
  CHECK(expected.second[0](0, 0) != 0);
}

TEST_CASE("op: a part of a rule may have a name and be used twice") {
  const Derivatives expected = derivatives(Swish{1.3}, Softmax{});
  const Derivatives named = derivatives(NamedSwish{1.3}, NamedSoftmax{});
  CHECK(named.first == expected.first);
  for (std::size_t k = 0; k < 2; ++k)  // recorded once instead of twice: other roundings
    for (std::size_t i = 0; i < expected.second[k].size(); ++i)
      CHECK(named.second[k].data()[i] == doctest::Approx(expected.second[k].data()[i]));
}

namespace {

struct Recording {
  static constexpr auto name = "recording";
  Tape* tape;
  auto operator()(auto& x) const {
    square(tape->constant(Real(2)));
    return x;
  }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g; }
};

}  // namespace

TEST_CASE("op: what records while its own numbers are computed is refused") {
  Tape tape;
  tape.begin();
  const Var x = tape.constant(Real(3));
  CHECK(message_of([&] {
          apply(Recording{&tape}, x);
        }).find("recording: calls constant on the tape while its own numbers are computed") == 0);
  const auto with = [&](auto fill) { return message_of([&] { tape.constant({2, 2}, fill); }); };
  CHECK(with([&](Array&) { square(x); }).find("constant: calls square on the tape") == 0);
  CHECK(with([&](Array&) { tape.begin(); }).find("constant: calls begin on the tape") == 0);
  CHECK(with([&](Array& out) {
          out = empty({1, 4});
        }) == "constant: its fill changed the shape from 2x2 to 1x4");
  CHECK(square(x).item() == 9);  // the tape goes on
}

namespace {

struct Checked {
  static constexpr auto name = "checked";
  void check(Var x) const {
    if (x.shape().rows != 1) throw ArgumentError("checked: " + tape_of(x).describe(x));
  }
  auto operator()(auto& x) const { return x * 2; }
  auto vjp(wrt<0>, auto& g, auto&, auto&) const { return g * 2; }
};

// What can be computed, but not be added to a gradient.
struct FillOnly {
  Shape shape() const { return {1, 1}; }
  void into(Array& out) const { out.fill(1); }
};

template <class E>
concept Borrowable = requires(E&& x) {
  borrow(std::forward<E>(x));
};
template <class E>
concept Multiplied = requires(E&& x, const View& v) {
  matmul(std::forward<E>(x), v);
};
template <class E>
concept Recordable = requires(E&& x, Tape& tape) {
  tape.constant(std::forward<E>(x));
};

}  // namespace

TEST_CASE("op: its own check is called before it computes, and arrays are checked too") {
  Tape tape;
  tape.begin();
  const Array x = ramp({2, 3}, 0), y = ramp({3, 2}, 0), row = ramp({1, 3}, 0);
  CHECK(apply(Checked{}, tape.constant(row)).value()(0, 1) == 2 * row(0, 1));
  CHECK_THROWS_WITH_AS(apply(Checked{}, tape.constant(x)), "checked: constant (2x3)",
                       std::invalid_argument);
  const View a = borrow(x), b = borrow(y);
  CHECK_THROWS_WITH_AS(a * b, "expected a matrix 2x3, found 3x2", std::invalid_argument);
  CHECK_THROWS_AS(rows_like(a, b), std::invalid_argument);
  CHECK_THROWS_AS(columns_like(a, b), std::invalid_argument);
  CHECK_THROWS_AS(spread_like(a, b), std::invalid_argument);
  CHECK_THROWS_AS(dot(a, b), std::invalid_argument);
  CHECK_THROWS_AS(row_dots(a, b), std::invalid_argument);
  CHECK_THROWS_AS(trace(a), std::invalid_argument);
  CHECK_THROWS_AS(concat_columns(a, b), std::invalid_argument);
  CHECK_THROWS_AS(slice_columns(a, 2, 2), std::invalid_argument);
  CHECK_THROWS_AS(pad_columns(a, 2, 4), std::invalid_argument);
}

TEST_CASE("op: what would outlive its numbers, write to a constant or not add does not compile") {
  static_assert(Borrowable<Array&> && Borrowable<const Array&>);
  static_assert(!Borrowable<Array> && !Borrowable<const Array>);
  static_assert(Multiplied<View> && !Multiplied<Array>);
  static_assert(Recordable<Array> && Recordable<const Array&> && !Recordable<const Array>);
  static_assert(std::is_same_v<decltype(std::declval<View&>().data()), const Real*>);
  static_assert(!std::is_assignable_v<decltype(std::declval<View&>()(0, 0)), Real>);
  static_assert(Computable<FillOnly> && !Addable<FillOnly>);
  static_assert(Addable<Array> && Addable<View> && Addable<Product>);
  using Lazy = decltype(std::declval<Array&>() * 2.0);  // of xtensor: refers to what it is made of
  static_assert(!Computable<Lazy>);
}
