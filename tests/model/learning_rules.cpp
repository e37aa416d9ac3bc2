#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/learning_rules.hpp>
#include <hourglass/model/optimiser.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

constexpr double precision = sizeof(Real) == sizeof(float) ? 1e-5 : 1e-12;

Array matrix(Shape shape, const std::vector<double>& numbers) {
  Array x = empty(shape);
  std::copy(numbers.begin(), numbers.end(), x.begin());
  return x;
}

double largest_difference(const Array& x, const Array& y) {
  double result = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    result = std::max(result, std::abs(double(x.data()[i]) - double(y.data()[i])));
  return result;
}

// Rows whose second moments are diag(3, 2, 1, 0.5).
const std::vector<double> spectrum{3, 2, 1, 0.5};
Array diagonal_data() {
  Array x = filled({4, 4}, 0);
  for (std::size_t i = 0; i < 4; ++i) x(i, i) = static_cast<Real>(std::sqrt(4 * spectrum[i]));
  return x;
}

// |v_k . e_k| / |v_k| of row k
double alignment(const Array& v, std::size_t k) {
  double squares = 0;
  for (std::size_t d = 0; d < shape_of(v).columns; ++d) squares += std::pow(double(v(k, d)), 2);
  return std::abs(double(v(k, k))) / std::sqrt(squares);
}

// One sample and the weights of the handbook's reference steps.
const Array sample = matrix({1, 5}, {3.758, 0.479, 0.223, 2.275, -1.8});

}  // namespace

TEST_CASE("learning rules: one step of Sanger's rule is the reference step") {
  Parameter w{.name = "W",
              .value = matrix({3, 5}, {0.38, -0.523, -0.03, 0.305, -0.17,    //
                                       0.065, 0.645, -0.201, 0.316, -0.399,  //
                                       0.091, -0.351, 0.093, -0.388, 0.737}),
              .rate = 1.0 / 5};
  Parameter* all = &w;
  Tape tape;
  const Var loss = sanger(tape.leaf(w), tape.constant(sample));
  // 1/(2D) ||x - W^T W x||^2
  double expected = 0, y[3] = {};
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t d = 0; d < 5; ++d) y[k] += double(w.value(k, d)) * double(sample(0, d));
  for (std::size_t d = 0; d < 5; ++d) {
    double rest = double(sample(0, d));
    for (std::size_t k = 0; k < 3; ++k) rest -= double(w.value(k, d)) * y[k];
    expected += rest * rest / 10;
  }
  CHECK(double(loss.item()) == doctest::Approx(expected).epsilon(precision));
  tape.backward(loss);
  Sgd{0.8}.step(Parameters(&all, 1));
  const Array reference = matrix(
      {3, 5}, {0.5837430668774297, -0.4108678039449257, -0.00998633341958656, 0.4170386837604634,
               -0.26939964647632386, 0.2397324344595731, 0.6673767900940797, -0.15871772694095093,
               0.3781412282075154, -0.4397605605379099, -0.10176842567484368, -0.32858141838932425,
               0.03713378610601931, -0.4019545188734229, 0.6834816158102328});
  CHECK(largest_difference(w.value, reference) < precision);
}

TEST_CASE("learning rules: one truncated step is the reference step") {
  Parameter w{.name = "W",
              .value = matrix({3, 5}, {-1.563, -0.937, -0.766, 0.21, 0.206,  //
                                       0.789, -0.309, 1.688, -0.523, 0.579,  //
                                       -0.876, -1.748, -1.722, -1.357, 0.777}),
              .rate = 1.0 / 5};
  // columns are the output directions
  Parameter v{"V", matrix({5, 3}, {0.343, 0.851, -0.786,   //
                                   0.655, -0.377, 2.124,   //
                                   -0.068, 0.723, 0.335,   //
                                   -0.533, 2.706, -0.206,  //
                                   0.006, 0.066, 0.746})};
  std::vector<Parameter*> all{&w, &v};
  Tape tape;
  const Var x = tape.constant(sample);
  // erf(z / sqrt 2) of z = W x / sqrt D
  const Var code = erf(scale(matmul(x, tape.leaf(w), false, true), 1 / std::sqrt(10.0)));
  tape.backward(truncated_error(code, tape.leaf(v), x));
  Sgd{0.8}.step(all);
  const Array w_new = matrix(
      {3, 5}, {-1.5621311104832705, -0.9368892501121572, -0.7659484400313383, 0.21052600416459805,
               0.20558382088075755, 0.9797427798809645, -0.2846876552520005, 1.6993186907699454,
               -0.4075290515622155, 0.4876383704668078, -0.8759484351289286, -1.7479934274685356,
               -1.7219969401367086, -1.3569687839058842, 0.7769753015519083});
  const Array v_new = matrix(
      {5, 3}, {-0.3101115491688538, 1.054202774635874, -1.2708321141425776, 0.47478567913834785,
               -0.3100888528766942, 1.5831461463769085, -0.0927401007273745, 0.7184575108666864,
               0.2950552587714191, -0.8108888190396457, 2.750927022286013, -0.30803916613620225,
               0.29181306179133293, -0.030693479293969428, 0.9171953677023515});
  CHECK(largest_difference(w.value, w_new) < precision);
  CHECK(largest_difference(v.value, v_new) < precision);
}

TEST_CASE("learning rules: Sanger's rows become the principal directions, in order") {
  const Array x = diagonal_data();
  Parameter w{"W", empty({2, 4})};
  Stream{.seed = 2}.normals(0, 0, w.value);
  for (Real& entry : w.value) entry *= Real(0.3);
  Parameter* all = &w;
  Optimiser descent = optimiser_named("sgd:0.4");
  Tape tape;
  for (int t = 0; t < 1000; ++t) {
    tape.begin();
    tape.backward(sanger(tape.leaf(w), tape.constant(x)));
    descent.step(Parameters(&all, 1));
  }
  for (std::size_t k = 0; k < 2; ++k)
    for (std::size_t d = 0; d < 4; ++d)
      CHECK(std::abs(std::abs(double(w.value(k, d))) - (k == d ? 1 : 0)) < 10 * precision);
}

TEST_CASE("learning rules: truncated units learn the principal directions, in order") {
  const Array x = diagonal_data();
  Autoencoder model = linear_autoencoder(4, 3);
  init::gaussian(model.parameters(), 0.3, {.seed = 3});
  Parameter &w = model.parameter("encoder.W"), &v = model.parameter("decoder.W");
  Tape tape;
  for (int t = 0; t < 3000; ++t) {
    tape.begin();
    const Var rows = tape.constant(x);
    tape.backward(truncated_error(model.code(rows), tape.leaf(v), rows));
    Sgd{0.4}.step(model.parameters());
  }
  Array directions = empty({3, 4});
  for (std::size_t k = 0; k < 3; ++k)
    for (std::size_t d = 0; d < 4; ++d) directions(k, d) = v.value(d, k);
  const double tolerance = sizeof(Real) == sizeof(float) ? 1e-4 : 1e-9;
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(alignment(directions, k) > 1 - tolerance);
    CHECK(alignment(w.value, k) > 1 - tolerance);
    CHECK(double(directions(k, k)) * double(w.value(k, k)) ==
          doctest::Approx(1).epsilon(tolerance));
  }
}

TEST_CASE("learning rules: rotation orders the directions at the predicted rate") {
  // docs/theory/linear.md, section 9.7, from the principal subspace turned by a small angle
  const Array x = diagonal_data();
  const double rate = 0.02, rho = 0.5, angle = 1e-2, c = std::cos(angle), s = std::sin(angle);
  Autoencoder model = linear_autoencoder(4, 2);
  model.penalties = {rotation_augmented(rho)};
  Parameter &w1 = model.parameter("encoder.W"), &w2 = model.parameter("decoder.W");
  w1.value = matrix({2, 4}, {c, s, 0, 0, -s, c, 0, 0});
  w2.value = matrix({4, 2}, {c, -s, s, c, 0, 0, 0, 0});
  Tape tape;
  const auto steps = [&](int count) {
    for (int t = 0; t < count; ++t) {
      tape.begin();
      tape.backward(model.loss(tape, x));
      Sgd{rate}.step(model.parameters());
    }
    return std::abs(double(w1.value(0, 1)));
  };
  const double before = steps(50), after = steps(100);
  const double predicted = rate * rho * (spectrum[0] - spectrum[1]) / 2;
  CHECK(std::log(before / after) / 100 == doctest::Approx(predicted).epsilon(0.01));
  CHECK(largest_difference(matrix({1, 1}, {double(w1.value(0, 0))}), filled({1, 1}, 1)) < 1e-2);
}

TEST_CASE("learning rules: rotation from small weights ends at the ordered directions") {
  // W1 C W1^T becomes diagonal exactly; the rows become axes as far as W1 = W2^T, whose difference
  // the flow conserves: entries of size small^2 in W1 W1^T - W2^T W2
  const Array x = diagonal_data();
  const double small = 0.01;
  const auto trained = [&](double rho) {
    Autoencoder model = linear_autoencoder(4, 2);
    model.penalties = {rotation_augmented(rho)};
    init::gaussian(model.parameters(), small, {.seed = 4});
    Tape tape;
    for (int t = 0; t < 3000; ++t) {
      tape.begin();
      tape.backward(model.loss(tape, x));
      Sgd{0.1}.step(model.parameters());
    }
    return model;
  };
  const Autoencoder ordered = trained(0.5), reversed = trained(-0.5), plain = trained(0);
  const double axis = 20 * small * small, tolerance = 10 * precision;
  for (const Autoencoder* model : {&ordered, &reversed}) {
    const Array& w = model->parameter("encoder.W").value;
    double correlation = 0;
    for (std::size_t i = 0; i < 4; ++i)
      correlation += double(w(0, i)) * spectrum[i] * double(w(1, i));
    CHECK(std::abs(correlation) < tolerance);
  }
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(alignment(ordered.parameter("encoder.W").value, k) > 1 - axis * axis);
    CHECK(alignment(reversed.parameter("encoder.W").value, k) < axis);
    CHECK(alignment(plain.parameter("encoder.W").value, k) < 0.999);
  }
}

TEST_CASE("learning rules: first order only, and the value is a plain loss") {
  const Array x = diagonal_data();
  Parameter w{"W", matrix({1, 4}, {1, 2, 0, 1})};
  Tape tape;
  const Var loss = sanger(tape.leaf(w), tape.constant(x));
  const std::vector<Var> wrt{tape.leaf(w)};
  CHECK_THROWS_AS(tape.grad(loss, wrt), std::logic_error);
  CHECK_THROWS_AS(rotation_augmented(NAN), std::invalid_argument);
  Autoencoder tied = shallow_autoencoder(4, 2, {.tied = true});
  tied.penalties = {rotation_augmented(1)};
  CHECK_THROWS_AS(tied.loss(tape, x), std::out_of_range);
}
