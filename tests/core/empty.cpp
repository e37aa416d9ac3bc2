// Arrays without rows or columns, which have no numbers to point at: what a sanitizer objects to.

#include <hourglass/core/curvature.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/ops.hpp>

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace hourglass {
namespace {

constexpr Shape shapes[] = {{0, 3}, {3, 0}, {0, 0}};

Array64 ones(Shape shape) {
  Array64 x = empty64(shape);
  x.fill(1);
  return x;
}

// The gradient and a Hessian-vector product of the sum of f's entries.
void differentiate(const std::vector<Shape>& inputs,
                   const std::function<Var(const std::vector<Var>&)>& f) {
  std::vector<Parameter> parameters;
  for (const Shape& s : inputs) parameters.push_back({"x", filled(s, 2)});
  std::vector<Parameter*> all;
  std::vector<Array> along;
  for (Parameter& p : parameters) all.push_back(&p), along.push_back(p.value);
  Tape tape;
  const auto loss = [&] {
    tape.begin();
    std::vector<Var> x;
    for (Parameter& p : parameters) x.push_back(tape.leaf(p));
    const Var y = f(x);
    return sum_all(mul(y, y));
  };
  tape.backward(loss());
  for (const Parameter& p : parameters) CHECK(shape_of(p.grad) == shape_of(p.value));
  hvp(tape, loss(), all, along);
}

}  // namespace

TEST_CASE("empty: products have the shape they should, and zeros where nothing is added up") {
  for (const std::size_t m : {0u, 1u, 3u})
    for (const std::size_t k : {0u, 2u})
      for (const std::size_t n : {0u, 1u, 5u})
        for (const bool ta : {false, true})
          for (const bool tb : {false, true}) {
            const Shape a = ta ? Shape{k, m} : Shape{m, k}, b = tb ? Shape{n, k} : Shape{k, n};
            const Array64 product = kernels::product(ones(a), ones(b), ta, tb);
            CHECK(shape_of(product) == Shape{m, n});
            for (const double entry : product) CHECK(entry == double(k));
            differentiate({a, b},
                          [&](const std::vector<Var>& x) { return matmul(x[0], x[1], ta, tb); });
          }
  const Array none = empty({2, 0});
  Array out = filled({2, 2}, 3);
  kernels::gemm<Real>(1, {none.data(), {2, 0}}, {none.data(), {2, 0}, true}, 2, out.data());
  CHECK(out == filled({2, 2}, 6));
}

TEST_CASE("empty: every op takes arrays without rows or without columns, at both orders") {
  for (const Shape& s : shapes) {
    CAPTURE(s.str());
    const auto one = [&](const std::function<Var(Var)>& f) {
      differentiate({s}, [&](const std::vector<Var>& x) { return f(x[0]); });
    };
    const auto two = [&](const std::function<Var(Var, Var)>& f, Shape second) {
      differentiate({s, second}, [&](const std::vector<Var>& x) { return f(x[0], x[1]); });
    };
    for (const auto& f : std::vector<std::function<Var(Var)>>{
             [](Var x) { return tanh(x); },
             [](Var x) { return sigmoid(x); },
             [](Var x) { return erf(x); },
             [](Var x) { return exp(x); },
             [](Var x) { return log(x); },
             [](Var x) { return sqrt(x); },
             [](Var x) { return square(x); },
             [](Var x) { return softplus(x); },
             [](Var x) { return elu(x); },
             [](Var x) { return relu(x); },
             [](Var x) { return hard_threshold(x, 1); },
             [](Var x) { return clamp(x, 0, 1); },
             [](Var x) { return abs(x); },
             stop_gradient,
             transpose,
             col_sums,
             row_sums,
             sum_all,
             half_squared_norm,
             normalise_rows,
             log_sum_exp,
             normalise_columns,
             inverse_row_norms,
             [](Var x) { return slice_columns(x, 0, x.shape().columns); },
             [](Var x) { return slice_columns(x, x.shape().columns, 0); },
             [](Var x) { return pad_columns(x, 1, x.shape().columns + 2); },
             [](Var x) { return concat_columns(x, x); }})
      one(f);
    for (const auto& f :
         std::vector<std::function<Var(Var, Var)>>{add, sub, mul, div, dot, row_dots, gate})
      two(f, s);
    two(add_row, {1, s.columns});
    two(mul_row, {1, s.columns});
    two(rows_like, {1, s.columns});
    two(mul_column, {s.rows, 1});
    two(columns_like, {s.rows, 1});
    two(scale_by, {1, 1});
    two(spread_like, {1, 1});
    if (s.rows == s.columns) {
      one([](Var x) { return trace(x); });
      two(diagonal_like, {1, 1});
    }
  }
}

}  // namespace hourglass
