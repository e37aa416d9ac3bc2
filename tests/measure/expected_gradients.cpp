// The gradient that the tape computes, averaged over samples, against the closed forms of its
// expectation, within the standard error of the average.

#include "../golden_generative.hpp"
#include <hourglass/data/generative.hpp>
#include <hourglass/measure/matching.hpp>
#include <hourglass/model/layers.hpp>
#include <hourglass/theory/generative.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace golden_generative;

namespace {

// Mean over batches of the gradient of W (n x m), and the standard error of each entry.
struct Average {
  Array64 mean, error;
  double consistency;
};

struct Case {
  GenerativeModel model;
  Array64 W;
  std::vector<double> b;
  Activation activation;
  theory::SparseCodes codes;

  explicit Case(const json& in)
      : W(matrix(in["W"])), b(shape_of(W).columns, 0.0), activation(Activation::relu) {
    const auto [n, m] = shape_of(W);
    model.dictionary = in["A"].is_array() ? matrix(in["A"]) : filled_identity(n, m);
    model.sigma = in["sigma"];
    model.seed = 21;
    if (in.contains("b")) b = in["b"].get<std::vector<double>>();
    if (in.contains("k")) model.k = in["k"];
    if (in.contains("pi") && in["pi"].is_array())
      model.weights = in["pi"].get<std::vector<double>>();
    if (in.value("coefficients", "") == "Rademacher") model.law = CoefficientLaw::rademacher();
    if (in.contains("kappa1")) model.law = CoefficientLaw::uniform(1, 2);
    if (in.contains("lambda")) activation = {Activation::hard_threshold, in["lambda"]};
    codes = {model.k, model.law.mean(), model.law.second_moment()};
  }
  static Array64 filled_identity(std::size_t n, std::size_t m) {
    Array64 A = empty64({n, m});
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t j = 0; j < m; ++j) A(r, j) = r == j;
    return A;
  }
  Array64 closed_form() const {
    const std::size_t m = b.size();
    if (model.k == 1)
      return theory::mixture_expected_gradient(
          W, model.dictionary, b,
          model.weights.empty() ? std::vector<double>(m, 1 / double(m)) : model.weights,
          model.sigma);
    if (codes.kappa1 == 0)
      return theory::sparse_expected_gradient(W, model.dictionary, codes, model.sigma);
    return theory::nonnegative_expected_gradient(W, model.dictionary, b, codes, model.sigma);
  }
  Average sampled(bool true_gates, std::size_t batches) const {
    const auto [n, m] = shape_of(W);
    Dense encoder("encoder", n, m, true);
    const Dense decoder = encoder.tied("decoder");
    encoder.weight->value = to_real(transposed(W));
    for (std::size_t j = 0; j < b.size(); ++j) encoder.bias->value(0, j) = static_cast<Real>(b[j]);
    const GenerativeSource source(model);
    const Matching matching = identity_matching(W, model.dictionary, Signs::free);
    GenerativeBatch batch;
    Array gates;
    Tape tape;
    Array64 sum = empty64({m, n}), squares = empty64({m, n});
    sum.fill(0);
    squares.fill(0);
    double consistency = 0;
    for (std::size_t t = 0; t < batches; ++t) {
      source.draw(t, 2000, batch);
      data::support_indicator(batch, b.size(), gates);
      tape.begin(t);
      const Var x = tape.constant(batch.x), h = encoder(x);
      const Var code = true_gates ? mul(h, tape.constant(gates)) : activation(h);
      consistency += gate_errors(code.value(), batch.support, model.k, matching).consistency;
      tape.backward(half_squared_error(decoder(code), x));
      for (std::size_t i = 0; i < sum.size(); ++i) {
        const auto g = static_cast<double>(encoder.weight->grad.data()[i]);
        sum.data()[i] += g;
        squares.data()[i] += g * g;
      }
    }
    const double count = double(batches);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum.data()[i] /= count;
      const double variance = squares.data()[i] / count - sum.data()[i] * sum.data()[i];
      squares.data()[i] = std::sqrt(std::max(0.0, variance) / (count - 1));
    }
    return {transposed(sum), transposed(squares), consistency / count};
  }
};

double norm(const Array64& x) {
  double squared = 0;
  for (const double entry : x) squared += entry * entry;
  return std::sqrt(squared);
}

double distance(const Array64& x, const Array64& y) {
  const Array64 difference = x - y;
  return norm(difference);
}

// Every entry within z standard errors, of both where the reference was drawn too.
void check_entries(const Average& found, const Array64& expected, const Array64& error, double z) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double allowed = z * std::hypot(found.error.data()[i], error.data()[i]);
    CHECK(std::abs(found.mean.data()[i] - expected.data()[i]) <= allowed);
  }
}

}  // namespace

TEST_CASE("expected gradients: the network's own where codes are consistent") {
  for (const char* name : {"mog_true_gradient_consistent", "sparse_true_gradient_consistent",
                           "nonneg_true_gradient_consistent"}) {
    CAPTURE(name);
    const json& one = golden_case(name);
    const Case problem(one["inputs"]);
    const Array64 closed = problem.closed_form();
    CHECK(distance(closed, matrix(one["outputs"]["closed_form"])) < 1e-12);
    const Average found = problem.sampled(false, 60);
    const double most = one["tolerance"]["mc_relative_error_at_most"];
    CHECK(distance(found.mean, closed) < most * norm(found.error));
    CHECK(norm(found.error) < 0.05 * norm(closed));  // a test that could fail
    CHECK(std::abs(found.consistency - one["outputs"]["consistency"].get<double>()) <
          one["tolerance"]["consistency_abs"].get<double>());
  }
}

TEST_CASE("expected gradients: with the true gates anywhere; the network's is then another") {
  for (const char* name : {"mog_monte_carlo", "sparse_monte_carlo", "nonneg_monte_carlo"}) {
    CAPTURE(name);
    const json& one = golden_case(name);
    const json& out = one["outputs"];
    const Case problem(one["inputs"]);
    const Array64 closed = problem.closed_form();
    CHECK(distance(closed, matrix(out["closed_form"])) < 1e-12);
    const Average surrogate = problem.sampled(true, 60), network = problem.sampled(false, 60);
    Array64 none = closed;
    none.fill(0);
    const double z = one["tolerance"]["z"];
    check_entries(surrogate, closed, none, z);
    check_entries(surrogate, matrix(out["mc_surrogate"]), matrix(out["mc_surrogate_se"]), z);
    check_entries(network, matrix(out["mc_true_gradient"]), matrix(out["mc_true_gradient_se"]), z);
    CHECK(distance(network.mean, closed) > 20 * norm(network.error));
  }
}
