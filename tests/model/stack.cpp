#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/optimiser.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array rows(Shape shape, std::uint64_t seed) {
  Array x = empty(shape);
  Stream{.seed = seed}.normals(0, 0, x);
  return x;
}

double loss_of(const Autoencoder& model, const Array& x) {
  Tape tape;
  tape.begin();
  return model.loss(tape, x).item();
}

void train(Autoencoder& model, const Array& x, std::uint64_t steps) {
  const Sgd sgd{.learning_rate = 0.1};
  Tape tape;
  for (std::uint64_t t = 0; t < steps; ++t) {
    tape.begin(t);
    tape.backward(model.loss(tape, x));
    sgd.step(model.parameters());
  }
}

}  // namespace

TEST_CASE("stack: levels trained one by one, then the whole") {
  const Array x = rows({200, 6}, 1);
  const Stack stack = deep_stack({6, 4, 2}, {.activation = Activation::tanh, .biases = true});
  Autoencoder whole = stack.whole();
  init::glorot_normal(whole.parameters(), {.seed = 2});
  const double untrained = loss_of(whole, x);
  for (std::size_t k = 0; k < stack.size(); ++k) {
    const Array inputs = stack.inputs(k, borrow(x));
    Autoencoder level = stack.level(k);
    const Array outer = stack.level(0).parameter("encoder.1.W").value;
    const double before = loss_of(level, inputs);
    train(level, inputs, 200);
    CHECK(loss_of(level, inputs) < 0.9 * before);
    // a level leaves the others alone
    CHECK((stack.level(0).parameter("encoder.1.W").value == outer) == (k == 1));
  }
  const double pretrained = loss_of(whole, x);
  CHECK(pretrained < untrained);
  train(whole, x, 200);
  CHECK(loss_of(whole, x) < pretrained);
}

TEST_CASE("stack: a level sees the codes of the one before; the whole composes them") {
  const Array x = rows({3000, 6}, 1);  // more than one batch of inputs()
  const Stack stack = deep_stack({6, 4, 2}, {.activation = Activation::sigmoid, .tied = true});
  const Autoencoder whole = stack.whole(), outer = stack.level(0), inner = stack.level(1);
  init::glorot_normal(whole.parameters(), {.seed = 2});
  CHECK(whole.parameters().size() == 2);
  CHECK(&whole.parameter("encoder.2.W") == &inner.parameter("encoder.2.W"));
  Tape tape;
  tape.begin();
  const Var v = tape.constant(x);
  CHECK(stack.inputs(0, borrow(x)) == x);
  const Array codes = stack.inputs(2, borrow(x)), expected = whole.code(v).value();
  REQUIRE(shape_of(codes) == Shape{3000, 2});
  double worst = 0;  // BLAS rounds a row differently in another batch
  for (std::size_t i = 0; i < codes.size(); ++i)
    worst = std::max(worst, std::abs(double(codes.data()[i]) - double(expected.data()[i])));
  CHECK(worst < (sizeof(Real) == 4 ? 1e-6 : 1e-14));
  const Var composed = outer.decode(inner.reconstruct(outer.code(v)));
  CHECK(Array(whole.reconstruct(v).value()) == Array(composed.value()));
}

TEST_CASE("stack: what it refuses") {
  CHECK_THROWS_AS(Stack({}), std::invalid_argument);
  const Stack stack = deep_stack({6, 4, 2});
  CHECK_THROWS_WITH_AS(stack.level(2), "stack: found level 2, expected below 2", std::out_of_range);
  const Array none = empty({0, 6}), x = rows({3, 6}, 1);
  CHECK_THROWS_AS(stack.inputs(1, borrow(none)), std::invalid_argument);
  CHECK_THROWS_AS(stack.inputs(3, borrow(x)), std::invalid_argument);
}
