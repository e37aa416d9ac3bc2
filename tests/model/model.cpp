#include <hourglass/core/check.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array rows(Shape shape, std::uint64_t seed) {
  Array x = empty(shape);
  Stream{.seed = seed}.normals(0, 0, x);
  return x;
}

}  // namespace

TEST_CASE("model: gradients of every activation, tied or not, with biases, noise and decay") {
  const Array x = rows({5, 4}, 1);
  for (const char* name : {"linear", "tanh", "sigmoid", "erf", "relu"})
    for (const bool tied : {false, true}) {
      CAPTURE(name);
      CAPTURE(tied);
      Autoencoder model = shallow_autoencoder(
          4, 3, {.activation = activation_named(name), .tied = tied, .biases = true});
      model.corrupt = GaussianNoise{.variance = 0.2, .stream = {.seed = 3, .id = 4}};
      model.penalties = {l2(0.1)};
      init::gaussian(model.parameters(), 0.7, {.seed = 5});
      for (Parameter* p : model.parameters())
        if (p->bias) Stream{.seed = 6}.normals(0, 0, p->value);
      // relu has a kink, which differences must not reach across: units firmly on or off
      if (name == std::string("relu"))
        for (std::size_t h = 0; h < 3; ++h)
          model.parameter("encoder.b").value(0, h) = h == 1 ? Real(-9) : Real(9);
      CHECK(model.parameters().size() == (tied ? 3 : 4));
      const GradientCheck check = check_gradients([&](Tape& t) { return model.loss(t, x); },
                                                  model.parameters(), {.order = 2});
      CHECK_MESSAGE(check, check.worst);
    }
  CHECK_THROWS_AS(activation_named("softmax"), InputError);
}

TEST_CASE("model: the loss is the error of the noisy input's reconstruction, plus penalties") {
  Autoencoder model = linear_autoencoder(3, 2);
  init::gaussian(model.parameters(), 0.5, {.seed = 1});
  model.corrupt = GaussianNoise{.variance = 0.25, .stream = {.seed = 9, .id = 2}};
  model.penalties = {l2(0.3)};
  const Array x = rows({4, 3}, 2);
  Array noise = empty({4, 3});
  Stream{.seed = 9, .id = 2}.normals(17, 100, noise);
  const Array &w1 = model.parameter("encoder.W").value, &w2 = model.parameter("decoder.W").value;
  double expected = 0;
  for (std::size_t n = 0; n < 4; ++n)
    for (std::size_t d = 0; d < 3; ++d) {
      double y = 0;
      for (std::size_t h = 0; h < 2; ++h)
        for (std::size_t k = 0; k < 3; ++k)
          y += double(w2(d, h)) * double(w1(h, k)) * (double(x(n, k)) + 0.5 * double(noise(n, k)));
      expected += std::pow(y - double(x(n, d)), 2) / 8;
    }
  for (const Parameter* p : model.parameters())
    for (const Real w : p->value) expected += 0.15 * double(w) * double(w);
  Tape tape;
  tape.begin(17);
  CHECK(model.loss(tape, borrow(x), 100).item() == doctest::Approx(expected));
  CHECK(model.reconstruct(tape.constant(x)).shape() == Shape{4, 3});
}

TEST_CASE("model: the corruption does not depend on how rows are split into batches") {
  const Array x = rows({6, 3}, 2);
  const GaussianNoise noise{.variance = 2, .stream = {.seed = 1, .id = 1}};
  Tape tape;
  tape.begin(5);
  const Array whole = noise(tape.constant(x), {5, 0}).value();
  const Array part = noise(tape.constant(borrow(x.data() + 6, {2, 3})), {5, 2}).value();
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j) CHECK(part(i, j) == whole(i + 2, j));
  CHECK(noise(tape.constant(x), {6, 0}).value()(0, 0) != whole(0, 0));
  CHECK_THROWS_AS((GaussianNoise{.variance = -1}(tape.constant(x), {})), std::invalid_argument);
}

TEST_CASE("model: l2 leaves biases alone unless asked") {
  Autoencoder model = shallow_autoencoder(2, 1, {.biases = true});
  for (Parameter* p : model.parameters()) p->value.fill(2);
  const Array zero = filled({1, 2}, 0);
  Tape tape;
  const auto penalty = [&](const Penalty& p) {
    tape.begin();
    return double(p({tape.constant(Real(0)), model.parameters()}).item());
  };
  CHECK(penalty(l2(0.5)) == doctest::Approx(0.25 * 4 * 4));        // four weights of 2
  CHECK(penalty(l2(0.5, true)) == doctest::Approx(0.25 * 4 * 7));  // and three biases
  CHECK_THROWS_AS(l2(NAN), std::invalid_argument);
}

TEST_CASE("model: parameters are found by name") {
  const Autoencoder model = shallow_autoencoder(3, 2, {.biases = true});
  CHECK(shape_of(model.parameter("encoder.W").value) == Shape{2, 3});
  CHECK(shape_of(model.parameter("decoder.b").value) == Shape{1, 3});
  CHECK_THROWS_WITH_AS(model.parameter("W9"),
                       "no parameter 'W9'; there are encoder.W, encoder.b, decoder.W, decoder.b",
                       std::out_of_range);
  CHECK_THROWS_AS(shallow_autoencoder(3, 0), std::invalid_argument);
}

TEST_CASE("model: any callable is a layer") {
  const Dense down("down", 3, 2), up("up", 2, 3);
  Autoencoder model(Encoder({down, [](Var x) { return tanh(2.0 * x); }}), Decoder({up}));
  CHECK(model.parameters().size() == 2);
  init::gaussian(model.parameters(), 1, {.seed = 1});
  const Array x = rows({4, 3}, 1);
  CHECK(check_gradients([&](Tape& t) { return model.loss(t, x); }, model.parameters()));
}

TEST_CASE("model: initialisers") {
  Autoencoder model = linear_autoencoder(40, 30);
  init::gaussian(model.parameters(), 0.1, {.seed = 1});
  const Array first = model.parameter("encoder.W").value;
  double squares = 0;
  for (const Real w : first) squares += double(w) * double(w);
  CHECK(squares / 1200 == doctest::Approx(0.01).epsilon(5 * std::sqrt(2.0 / 1200)));
  CHECK(first.data()[0] != model.parameter("decoder.W").value.data()[0]);
  init::gaussian(model.parameters(), 0.1, {.seed = 1});
  CHECK(model.parameter("encoder.W").value == first);

  Autoencoder aligned = linear_autoencoder(3, 2);
  Array64 basis = Array64::from_shape({3, 2});
  basis(0, 0) = 0.6, basis(1, 0) = 0.8, basis(2, 0) = 0;
  basis(0, 1) = 0, basis(1, 1) = 0, basis(2, 1) = 1;
  Parameter &w1 = aligned.parameter("encoder.W"), &w2 = aligned.parameter("decoder.W");
  init::aligned(w1, w2, basis, 0.25);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) {
      double w = 0, expected = 0;
      for (std::size_t h = 0; h < 2; ++h) {
        w += double(w2.value(i, h)) * double(w1.value(h, j));
        expected += 0.25 * basis(i, h) * basis(j, h);
      }
      CHECK(w == doctest::Approx(expected));
    }
  CHECK_THROWS_AS(init::aligned(w1, w2, basis, -1), std::invalid_argument);
}

TEST_CASE("model: a gradient descent step by hand") {
  Parameter w{"w", filled({1, 2}, 3)};
  w.grad = filled({1, 2}, 2);
  w.has_grad = true;
  Parameter* pointer = &w;
  const Sgd sgd{.learning_rate = 0.25};
  sgd.step(Parameters(&pointer, 1));
  CHECK(w.value == filled({1, 2}, Real(2.5)));
  sgd.step(Parameters(&pointer, 1));  // the same gradient is not used twice
  CHECK(w.value == filled({1, 2}, Real(2.5)));
  w.grad = filled({2, 2}, 1);
  w.has_grad = true;
  CHECK_THROWS_AS(sgd.step(Parameters(&pointer, 1)), std::logic_error);
}

TEST_CASE("model: a parameter that a step's loss does not involve stays where it is") {
  Parameter u{"u", scalar(1)}, v{"v", scalar(1)}, never{"never", scalar(1)};
  std::vector<Parameter*> all{&u, &v, &never};
  const Sgd sgd{.learning_rate = 0.1};
  Tape tape;
  for (int step = 0; step < 3; ++step) {
    tape.begin();
    tape.backward(step == 0 ? square(tape.leaf(u)) : square(tape.leaf(v)));
    sgd.step(all);
  }
  CHECK(u.value(0, 0) == doctest::Approx(0.8));
  CHECK(v.value(0, 0) == doctest::Approx(0.64));
  CHECK(never.value(0, 0) == 1);
}

namespace {

// A layer that owns its parameter.
struct Gain {
  Parameter gain{"gain", scalar(2)};
  Var operator()(Var x) { return scale_by(x, tape_of(x).leaf(gain)); }
  std::vector<Parameter*> parameters() { return {&gain}; }
};

}  // namespace

TEST_CASE("model: a layer may own its parameters, wherever the model is moved") {
  const Dense down("down", 3, 2), up("up", 2, 3);
  Autoencoder built(Encoder({down, Gain{}}), Decoder({up}));
  Autoencoder model = std::move(built);
  init::gaussian(model.parameters(), 1, {.seed = 1});
  const Array x = rows({4, 3}, 1);
  CHECK(check_gradients([&](Tape& t) { return model.loss(t, x); }, model.parameters()));
  CHECK(model.parameter("gain").grad.size() == 1);
}
