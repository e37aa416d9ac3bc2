#include <hourglass/core/error.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>

#include <cmath>
#include <cstring>
#include <set>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

Array rows(Shape shape, std::uint64_t seed) {
  Array x = empty(shape);
  Stream{.seed = seed}.normals(0, 0, x);
  return x;
}

template <class F>
Array value_of(const F& f, const Array& x) {
  Tape tape;
  tape.begin();
  return f(tape.constant(x)).value();
}

double activated(const Activation& activation, double x) {
  return double(value_of(activation, scalar(Real(x)))(0, 0));
}

void check_close(const Array& a, const Array& b) {
  REQUIRE(shape_of(a) == shape_of(b));
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(double(a.data()[i]) ==
          doctest::Approx(double(b.data()[i])).epsilon(sizeof(Real) == 4 ? 1e-5 : 1e-12));
}

}  // namespace

TEST_CASE("layers: activations by name, with their parameters") {
  CHECK(activated(activation_named("linear"), -0.5) == -0.5);
  CHECK(activated(activation_named("relu"), -0.5) == 0);
  CHECK(activated(activation_named("softplus"), 0) == doctest::Approx(std::log(2.0)));
  CHECK(activated(activation_named("elu"), -0.5) == doctest::Approx(std::exp(-0.5) - 1));
  CHECK(activated(activation_named("elu:2"), -0.5) == doctest::Approx(2 * std::exp(-0.5) - 2));
  CHECK(activated(activation_named("leaky_relu"), -0.5) == doctest::Approx(-0.005));
  CHECK(activated(activation_named("leaky_relu:0.2"), -0.5) == doctest::Approx(-0.1));
  CHECK(activated(activation_named("hard_threshold:0.5"), -0.5) == -0.5);
  CHECK(activated(activation_named("hard_threshold:0.5"), 0.25) == 0);
  CHECK(activation_named("tanh") == Activation::tanh);
  CHECK(activation_named("elu") == Activation(Activation::elu, 1));
  for (const char* wrong : {"", "softmax", "tanh:1", "elu:x", "elu:-1", "hard_threshold",
                            "hard_threshold:-1", "leaky_relu:1:2", "leaky_relu:inf"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(activation_named(wrong), InputError);
  }
  CHECK_THROWS_WITH_AS(activation_named("hard_threshold"),
                       "activation 'hard_threshold': found nothing for the threshold, expected a "
                       "number >= 0",
                       InputError);
  CHECK_THROWS_AS(Activation{Activation::hard_threshold}, std::invalid_argument);
  CHECK_THROWS_AS(Activation(Activation::tanh, 1), std::invalid_argument);
}

TEST_CASE("layers: unit norms and scaled pre-activations, as the weights normalised by hand") {
  const Array x = rows({5, 4}, 1);
  Dense layer("layer", 4, 3, true), plain("plain", 4, 3, true);
  layer.weight->value = plain.weight->value = rows({3, 4}, 2);
  layer.bias->value = plain.bias->value = rows({1, 3}, 3);
  for (const bool of_rows : {true, false}) {
    layer.unit_norm = of_rows ? UnitNorm::rows : UnitNorm::columns;
    plain.weight->value = layer.weight->value;
    of_rows ? normalise_rows(*plain.weight) : normalise_columns(*plain.weight);
    check_close(value_of(layer, x), value_of(plain, x));
    const Array code = rows({5, 3}, 4);
    check_close(value_of(layer.tied("back"), code), value_of(plain.tied("back"), code));
  }
  layer.unit_norm = UnitNorm::none;
  const Array unscaled = value_of(layer, x);
  layer.scale = 0.5;
  const Array scaled = value_of(layer, x);
  for (std::size_t n = 0; n < 5; ++n)
    for (std::size_t j = 0; j < 3; ++j) {
      const double b = double(layer.bias->value(0, j));
      CHECK(double(scaled(n, j)) == doctest::Approx(0.5 * (double(unscaled(n, j)) - b) + b));
    }
}

TEST_CASE("layers: weights normalised after a step; a zero one stays") {
  Parameter w{"w", Array{{3, 0, 4}, {0, 0, 0}}};
  normalise_rows(w);
  check_close(w.value, Array{{Real(0.6), 0, Real(0.8)}, {0, 0, 0}});
  w.value = Array{{3, 0, 1}, {4, 0, 0}};
  normalise_columns(w);
  check_close(w.value, Array{{Real(0.6), 0, 1}, {Real(0.8), 0, 0}});
}

TEST_CASE("layers: noise layers act in the loss and nowhere else") {
  const Dense down("encoder", 4, 3), up("decoder", 3, 4);
  const MaskingNoise mask{0.5, false, {.seed = 2, .id = 9}};
  Autoencoder noisy(Encoder({down, Activation::tanh, mask}), Decoder({up}));
  Autoencoder quiet(Encoder({down, Activation::tanh}), Decoder({up}));
  init::gaussian(noisy.parameters(), 0.7, {.seed = 5});
  CHECK(noisy.parameters().size() == 2);
  const Array x = rows({6, 4}, 1);
  Tape tape;
  tape.begin(3);
  const Var clean = tape.constant(x);
  CHECK(Array(noisy.reconstruct(clean).value()) == Array(quiet.reconstruct(clean).value()));
  CHECK(Array(noisy.code(clean).value()) == Array(quiet.code(clean).value()));
  const Var hidden = mask(quiet.code(clean), {3, 20});
  const double expected = half_squared_error(quiet.decode(hidden), clean).item();
  CHECK(noisy.loss(tape, borrow(x), 20).item() == expected);
  CHECK(noisy.loss(tape, borrow(x), 21).item() != expected);
  Autoencoder none(Encoder({down, Activation::tanh, Noise{}}), Decoder({up}));
  CHECK(none.loss(tape, x).item() == quiet.loss(tape, x).item());
  // a sequence is a layer, and hands the position on
  Autoencoder nested(Encoder({noisy.encoder(), [](Var v) { return v; }}), Decoder({up}));
  CHECK(nested.loss(tape, borrow(x), 20).item() == expected);
  CHECK(nested.parameters().size() == 2);
}

TEST_CASE("layers: a deep autoencoder computes what its layers do one by one") {
  for (const bool tied : {false, true}) {
    const Autoencoder model = deep_autoencoder({6, 4, 3}, {.activation = Activation::tanh,
                                                           .tied = tied,
                                                           .biases = true,
                                                           .code = Activation::relu,
                                                           .output = Activation::sigmoid,
                                                           .scaled = true});
    init::gaussian(model.parameters(), 0.7, {.seed = 5});
    for (Parameter* p : model.parameters())
      if (p->bias) p->value = rows(shape_of(p->value), p->value.size());
    const Array x = rows({5, 6}, 1);
    Tape tape;
    tape.begin();
    const auto p = [&](const char* name) { return tape.leaf(model.parameter(name)); };
    const auto back = [&](Var h, const char* encoder, const char* decoder) {
      return tied ? matmul(h, p(encoder)) : matmul(h, p(decoder), false, true);
    };
    const Var v = tape.constant(x);
    const Var a = tanh(
        add_row(1 / std::sqrt(6.0) * matmul(v, p("encoder.1.W"), false, true), p("encoder.1.b")));
    const Var code =
        relu(add_row(0.5 * matmul(a, p("encoder.2.W"), false, true), p("encoder.2.b")));
    const Var b = tanh(add_row(back(code, "encoder.2.W", "decoder.2.W"), p("decoder.2.b")));
    const Var y = sigmoid(add_row(back(b, "encoder.1.W", "decoder.1.W"), p("decoder.1.b")));
    check_close(model.code(v).value(), code.value());
    check_close(model.reconstruct(v).value(), y.value());
    CHECK(model.parameters().size() == (tied ? 6 : 8));
  }
  CHECK_THROWS_AS(deep_autoencoder({5}), std::invalid_argument);
  CHECK_THROWS_AS(deep_autoencoder({5, 3, 0}), std::invalid_argument);
}

TEST_CASE("layers: every hidden layer's noise has a stream of its own") {
  std::vector<std::uint32_t> hidden, code;
  const auto noting = [](std::vector<std::uint32_t>& ids) {
    return [&ids](Stream s) -> Noise {
      CHECK(s.seed == 4);
      ids.push_back(s.id);
      return MaskingNoise{0.5, false, s};
    };
  };
  const Autoencoder model = deep_autoencoder({6, 5, 4, 3}, {.hidden_noise = noting(hidden),
                                                            .code_noise = noting(code),
                                                            .stream = {.seed = 4, .id = 10}});
  std::set<std::uint32_t> ids(hidden.begin(), hidden.end());
  CHECK(ids == std::set<std::uint32_t>{11, 12, 14, 15});
  CHECK(code == std::vector<std::uint32_t>{13});
  CHECK(model.encoder().layers().size() == 6);
  CHECK(model.decoder().layers().size() == 5);
}
