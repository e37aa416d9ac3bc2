#include "matrix.hpp"

namespace hourglass::gradients {
namespace {

// of one 3x2 argument, with a kink at most at 0
GradientCase on_one(const std::string& covers, const std::string& setting,
                    const std::function<Var(Var)>& f, Values values = Values::off_zero) {
  return on_arguments(
      covers, setting, {{3, 2}}, [f](auto& x) { return f(x[0]); }, values);
}

std::vector<GradientCase> arithmetic() {
  return {
      on_arguments("matmul", "", {{3, 4}, {4, 2}}, [](auto& x) { return matmul(x[0], x[1]); }),
      on_arguments("matmul", "a transposed", {{4, 3}, {4, 2}},
                   [](auto& x) { return matmul(x[0], x[1], true, false); }),
      on_arguments("matmul", "b transposed", {{3, 4}, {2, 4}},
                   [](auto& x) { return matmul(x[0], x[1], false, true); }),
      on_arguments("matmul", "both transposed", {{4, 3}, {2, 4}},
                   [](auto& x) { return matmul(x[0], x[1], true, true); }),
      on_arguments("matmul", "by itself", {{3, 3}},
                   [](auto& x) { return matmul(x[0], x[0], false, true); }),
      on_arguments("add", "", {{3, 2}, {3, 2}}, [](auto& x) { return add(x[0], x[1]); }),
      on_arguments("sub", "", {{3, 2}, {3, 2}}, [](auto& x) { return sub(x[0], x[1]); }),
      on_arguments("mul", "", {{3, 2}, {3, 2}}, [](auto& x) { return mul(x[0], x[1]); }),
      on_arguments(
          "div", "", {{3, 2}, {3, 2}}, [](auto& x) { return div(x[0], x[1]); }, Values::positive),
      on_one("affine", "", [](Var x) { return affine(x, -2, 0.3); }),
      on_one("scale", "", [](Var x) { return scale(x, -1.7); }),
      on_arguments("operator+", "arrays and numbers", {{3, 2}, {3, 2}},
                   [](auto& x) { return (x[0] + 0.5) + (0.25 + x[1]); }),
      on_arguments("operator-", "arrays and numbers", {{3, 2}, {3, 2}},
                   [](auto& x) { return -(x[0] - 0.5) - (0.25 - x[1]); }),
      on_arguments("operator*", "arrays and numbers", {{3, 2}, {3, 2}},
                   [](auto& x) { return (x[0] * 0.5) * (2.0 * x[1]); }),
      on_arguments(
          "operator/", "arrays and numbers", {{3, 2}, {3, 2}},
          [](auto& x) { return (x[0] / 3.0) / x[1]; }, Values::positive),
      on_arguments("half_squared_error", "", {{3, 2}, {3, 2}},
                   [](auto& x) { return half_squared_error(x[0], x[1]); }),
      on_one("half_squared_norm", "", half_squared_norm),
      on_arguments("dot", "", {{3, 2}, {3, 2}}, [](auto& x) { return dot(x[0], x[1]); }),
  };
}

std::vector<GradientCase> broadcasts_and_sums() {
  return {
      on_arguments("add_row", "", {{3, 2}, {1, 2}}, [](auto& x) { return add_row(x[0], x[1]); }),
      on_arguments("mul_row", "", {{3, 2}, {1, 2}}, [](auto& x) { return mul_row(x[0], x[1]); }),
      on_arguments("mul_column", "", {{3, 2}, {3, 1}},
                   [](auto& x) { return mul_column(x[0], x[1]); }),
      on_one("col_sums", "", col_sums),
      on_one("col_means", "", col_means),
      on_one("row_sums", "", row_sums),
      on_one("row_means", "", row_means),
      on_one("sum_all", "", sum_all),
      on_one("mean_all", "", mean_all),
      on_arguments("row_dots", "", {{3, 2}, {3, 2}}, [](auto& x) { return row_dots(x[0], x[1]); }),
      on_one("row_dots", "with itself", [](Var x) { return row_dots(x, x); }),
      on_arguments("rows_like", "", {{3, 2}, {1, 2}},
                   [](auto& x) { return rows_like(x[0], x[1]); }),
      on_arguments("columns_like", "", {{3, 2}, {3, 1}},
                   [](auto& x) { return columns_like(x[0], x[1]); }),
      on_arguments("spread_like", "", {{3, 2}, {1, 1}},
                   [](auto& x) { return spread_like(x[0], x[1]); }),
      on_arguments("scale_by", "", {{3, 2}, {1, 1}}, [](auto& x) { return scale_by(x[0], x[1]); }),
      on_arguments("trace", "", {{3, 3}}, [](auto& x) { return trace(x[0]); }),
      on_arguments("diagonal_like", "", {{3, 3}, {1, 1}},
                   [](auto& x) { return diagonal_like(x[0], x[1]); }),
      on_one("log_sum_exp", "", log_sum_exp),
      on_one("log_sum_exp", "of large numbers", [](Var x) { return log_sum_exp(x + 30.0) - 30.0; }),
      on_one("inverse_row_norms", "", inverse_row_norms, Values::positive),
      on_one("normalise_rows", "", normalise_rows, Values::positive),
      on_one("normalise_columns", "", normalise_columns, Values::positive),
  };
}

std::vector<GradientCase> shapes() {
  return {
      on_one("transpose", "", transpose),
      on_arguments("concat_columns", "", {{3, 2}, {3, 1}},
                   [](auto& x) { return concat_columns(x[0], x[1]); }),
      on_one("concat_columns", "with itself", [](Var x) { return concat_columns(x, x); }),
      on_arguments("slice_columns", "", {{3, 4}},
                   [](auto& x) { return slice_columns(x[0], 1, 2); }),
      on_one("pad_columns", "", [](Var x) { return pad_columns(x, 1, 5); }),
  };
}

// Kinks away from 0 are moved there, into the gap of the random numbers.
std::vector<GradientCase> functions() {
  return {
      on_one("tanh", "", tanh),
      on_one("sigmoid", "", sigmoid),
      on_one("erf", "", erf),
      on_one("exp", "", exp),
      on_one("square", "", square),
      on_one("log", "", log, Values::positive),
      on_one("sqrt", "", sqrt, Values::positive),
      on_one("softplus", "", softplus),
      on_one("abs", "", abs),
      on_one("relu", "", relu),
      on_one("leaky_relu", "", [](Var x) { return leaky_relu(x, 0.1); }),
      on_one("elu", "alpha 1", [](Var x) { return elu(x); }),
      on_one("elu", "alpha 0.5", [](Var x) { return elu(x, 0.5); }),
      on_one("hard_threshold", "from above", [](Var x) { return hard_threshold(x + 9.0, 9); }),
      on_one("hard_threshold", "from below", [](Var x) { return hard_threshold(x - 9.0, 9); }),
      on_one("clamp", "from below", [](Var x) { return clamp(x + 2.0, 2, 99); }),
      on_one("clamp", "from above", [](Var x) { return clamp(x + 2.0, -99, 2); }),
      on_arguments("gate", "", {{3, 2}, {3, 2}}, [](auto& x) { return gate(x[0], x[1]); }),
      on_one(
          "stop_gradient", "of a constant",
          [c = random({3, 2}, 5)](Var x) { return mul(x, stop_gradient(tape_of(x).constant(c))); }),
  };
}

}  // namespace

Group ops() {
  Group group{"ops", {"core/ops.hpp"}, arithmetic(), {}};
  for (const auto& part : {broadcasts_and_sums(), shapes(), functions()})
    group.cases.insert(group.cases.end(), part.begin(), part.end());
  return group;
}

}  // namespace hourglass::gradients
