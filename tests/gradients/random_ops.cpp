#include "random_ops.hpp"

#include <algorithm>

namespace hourglass::gradients {

double& nearest_kink() {
  static double distance = INFINITY;
  return distance;
}

namespace {

using Vars = const std::vector<Var>&;
using Matrices = const std::vector<Matrix>&;

bool above(const Number& x, double kink) {
  nearest_kink() = std::min(nearest_kink(), std::abs(real(x) - kink));
  return real(x) > kink;
}

Number sigmoid_of(Number x) { return 1 / (1 + exp(-x)); }
Number absolute(Number x) { return above(x, 0) ? x : -x; }

template <class F>
Matrix matrix(Shape shape, F entry) {
  Matrix result{shape, {}};
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < shape.columns; ++j) result.numbers.push_back(entry(i, j));
  return result;
}

template <class F>
Matrix single(F entry) {
  return matrix({1, 1}, [&](std::size_t, std::size_t) { return entry(); });
}

Number total(const Matrix& x, const Matrix& y) {
  Number sum = 0;
  for (std::size_t i = 0; i < x.numbers.size(); ++i) sum = sum + x.numbers[i] * y.numbers[i];
  return sum;
}
Number total(const Matrix& x) {
  Number sum = 0;
  for (const Number& entry : x.numbers) sum = sum + entry;
  return sum;
}

Matrix turned(const Matrix& x) {
  return matrix({x.shape.columns, x.shape.rows},
                [&](std::size_t i, std::size_t j) { return x(j, i); });
}

// of f along each row, a column
template <class F>
Matrix by_row(const Matrix& x, F f) {
  return matrix({x.shape.rows, 1}, [&](std::size_t i, std::size_t) {
    Number sum = 0;
    for (std::size_t j = 0; j < x.shape.columns; ++j) sum = sum + f(i, j);
    return sum;
  });
}

Matrix row_norms(const Matrix& x) {
  Matrix result = by_row(x, [&](std::size_t i, std::size_t j) { return x(i, j) * x(i, j); });
  for (Number& entry : result.numbers) {
    entry = sqrt(entry);
    // derivatives grow as powers of 1/norm, and cancel in what is divided by it
    nearest_kink() = std::min(nearest_kink(), 0.002 * real(entry));
  }
  return result;
}

Matrix normal_rows(const Matrix& x) {
  const Matrix norms = row_norms(x);
  return matrix(x.shape, [&](std::size_t i, std::size_t j) { return x(i, j) / norms(i, 0); });
}

// A function of each entry, of any shape.
RandomOp on_entries(const std::string& covers, std::function<Var(Var)> record,
                    std::function<Number(Number)> f) {
  return {covers, [=](Draw& draw) {
            return Drawn{{draw.shape()},
                         [=](Vars x) { return record(x[0]); },
                         [=](Matrices x) {
                           return matrix(x[0].shape, [&](std::size_t i, std::size_t j) {
                             return f(x[0](i, j));
                           });
                         }};
          }};
}

// A function of the entries of two matrices, of which the second may be smaller.
enum class Second { same, row, column, scalar };
RandomOp on_pairs(const std::string& covers, Second second, std::function<Var(Var, Var)> record,
                  std::function<Number(Number, Number)> f) {
  return {covers, [=](Draw& draw) {
            const Shape s = draw.shape();
            const Shape t{second == Second::same || second == Second::column ? s.rows : 1,
                          second == Second::same || second == Second::row ? s.columns : 1};
            return Drawn{{s, t},
                         [=](Vars x) { return record(x[0], x[1]); },
                         [=](Matrices x) {
                           return matrix(x[0].shape, [&](std::size_t i, std::size_t j) {
                             return f(x[0](i, j), x[1](t.rows > 1 ? i : 0, t.columns > 1 ? j : 0));
                           });
                         }};
          }};
}

// A function of one matrix of any shape, or of two of the same.
RandomOp on_matrix(const std::string& covers, std::function<Var(Var)> record,
                   std::function<Matrix(const Matrix&)> f) {
  return {covers, [=](Draw& draw) {
            return Drawn{{draw.shape()},
                         [=](Vars x) { return record(x[0]); },
                         [=](Matrices x) { return f(x[0]); }};
          }};
}
RandomOp on_matrices(const std::string& covers, std::function<Var(Var, Var)> record,
                     std::function<Matrix(const Matrix&, const Matrix&)> f) {
  return {covers, [=](Draw& draw) {
            const Shape s = draw.shape();
            return Drawn{{s, s},
                         [=](Vars x) { return record(x[0], x[1]); },
                         [=](Matrices x) { return f(x[0], x[1]); }};
          }};
}

Drawn product(Draw& draw) {
  const std::size_t m = draw.length(), k = draw.length(), n = draw.length();
  const bool ta = draw.below(2), tb = draw.below(2);
  return {{ta ? Shape{k, m} : Shape{m, k}, tb ? Shape{n, k} : Shape{k, n}},
          [=](Vars x) { return matmul(x[0], x[1], ta, tb); },
          [=](Matrices x) {
            return matrix({m, n}, [&](std::size_t i, std::size_t j) {
              Number sum = 0;
              for (std::size_t p = 0; p < k; ++p)
                sum = sum + (ta ? x[0](p, i) : x[0](i, p)) * (tb ? x[1](j, p) : x[1](p, j));
              return sum;
            });
          }};
}

Drawn slice(Draw& draw) {
  const Shape s = draw.shape();
  const std::size_t first = draw.below(s.columns), count = 1 + draw.below(s.columns - first);
  return {{s},
          [=](Vars x) { return slice_columns(x[0], first, count); },
          [=](Matrices x) {
            return matrix({s.rows, count},
                          [&](std::size_t i, std::size_t j) { return x[0](i, first + j); });
          }};
}

Drawn pad(Draw& draw) {
  const Shape s{draw.length(), 1 + draw.below(2)};
  const std::size_t first = draw.below(2), columns = s.columns + first + draw.below(2);
  return {{s},
          [=](Vars x) { return pad_columns(x[0], first, columns); },
          [=](Matrices x) {
            return matrix({s.rows, columns}, [&](std::size_t i, std::size_t j) {
              return j >= first && j < first + s.columns ? x[0](i, j - first) : Number(0);
            });
          }};
}

Drawn concat(Draw& draw) {
  const Shape a{draw.length(), 1 + draw.below(2)}, b{a.rows, 1 + draw.below(2)};
  return {{a, b},
          [](Vars x) { return concat_columns(x[0], x[1]); },
          [=](Matrices x) {
            return matrix({a.rows, a.columns + b.columns}, [&](std::size_t i, std::size_t j) {
              return j < a.columns ? x[0](i, j) : x[1](i, j - a.columns);
            });
          }};
}

Drawn on_diagonal(Draw& draw) {
  const std::size_t n = draw.length();
  return {{{n, n}, {1, 1}},
          [](Vars x) { return diagonal_like(x[0], x[1]); },
          [=](Matrices x) {
            return matrix({n, n}, [&](std::size_t i, std::size_t j) {
              return i == j ? x[1](0, 0) : Number(0);
            });
          }};
}

Drawn diagonal_sum(Draw& draw) {
  const std::size_t n = draw.length();
  return {{{n, n}},
          [](Vars x) { return trace(x[0]); },
          [=](Matrices x) {
            Number sum = 0;
            for (std::size_t i = 0; i < n; ++i) sum = sum + x[0](i, i);
            return single([&] { return sum; });
          }};
}

std::vector<RandomOp> arithmetic() {
  using N = Number;
  const auto positive = [](Var x) { return square(x) + 0.5; };
  return {
      {"matmul", product},
      on_pairs("add", Second::same, add, [](N x, N y) { return x + y; }),
      on_pairs("sub", Second::same, sub, [](N x, N y) { return x - y; }),
      on_pairs("mul", Second::same, mul, [](N x, N y) { return x * y; }),
      on_pairs(
          "div", Second::same, [=](Var x, Var y) { return div(x, positive(y)); },
          [](N x, N y) { return x / (y * y + 0.5); }),
      on_entries(
          "affine", [](Var x) { return affine(x, -0.7, 0.3); }, [](N x) { return -0.7 * x + 0.3; }),
      on_entries(
          "scale", [](Var x) { return scale(x, 1.2); }, [](N x) { return 1.2 * x; }),
      on_pairs(
          "operator+", Second::same, [](Var x, Var y) { return (x + 0.5) + (0.25 + y); },
          [](N x, N y) { return x + y + 0.75; }),
      on_pairs(
          "operator-", Second::same, [](Var x, Var y) { return -(x - 0.5) - (0.25 - y); },
          [](N x, N y) { return y - x + 0.25; }),
      on_pairs(
          "operator*", Second::same, [](Var x, Var y) { return (x * 0.5) * (1.5 * y); },
          [](N x, N y) { return 0.75 * x * y; }),
      on_pairs(
          "operator/", Second::same, [=](Var x, Var y) { return (x / 2) / positive(y); },
          [](N x, N y) { return 0.5 * x / (y * y + 0.5); }),
      on_matrices(
          "dot", dot,
          [](const Matrix& x, const Matrix& y) { return single([&] { return total(x, y); }); }),
      on_matrix("half_squared_norm", half_squared_norm,
                [](const Matrix& x) { return single([&] { return 0.5 * total(x, x); }); }),
      on_matrices("half_squared_error", half_squared_error,
                  [](const Matrix& y, const Matrix& x) {
                    return single([&] {
                      return (total(y, y) + total(x, x) - 2 * total(x, y)) /
                             (2 * double(x.shape.rows));
                    });
                  }),
  };
}

std::vector<RandomOp> broadcasts() {
  using N = Number;
  return {
      on_pairs("add_row", Second::row, add_row, [](N x, N r) { return x + r; }),
      on_pairs("mul_row", Second::row, mul_row, [](N x, N r) { return x * r; }),
      on_pairs("mul_column", Second::column, mul_column, [](N x, N c) { return x * c; }),
      on_pairs("scale_by", Second::scalar, scale_by, [](N x, N s) { return x * s; }),
      on_pairs("rows_like", Second::row, rows_like, [](N, N r) { return r; }),
      on_pairs("columns_like", Second::column, columns_like, [](N, N c) { return c; }),
      on_pairs("spread_like", Second::scalar, spread_like, [](N, N s) { return s; }),
      {"diagonal_like", on_diagonal},
      {"trace", diagonal_sum},
      {"slice_columns", slice},
      {"pad_columns", pad},
      {"concat_columns", concat},
      on_matrix("transpose", transpose, turned),
      on_pairs("gate", Second::same, gate, [](N g, N x) { return above(x, 0) ? g : N(0); }),
      on_entries("stop_gradient", stop_gradient, [](N x) { return N(real(x)); }),
  };
}

std::vector<RandomOp> reductions() {
  const auto down = [](const Matrix& x, double factor) {
    return turned(
        by_row(turned(x), [&](std::size_t j, std::size_t i) { return factor * x(i, j); }));
  };
  const auto along = [](const Matrix& x, double factor) {
    return by_row(x, [&](std::size_t i, std::size_t j) { return factor * x(i, j); });
  };
  return {
      on_matrix("col_sums", col_sums, [=](const Matrix& x) { return down(x, 1); }),
      on_matrix("col_means", col_means,
                [=](const Matrix& x) { return down(x, 1 / double(x.shape.rows)); }),
      on_matrix("row_sums", row_sums, [=](const Matrix& x) { return along(x, 1); }),
      on_matrix("row_means", row_means,
                [=](const Matrix& x) { return along(x, 1 / double(x.shape.columns)); }),
      on_matrix("sum_all", sum_all,
                [](const Matrix& x) { return single([&] { return total(x); }); }),
      on_matrix("mean_all", mean_all,
                [](const Matrix& x) {
                  return single([&] { return total(x) / double(x.numbers.size()); });
                }),
      on_matrices("row_dots", row_dots,
                  [](const Matrix& x, const Matrix& y) {
                    return by_row(x,
                                  [&](std::size_t i, std::size_t j) { return x(i, j) * y(i, j); });
                  }),
      on_matrix("log_sum_exp", log_sum_exp,
                [](const Matrix& x) {
                  Matrix sums =
                      by_row(x, [&](std::size_t i, std::size_t j) { return exp(x(i, j)); });
                  for (Number& entry : sums.numbers) entry = log(entry);
                  return sums;
                }),
      on_matrix("inverse_row_norms", inverse_row_norms,
                [](const Matrix& x) {
                  Matrix norms = row_norms(x);
                  for (Number& entry : norms.numbers) entry = 1 / entry;
                  return norms;
                }),
      on_matrix("normalise_rows", normalise_rows, normal_rows),
      on_matrix("normalise_columns", normalise_columns,
                [](const Matrix& x) { return turned(normal_rows(turned(x))); }),
  };
}

std::vector<RandomOp> functions() {
  using N = Number;
  return {
      on_entries(
          "tanh", [](Var x) { return tanh(x); }, [](N x) { return tanh(x); }),
      on_entries(
          "sigmoid", [](Var x) { return sigmoid(x); }, sigmoid_of),
      on_entries(
          "erf", [](Var x) { return erf(x); }, [](N x) { return erf(x); }),
      on_entries(
          "exp", [](Var x) { return exp(x); }, [](N x) { return exp(x); }),
      on_entries(
          "square", [](Var x) { return square(x); }, [](N x) { return x * x; }),
      on_entries(
          "log", [](Var x) { return log(square(x) + 0.3); }, [](N x) { return log(x * x + 0.3); }),
      on_entries(
          "sqrt", [](Var x) { return sqrt(square(x) + 0.3); },
          [](N x) { return sqrt(x * x + 0.3); }),
      on_entries(
          "softplus", [](Var x) { return softplus(x); }, [](N x) { return log(1 + exp(x)); }),
      on_entries(
          "abs", [](Var x) { return abs(x); }, absolute),
      on_entries(
          "relu", [](Var x) { return relu(x); }, [](N x) { return above(x, 0) ? x : N(0); }),
      on_entries(
          "leaky_relu", [](Var x) { return leaky_relu(x, 0.2); },
          [](N x) { return above(x, 0) ? x : 0.2 * x; }),
      on_entries(
          "elu", [](Var x) { return elu(x, 0.6); },
          [](N x) { return above(x, 0) ? x : 0.6 * (exp(x) - 1); }),
      on_entries(
          "hard_threshold", [](Var x) { return hard_threshold(x, 0.4); },
          [](N x) { return above(absolute(x), 0.4) ? x : N(0); }),
      on_entries(
          "clamp", [](Var x) { return clamp(x, -0.5, 0.75); },
          [](N x) { return above(x, 0.75)   ? N(0.75)
                           : above(x, -0.5) ? x
                                            : N(-0.5); }),
  };
}

}  // namespace

const std::vector<RandomOp>& random_ops() {
  static const std::vector<RandomOp> all = [] {
    std::vector<RandomOp> result;
    for (const auto& part : {arithmetic(), broadcasts(), reductions(), functions()})
      result.insert(result.end(), part.begin(), part.end());
    return result;
  }();
  return all;
}

}  // namespace hourglass::gradients
