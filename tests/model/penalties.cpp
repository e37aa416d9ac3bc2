#include <hourglass/core/check.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr double precision = sizeof(Real) == sizeof(float) ? 1e-5 : 1e-13;

Array rows(Shape shape, std::uint64_t seed) {
  Array x = empty(shape);
  Stream{.seed = seed}.normals(0, 0, x);
  return x;
}

// The penalty alone, on weights that are given: a pass without samples.
struct Weights {
  Parameter w1{"encoder.W", rows({2, 3}, 1)}, w2{"decoder.W", rows({3, 2}, 2)};
  Parameter b{.name = "encoder.b", .value = rows({1, 2}, 3), .bias = true};
  std::vector<Parameter*> all{&w1, &w2, &b};
  double value(const Penalty& penalty) {
    Tape tape;
    tape.begin();
    return double(penalty({tape.constant(Real(0)), all}).item());
  }
};

double sum_of(const Array& w, auto f) {
  double total = 0;
  for (const Real x : w) total += f(double(x));
  return total;
}
double square_of(double x) { return x * x; }

}  // namespace

TEST_CASE("penalties: on weights, by plain loops") {
  Weights w;
  const Array &w1 = w.w1.value, &w2 = w.w2.value, &b = w.b.value;
  const auto size = [](double x) { return std::abs(x); };
  const double squares1 = sum_of(w1, square_of), squares2 = sum_of(w2, square_of);
  const auto near = [](double x) { return doctest::Approx(x).epsilon(precision); };
  CHECK(w.value(l2(0.6)) == near(0.3 * (squares1 + squares2)));
  CHECK(w.value(l2(0.6, true)) == near(0.3 * (squares1 + squares2 + sum_of(b, square_of))));
  CHECK(w.value(l2_of(0.6, {"decoder.W"})) == near(0.3 * squares2));
  CHECK(w.value(l2_of(0.6, {"encoder.b", "encoder.W"})) ==
        near(0.3 * (squares1 + sum_of(b, square_of))));
  CHECK(w.value(l1(0.6)) == near(0.6 * (sum_of(w1, size) + sum_of(w2, size))));
  CHECK(w.value(l1(0.6, true)) ==
        near(0.6 * (sum_of(w1, size) + sum_of(w2, size) + sum_of(b, size))));
  double product_squares = 0, units = 0, frame1 = 0, frame2 = 0;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      double entry = 0;
      for (std::size_t h = 0; h < 2; ++h) entry += double(w2(i, h)) * double(w1(h, j));
      product_squares += entry * entry;
    }
  for (std::size_t h = 0; h < 2; ++h)
    for (std::size_t i = 0; i < 3; ++i)
      units +=
          (h == 0 ? 0.2 : 0.7) / 2 * (square_of(double(w1(h, i))) + square_of(double(w2(i, h))));
  for (std::size_t h = 0; h < 2; ++h)
    for (std::size_t k = 0; k < 2; ++k) {
      double entry1 = h == k ? -1 : 0, entry2 = entry1;
      for (std::size_t i = 0; i < 3; ++i) {
        entry1 += double(w1(h, i)) * double(w1(k, i));
        entry2 += double(w2(i, h)) * double(w2(i, k));
      }
      frame1 += entry1 * entry1, frame2 += entry2 * entry2;
    }
  CHECK(w.value(product(0.6)) == near(0.3 * product_squares));
  CHECK(w.value(non_uniform_l2({0.2, 0.7})) == near(units));
  CHECK(w.value(orthogonality(0.6)) == near(0.3 * (frame1 + frame2)));
}

TEST_CASE("penalties: what they refuse") {
  Weights w;
  CHECK_THROWS_WITH_AS(w.value(l2_of(1, {"W9"})),
                       "penalty: no parameter 'W9'; there are encoder.W, decoder.W, encoder.b",
                       std::out_of_range);
  CHECK_THROWS_AS(w.value(product(1, "W9")), std::out_of_range);
  CHECK_THROWS_WITH_AS(w.value(non_uniform_l2({1, 2, 3})),
                       "non_uniform_l2: 3 gammas for encoder.W (2x3) and decoder.W (3x2); expected "
                       "one for each latent unit",
                       std::invalid_argument);
  CHECK_THROWS_AS(w.value(kl_sparsity(0.1, 1)), std::logic_error);  // there is no code
  CHECK_THROWS_AS(w.value(contractive(1)), std::logic_error);
  for (const double gamma : {double(NAN), double(INFINITY)}) {
    CHECK_THROWS_AS(l1(gamma), std::invalid_argument);
    CHECK_THROWS_AS(l2_of(gamma, {"encoder.W"}), std::invalid_argument);
    CHECK_THROWS_AS(product(gamma), std::invalid_argument);
    CHECK_THROWS_AS(non_uniform_l2({1, gamma}), std::invalid_argument);
    CHECK_THROWS_AS(orthogonality(gamma), std::invalid_argument);
    CHECK_THROWS_AS(kl_sparsity(0.5, gamma), std::invalid_argument);
    CHECK_THROWS_AS(contractive(gamma), std::invalid_argument);
  }
  CHECK_THROWS_AS(kl_sparsity(1, 1), std::invalid_argument);
}

TEST_CASE("penalties: sparsity of a sigmoid code, by plain loops") {
  Autoencoder model =
      shallow_autoencoder(4, 3, {.activation = Activation::sigmoid, .biases = true});
  init::gaussian(model.parameters(), 0.7, {.seed = 5});
  const Array x = rows({5, 4}, 1);
  Tape tape;
  tape.begin();
  const double without = double(model.loss(tape, x).item());
  const Array code = model.code(tape.constant(x)).value();
  double expected = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    double mean = 0;
    for (std::size_t n = 0; n < 5; ++n) mean += double(code(n, k)) / 5;
    expected += 0.05 * std::log(0.05 / mean) + 0.95 * std::log(0.95 / (1 - mean));
  }
  model.penalties = {kl_sparsity(0.05, 0.3)};
  tape.begin();
  CHECK(double(model.loss(tape, x).item()) - without ==
        doctest::Approx(0.3 * expected).epsilon(10 * precision));

  Autoencoder linear = linear_autoencoder(4, 3);
  linear.parameter("encoder.W").value.fill(-1);
  linear.penalties = {kl_sparsity(0.05, 0.3)};
  const Array ones = filled({2, 4}, 1);
  CHECK_THROWS_WITH_AS(
      linear.loss(tape, ones),
      "kl_sparsity: code unit 0 has the mean -4.000000, expected one between 0 and "
      "1, as a sigmoid's",
      std::domain_error);
}

namespace {

double contraction(const Autoencoder& model, const Array& x) {
  Tape tape;
  tape.begin();
  const Var input = tape.constant(x);
  const Var loss =
      contractive(2)({tape.constant(Real(0)), model.parameters(), input, model.code(input)});
  return double(loss.item()) * static_cast<double>(shape_of(x).rows);  // sum_b ||J_b||^2
}

}  // namespace

TEST_CASE("penalties: the contractive penalty of one layer is its closed form") {
  // sum_k g'(pre-activation k)^2 ||W_k||^2
  const Array x = rows({5, 4}, 1);
  for (const char* name : {"sigmoid", "tanh"}) {
    Autoencoder model =
        shallow_autoencoder(4, 3, {.activation = activation_named(name), .biases = true});
    init::gaussian(model.parameters(), 0.7, {.seed = 5});
    const Array& w = model.parameter("encoder.W").value;
    Stream{.seed = 6}.normals(0, 0, model.parameter("encoder.b").value);
    Tape tape;
    const Array code = model.code(tape.constant(x)).value();
    double expected = 0;
    for (std::size_t n = 0; n < 5; ++n)
      for (std::size_t k = 0; k < 3; ++k) {
        const double y = double(code(n, k));
        const double slope = name == std::string("tanh") ? 1 - y * y : y * (1 - y);
        for (std::size_t d = 0; d < 4; ++d) expected += square_of(slope * double(w(k, d)));
      }
    CHECK(contraction(model, x) == doctest::Approx(expected).epsilon(precision));
  }
}

TEST_CASE("penalties: the contractive penalty of a deep encoder is its Jacobian's norm") {
  const Dense first("first", 4, 5, true), second("second", 5, 2, true), up("up", 2, 4);
  Autoencoder model(Encoder({first, Activation::tanh, second, Activation::sigmoid}), Decoder({up}));
  init::gaussian(model.parameters(), 0.7, {.seed = 5});
  const Array x = rows({3, 4}, 1);
  // J = diag(s') W2 diag(1 - h^2) W1
  double expected = 0;
  Tape tape;
  const Array hidden = tanh(first(tape.constant(x))).value();
  const Array code = model.code(tape.constant(x)).value();
  for (std::size_t n = 0; n < 3; ++n)
    for (std::size_t k = 0; k < 2; ++k)
      for (std::size_t d = 0; d < 4; ++d) {
        double entry = 0;
        for (std::size_t h = 0; h < 5; ++h)
          entry += double(second.weight->value(k, h)) * (1 - square_of(double(hidden(n, h)))) *
                   double(first.weight->value(h, d));
        const double y = double(code(n, k));
        expected += square_of(y * (1 - y) * entry);
      }
  CHECK(contraction(model, x) == doctest::Approx(expected).epsilon(precision));

  // and the gradient of that norm, through the recorded gradients, against differences
  model.penalties = {contractive(1.5)};
  model.corrupt = GaussianNoise{.variance = 0.2, .stream = {.seed = 3, .id = 4}};
  // in single precision the usual step of 4e-2 would leave a truncation error of 2e-3
  const bool single = sizeof(Real) == sizeof(float);
  const double tolerance = single ? 5e-4 : 1e-7, step = single ? 2e-2 : 0;
  const GradientCheck check =
      check_gradients([&](Tape& t) { return model.loss(t, x); }, model.parameters(),
                      {.order = 2, .tolerance = tolerance, .step = step});
  CHECK_MESSAGE(check, check.worst);
}

TEST_CASE("penalties: non-uniform decay ends at the ordered minimum") {
  // docs/theory/linear.md, section 9.6: columns of W2 are +-sqrt(1 - gamma_j/lambda_j) v_j
  const double lambda[] = {3, 2, 1, 0.5}, gamma[] = {0.1, 0.3};
  Array x = filled({4, 4}, 0);  // X^T X / 4 = diag(lambda)
  for (std::size_t i = 0; i < 4; ++i) x(i, i) = static_cast<Real>(std::sqrt(4 * lambda[i]));
  Autoencoder model = linear_autoencoder(4, 2);
  model.penalties = {penalty_named("non_uniform_l2:0.1:0.3")};
  init::gaussian(model.parameters(), 0.3, {.seed = 8});
  // the curvature that orders the units is 0.0037: 60 time constants
  Optimiser descent = optimiser_named("sgd:0.1:nesterov=0.9");
  Tape tape;
  double loss = 0;
  for (int t = 0; t < 16000; ++t) {
    tape.begin();
    const Var value = model.loss(tape, x);
    loss = double(value.item());
    tape.backward(value);
    descent.step(model.parameters());
  }
  const double tolerance = sizeof(Real) == sizeof(float) ? 1e-3 : 1e-9;
  const Array &w1 = model.parameter("encoder.W").value, &w2 = model.parameter("decoder.W").value;
  double minimum = (lambda[2] + lambda[3]) / 2;
  for (std::size_t j = 0; j < 2; ++j) {
    minimum += gamma[j] - gamma[j] * gamma[j] / (2 * lambda[j]);
    for (std::size_t i = 0; i < 4; ++i) {
      const double expected = i == j ? std::sqrt(1 - gamma[j] / lambda[j]) : 0;
      CHECK(std::abs(std::abs(double(w2(i, j))) - expected) < tolerance);
      CHECK(std::abs(double(w1(j, i)) - double(w2(i, j))) < tolerance);
    }
  }
  CHECK(loss == doctest::Approx(minimum).epsilon(tolerance));
}

TEST_CASE("penalties: by text") {
  Autoencoder model =
      shallow_autoencoder(4, 2, {.activation = Activation::sigmoid, .biases = true});
  init::gaussian(model.parameters(), 0.7, {.seed = 5});
  const Array x = rows({5, 4}, 1);
  Tape tape;
  const auto value = [&](const Penalty& penalty) {
    tape.begin();
    model.penalties = {penalty};
    return model.loss(tape, x).item();
  };
  CHECK(value(penalty_named("l2:1e-4")) == value(l2(1e-4)));
  CHECK(value(penalty_named("l1:1e-5")) == value(l1(1e-5)));
  CHECK(value(penalty_named("product:0.3")) == value(product(0.3)));
  CHECK(value(penalty_named("non_uniform_l2:0.1:0.2")) == value(non_uniform_l2({0.1, 0.2})));
  CHECK(value(penalty_named("orthogonality:1e-2")) == value(orthogonality(1e-2)));
  CHECK(value(penalty_named("kl:0.05:0.1")) == value(kl_sparsity(0.05, 0.1)));
  CHECK(value(penalty_named("contractive:0.1")) == value(contractive(0.1)));

  const std::pair<const char*, const char*> bad[] = {
      {"l3:1",
       "penalty 'l3:1': found 'l3', expected l2, l1, product, non_uniform_l2, orthogonality, kl or "
       "contractive"},
      {"l2", "penalty 'l2': found nothing for gamma, expected a number >= 0"},
      {"l2:-1", "penalty 'l2:-1': found '-1' for gamma, expected a number >= 0"},
      {"l2:1:2", "penalty 'l2:1:2': found '2', expected no further option of l2"},
      {"l2:1,5", "penalty 'l2:1,5': found '1,5' for gamma, expected a number >= 0"},
      {"kl:1:0.1", "penalty 'kl:1:0.1': found '1' for the target, expected a number > 0 and < 1"},
      {"kl:0.1", "penalty 'kl:0.1': found nothing for gamma, expected a number >= 0"},
      {"non_uniform_l2:1:x",
       "penalty 'non_uniform_l2:1:x': found 'x' for gamma, expected a number >= 0"},
  };
  for (const auto& [text, expected] : bad)
    CHECK_THROWS_WITH_AS(penalty_named(text), expected, InputError);
}
