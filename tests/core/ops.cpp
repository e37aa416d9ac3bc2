#include <hourglass/core/check.hpp>
#include <hourglass/core/ops.hpp>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array random(Shape shape, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<double> normal;
  Array x = empty(shape);
  for (Real& entry : x) entry = static_cast<Real>(normal(engine));
  // away from the kink of relu and gate, by more than the differences reach
  for (Real& entry : x) entry += static_cast<Real>(entry > 0 ? 0.2 : -0.2);
  return x;
}

struct OpCase {
  const char* name;
  std::vector<Shape> shapes;
  std::function<Var(const std::vector<Var>&)> op;
};

const std::vector<OpCase> cases{
    {"matmul", {{3, 4}, {4, 2}}, [](auto& x) { return matmul(x[0], x[1]); }},
    {"matmul tn", {{4, 3}, {4, 2}}, [](auto& x) { return matmul(x[0], x[1], true, false); }},
    {"matmul nt", {{3, 4}, {2, 4}}, [](auto& x) { return matmul(x[0], x[1], false, true); }},
    {"matmul tt", {{4, 3}, {2, 4}}, [](auto& x) { return matmul(x[0], x[1], true, true); }},
    {"matmul of one by itself", {{3, 3}}, [](auto& x) { return matmul(x[0], x[0], false, true); }},
    {"add", {{3, 2}, {3, 2}}, [](auto& x) { return x[0] + x[1]; }},
    {"sub", {{3, 2}, {3, 2}}, [](auto& x) { return x[0] - x[1]; }},
    {"mul", {{3, 2}, {3, 2}}, [](auto& x) { return x[0] * x[1]; }},
    {"scale", {{3, 2}}, [](auto& x) { return scale(x[0], -1.7); }},
    {"affine", {{3, 2}}, [](auto& x) { return 0.3 - 2.0 * x[0]; }},
    {"add_row", {{3, 2}, {1, 2}}, [](auto& x) { return add_row(x[0], x[1]); }},
    {"col_sums", {{3, 2}}, [](auto& x) { return col_sums(x[0]); }},
    {"rows_like", {{1, 2}, {3, 2}}, [](auto& x) { return rows_like(x[0], x[1]); }},
    {"sum_all", {{3, 2}}, [](auto& x) { return sum_all(x[0]); }},
    {"spread_like", {{1, 1}, {3, 2}}, [](auto& x) { return spread_like(x[0], x[1]); }},
    {"scale_by", {{1, 1}, {3, 2}}, [](auto& x) { return scale_by(x[0], x[1]); }},
    {"dot", {{3, 2}, {3, 2}}, [](auto& x) { return dot(x[0], x[1]); }},
    {"half_squared_norm", {{3, 2}}, [](auto& x) { return half_squared_norm(x[0]); }},
    {"half_squared_error",
     {{3, 2}, {3, 2}},
     [](auto& x) { return half_squared_error(x[0], x[1]); }},
    {"tanh", {{3, 2}}, [](auto& x) { return tanh(x[0]); }},
    {"sigmoid", {{3, 2}}, [](auto& x) { return sigmoid(x[0]); }},
    {"erf", {{3, 2}}, [](auto& x) { return erf(x[0]); }},
    {"exp", {{3, 2}}, [](auto& x) { return exp(x[0]); }},
    {"square", {{3, 2}}, [](auto& x) { return square(x[0]); }},
    {"relu", {{3, 2}}, [](auto& x) { return relu(x[0]); }},
    {"gate", {{3, 2}, {3, 2}}, [](auto& x) { return gate(x[0], x[1]); }},
};

struct Prepared {
  std::vector<Parameter> parameters;
  std::vector<Parameter*> pointers;
  Array weights;
};

Prepared prepare(const OpCase& c) {
  Prepared p;
  for (std::size_t k = 0; k < c.shapes.size(); ++k)
    p.parameters.push_back({"x" + std::to_string(k), random(c.shapes[k], unsigned(k) + 1)});
  for (Parameter& parameter : p.parameters) p.pointers.push_back(&parameter);
  return p;
}

std::vector<Var> leaves(Tape& tape, Prepared& p) {
  std::vector<Var> x;
  for (Parameter& parameter : p.parameters) x.push_back(tape.leaf(parameter));
  return x;
}

Real at(const View& x, std::size_t i, std::size_t j) { return x(i, j); }

}  // namespace

TEST_CASE("ops: every gradient and every gradient of a gradient agrees with differences") {
  for (const OpCase& c : cases) {
    CAPTURE(c.name);
    Prepared p = prepare(c);
    // a fixed random combination of the outputs, squared so that linear ops have curvature too
    const auto loss = [&](Tape& tape) {
      const Var y = c.op(leaves(tape, p));
      const Var z = add(y, scale(square(y), 0.5));
      return dot(z, tape.constant(random(y.shape(), 99)));
    };
    const GradientCheck check = check_gradients(loss, p.pointers, {.order = 2});
    CHECK_MESSAGE(check, check.worst);
  }
}

TEST_CASE("ops: values") {
  Tape tape;
  tape.begin();
  const Array a = random({3, 4}, 1), b = random({4, 2}, 2), row = random({1, 4}, 3);
  const Var va = tape.constant(a), vb = tape.constant(b), vr = tape.constant(row);
  const Var product = matmul(va, vb);
  double entry = 0, total = 0, squares = 0;
  for (std::size_t k = 0; k < 4; ++k) entry += double(a(2, k)) * double(b(k, 1));
  for (const Real x : a) total += x, squares += double(x) * double(x);
  CHECK(at(product.value(), 2, 1) == doctest::Approx(entry));
  CHECK(sum_all(va).item() == doctest::Approx(total));
  CHECK(half_squared_norm(va).item() == doctest::Approx(squares / 2));
  CHECK(dot(va, va).item() == doctest::Approx(squares));
  CHECK(half_squared_error(va, scale(va, 0)).item() == doctest::Approx(squares / 6));
  CHECK(at(add_row(va, vr).value(), 1, 2) == doctest::Approx(a(1, 2) + row(0, 2)));
  CHECK(at(col_sums(va).value(), 0, 3) == doctest::Approx(a(0, 3) + a(1, 3) + a(2, 3)));
  CHECK(at(rows_like(vr, va).value(), 2, 1) == row(0, 1));
  CHECK(at(tanh(va).value(), 0, 1) == doctest::Approx(std::tanh(a(0, 1))));
  CHECK(at(erf(va).value(), 0, 1) == doctest::Approx(std::erf(a(0, 1))));
  CHECK(at(sigmoid(va).value(), 0, 1) == doctest::Approx(1 / (1 + std::exp(-a(0, 1)))));
  CHECK(at(relu(va).value(), 1, 1) == (a(1, 1) > 0 ? a(1, 1) : Real(0)));
  CHECK(at((1.0 - va).value(), 1, 1) == doctest::Approx(1 - a(1, 1)));
}

TEST_CASE("ops: relu passes NaN on") {
  Tape tape;
  tape.begin();
  CHECK(std::isnan(relu(tape.constant(Real(NAN))).item()));
}

TEST_CASE("ops: relu is flat at zero") {
  Parameter w{"w", scalar(0)};
  Tape tape;
  tape.begin();
  tape.backward(relu(tape.leaf(w)));
  CHECK(w.grad(0, 0) == 0);
}

TEST_CASE("ops: products of tanh layers, to second order, through shared weights") {
  Parameter w1{"encoder.W", random({3, 5}, 1)}, w2{"decoder.W", random({5, 3}, 2)},
      b{"b", random({1, 3}, 3)};
  const std::vector<Parameter*> all{&w1, &w2, &b};
  const Array x = random({4, 5}, 4);
  const auto loss = [&](Tape& t) {
    const Var data = t.constant(x);
    const Var code = tanh(add_row(matmul(data, t.leaf(w1), false, true), t.leaf(b)));
    const Var tied = matmul(code, t.leaf(w1));
    const Var y = matmul(code, t.leaf(w2), false, true) + 0.3 * tied;
    return half_squared_error(y, data) + scale(half_squared_norm(t.leaf(w2)), 0.1);
  };
  const GradientCheck check = check_gradients(loss, all, {.order = 2});
  CHECK_MESSAGE(check, check.worst);
}
