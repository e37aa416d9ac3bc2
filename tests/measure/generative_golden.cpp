// The reference cases of generative.json through the tape: activations, gradients of tied weights,
// surrogates, short trajectories, matching and dictionaries. In the file a sample is a column, here
// it is a row, so W^T is the encoder's weight.

#include "../golden_generative.hpp"
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/measure/matching.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cmath>
#include <limits>
#include <numeric>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace golden_generative;

namespace {

// Single precision keeps seven digits of the file's sixteen.
double tolerance(double in_double) { return sizeof(Real) == 4 ? 2e-5 : in_double; }

double largest_difference(const Array& found, const Array64& expected) {
  REQUIRE(shape_of(found) == shape_of(expected));
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double scale = 1 + std::abs(expected.data()[i]);
    worst = std::max(worst, std::abs(double(found.data()[i]) - expected.data()[i]) / scale);
  }
  return worst;
}

// The network of a case: encoder with a bias, decoder its transpose.
struct Network {
  Dense encoder, decoder;
  Array x;
  std::string activation;
  double threshold;

  explicit Network(const json& in, const char* weight = "W")
      : encoder("encoder", in[weight].size(), in[weight][0].size(), true),
        decoder(encoder.tied("decoder")),
        x(to_real(transposed(matrix(in["X"])))),
        activation(in["act"]),
        threshold(in.value("lambda", json()).is_number() ? in["lambda"].get<double>() : 0) {
    encoder.weight->value = to_real(transposed(matrix(in[weight])));
    if (!in.contains("b")) return;
    for (std::size_t j = 0; j < in["b"].size(); ++j)
      encoder.bias->value(0, j) = static_cast<Real>(in["b"][j].get<double>());
  }
  Var pre(Tape& tape) const { return encoder(tape.constant(x)); }
  Var active(Var h) const { return activation == "relu" ? relu(h) : hard_threshold(h, threshold); }
  Var loss(Tape& tape, Var code) const {
    return half_squared_error(decoder(code), tape.constant(x));
  }
  // The gradient of W as in the file.
  Array64 dW() const { return transposed(to_double(encoder.weight->grad)); }
  Autoencoder autoencoder() const {
    return Autoencoder(Encoder({encoder, Layer([this](Var h) { return active(h); })}),
                       Decoder({decoder}));
  }
};

template <class Code>
void descend(Network& network, Code code) {
  Tape tape;
  tape.begin();
  tape.backward(network.loss(tape, code(tape, network.pre(tape))));
}

void check_close(const Array64& found, const json& expected, double allowed = 1e-12) {
  CHECK(largest_difference(to_real(found), matrix(expected)) < tolerance(allowed));
}

}  // namespace

TEST_CASE("generative golden: activations and their derivatives, kinks included") {
  for (const char* name : {"relu_pointwise", "hard_threshold_pointwise"}) {
    const json& one = golden_case(name);
    for (std::size_t i = 0; i < one["inputs"]["h"].size(); ++i) {
      const double h = one["inputs"]["h"][i];
      if (static_cast<double>(static_cast<Real>(h)) != h)
        continue;  // not a number of this precision
      Parameter p{"h", scalar(static_cast<Real>(h))};
      Tape tape;
      tape.begin();
      const Var x = tape.leaf(p);
      const Var y =
          one["inputs"].contains("lambda") ? hard_threshold(x, one["inputs"]["lambda"]) : relu(x);
      tape.backward(sum_all(y));
      CHECK(y.item() == static_cast<Real>(one["outputs"]["value"][i].get<double>()));
      CHECK(p.grad(0, 0) == static_cast<Real>(one["outputs"]["derivative"][i].get<double>()));
    }
  }
}

TEST_CASE("generative golden: the forward pass") {
  for (const char* name : {"forward_relu", "forward_hard"}) {
    const json& one = golden_case(name);
    const Network network(one["inputs"]);
    const Autoencoder model = network.autoencoder();
    Tape tape;
    tape.begin();
    const json& out = one["outputs"];
    const Var h = network.pre(tape), code = model.code(tape.constant(network.x));
    check_close(transposed(to_double(Array(h.value()))), out["pre"]);
    check_close(transposed(to_double(Array(code.value()))), out["code"]);
    check_close(transposed(to_double(Array(model.decode(code).value()))), out["xhat"]);
    CHECK(model.loss(tape, network.x).item() ==
          doctest::Approx(out["loss"].get<double>()).epsilon(tolerance(1e-12)));
    const Array64 gate = matrix(out["gate"]);
    for (std::size_t r = 0; r < shape_of(network.x).rows; ++r)
      for (std::size_t j = 0; j < shape_of(gate).rows; ++j)
        CHECK((code.value()(r, j) != 0) == (gate(j, r) == 1));
  }
}

TEST_CASE("generative golden: the gradient of tied weights and of the bias") {
  for (const char* name : {"grad_tied_relu", "grad_tied_hard", "grad_tied_relu_single",
                           "grad_relu_exact_zero_preactivation"}) {
    CAPTURE(name);
    const json& one = golden_case(name);
    Network network(one["inputs"]);
    const Autoencoder model = network.autoencoder();
    Tape tape;
    tape.begin();
    const Var h = network.pre(tape);
    tape.backward(model.loss(tape, network.x));
    const json& out = one["outputs"];
    check_close(network.dW(), out["dW"]);
    if (out.contains("db"))
      check_close(to_double(network.encoder.bias->grad), json::array({out["db"]}));
    if (out.contains("kink_margin")) {
      double margin = INFINITY;
      for (const Real z : h.value())
        margin = std::min(margin, std::abs(std::abs(double(z)) - network.threshold));
      CHECK(margin == doctest::Approx(out["kink_margin"].get<double>()).epsilon(tolerance(1e-12)));
    }
    if (!out.contains("number_of_exact_zeros")) continue;
    const Array values = h.value();
    CHECK(std::count(values.begin(), values.end(), Real(0)) == out["number_of_exact_zeros"]);
    const Array64 wrong = matrix(out["dW_if_derivative_at_zero_were_one"]);
    CHECK(largest_difference(to_real(network.dW()), wrong) > 0.1);
  }
}

TEST_CASE("generative golden: what flows through the decoder's and the encoder's use of W") {
  for (const char* name : {"grad_paths_relu", "grad_paths_hard"}) {
    const json& one = golden_case(name);
    Network network(one["inputs"]);
    descend(network, [&](Tape&, Var h) { return stop_gradient(network.active(h)); });
    check_close(network.dW(), one["outputs"]["decoder_path"]);
    Tape tape;
    tape.begin();
    const Var code = network.active(network.pre(tape));
    const Var y = matmul(code, stop_gradient(tape.leaf(*network.encoder.weight)));
    tape.backward(half_squared_error(y, tape.constant(network.x)));
    check_close(network.dW(), one["outputs"]["encoder_path"]);
    descend(network, [&](Tape&, Var h) { return network.active(h); });
    check_close(network.dW(), one["outputs"]["sum"]);
  }
}

TEST_CASE("generative golden: a straight-through derivative is another gradient") {
  const json& one = golden_case("straight_through_is_different");
  Network network(one["inputs"]);
  descend(network, [&](Tape&, Var h) { return network.active(h); });
  check_close(network.dW(), one["outputs"]["dW"]);
  descend(network, [&](Tape&, Var h) { return h + stop_gradient(network.active(h) - h); });
  check_close(network.dW(), one["outputs"]["dW_straight_through"]);
}

TEST_CASE("generative golden: a pre-activation exactly at the threshold turns its unit on") {
  const json& in = golden_case("hard_threshold_exact_tie")["inputs"];
  const json& out = golden_case("hard_threshold_exact_tie")["outputs"];
  const Array A = to_real(data::identity_hadamard_dictionary(in["n"]));
  Array x = filled({1, in["n"]}, 0);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t r = 0; r < x.size(); ++r)
      x(0, r) += static_cast<Real>(in["values"][i].get<double>()) *
                 A(r, in["support"][i].get<std::size_t>());
  Tape tape;
  tape.begin();
  const Var h = matmul(tape.constant(x), tape.constant(A));
  const auto on = [](Var code) {
    const Array values = code.value();
    return std::count_if(values.begin(), values.end(), [](Real c) { return c != 0; });
  };
  const Real lambda = static_cast<Real>(in["lambda"].get<double>());
  CHECK(on(hard_threshold(h, lambda)) == out["active_units_with_ge"]);
  CHECK(on(hard_threshold(h, std::nextafter(lambda, Real(1)))) == out["active_units_with_gt"]);
}

TEST_CASE("generative golden: the true gates in place of the network's") {
  for (const char* name :
       {"surrogate_equals_true_when_codes_consistent", "surrogate_differs_without_bias"}) {
    const json& one = golden_case(name);
    Network network(one["inputs"]);
    descend(network, [&](Tape&, Var h) { return network.active(h); });
    check_close(network.dW(), one["outputs"]["dW_true"]);
    if (one["outputs"].contains("db"))
      check_close(to_double(network.encoder.bias->grad), json::array({one["outputs"]["db"]}));
    const Array support = to_real(transposed(matrix(one["inputs"]["support"])));
    double wrong = 0;
    descend(network, [&](Tape& tape, Var h) {
      for (std::size_t i = 0; i < support.size(); ++i)
        wrong += (h.value().data()[i] > 0) != (support.data()[i] == 1);
      return mul(h, tape.constant(support));
    });
    check_close(network.dW(), one["outputs"]["dW_surrogate"]);
    if (one["outputs"].contains("fraction_of_wrong_gates"))
      CHECK(wrong / double(support.size()) ==
            doctest::Approx(one["outputs"]["fraction_of_wrong_gates"].get<double>()));
  }
}

TEST_CASE("generative golden: five full-batch steps, with and without normalised columns") {
  for (const char* name : {"trajectory_full_batch_relu", "trajectory_full_batch_hard"}) {
    CAPTURE(name);
    const json& one = golden_case(name);
    Network network(one["inputs"], "W0");
    const Autoencoder model = network.autoencoder();
    Parameter* weight[] = {network.encoder.weight.get()};  // the bias stays fixed
    const Sgd sgd{.learning_rate = one["inputs"]["zeta"]};
    Tape tape;
    for (std::size_t step = 0; step <= 5; ++step) {
      tape.begin(step);
      const Var loss = model.loss(tape, network.x);
      CHECK(loss.item() ==
            doctest::Approx(one["outputs"]["loss"][step].get<double>()).epsilon(tolerance(1e-10)));
      if (step == 1 || step == 5)
        check_close(transposed(to_double(weight[0]->value)),
                    one["outputs"][step == 1 ? "W_after_1" : "W_after_5"], 1e-10);
      tape.backward(loss);
      sgd.step(weight);
      if (one["inputs"]["normalise_columns"]) normalise_rows(*weight[0]);
    }
  }
}

TEST_CASE("generative golden: matching, distances, and where greed goes wrong") {
  const json& one = golden_case("matching_permutation_sign");
  const json& out = one["outputs"];
  const Array64 W = matrix(one["inputs"]["W"]), A = matrix(one["inputs"]["A"]);
  const Matching found = match_columns(W, A, Signs::free);
  CHECK(json(found.column_of_atom) == out["column_of_atom"]);
  CHECK(json(found.sign_of_atom) == out["sign_of_atom"]);
  CHECK(found.recovered() == out["recovered_at_0.95"]);
  const auto raw = matched_distances(W, A, found, false);
  const auto unit = matched_distances(W, A, found, true);
  const auto close = [](double a, const json& b) { return std::abs(a - b.get<double>()) < 1e-12; };
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(close(found.cosine[i], out["abs_cosine"][i]));
    CHECK(close(raw[i], out["distance_raw"][i]));
    CHECK(close(unit[i], out["distance_normalised"][i]));
  }
  CHECK(close(std::accumulate(raw.begin(), raw.end(), 0.0) / 4, out["mean_raw"]));
  CHECK(close(*std::max_element(raw.begin(), raw.end()), out["max_raw"]));

  const json& trap = golden_case("matching_greedy_vs_hungarian");
  const Array64 V = matrix(trap["inputs"]["W"]), B = matrix(trap["inputs"]["A"]);
  const Matching best = match_columns(V, B, Signs::free),
                 greedy = match_greedily(V, B, Signs::free);
  CHECK(json(best.column_of_atom) == trap["outputs"]["hungarian_column_of_atom"]);
  CHECK(json(greedy.column_of_atom) == trap["outputs"]["greedy_column_of_atom"]);
  CHECK(close(best.total(), trap["outputs"]["hungarian_total"]));
  CHECK(close(greedy.total(), trap["outputs"]["greedy_total"]));
}

TEST_CASE("generative golden: dictionaries and starts at an exact distance") {
  const Array64 dct = data::dct_dictionary(8, 8);
  const Array64 expected = matrix(golden_case("dct_dictionary")["outputs"]["A"]);
  for (std::size_t i = 0; i < dct.size(); ++i)
    CHECK(std::abs(dct.data()[i] - expected.data()[i]) < 1e-14);
  for (const char* name : {"identity_hadamard_dictionary_1", "identity_hadamard_dictionary_2",
                           "identity_hadamard_dictionary_3"}) {
    const json& one = golden_case(name);
    const Array64 A = data::identity_hadamard_dictionary(one["inputs"]["n"]);
    const auto overlap = data::coherence(A);
    const double norm = thin_svd(A).values[0];
    const auto close = [&](double a, const char* output) {
      return std::abs(a - one["outputs"][output].get<double>()) < 1e-12;
    };
    CHECK(close(overlap.largest, "max_coherence"));
    CHECK(close(overlap.mean_square, "mean_square_coherence"));
    CHECK(close(norm, "spectral_norm"));
    CHECK(close(norm * norm, "frame_bound"));
  }
  const json& one = golden_case("perturbation_to_exact_distance");
  const Array64 A = matrix(one["inputs"]["A"]), W = matrix(one["outputs"]["W"]);
  const Array64 near = data::near_dictionary(A, one["inputs"]["delta"], matrix(one["inputs"]["U"]));
  for (std::size_t i = 0; i < W.size(); ++i) CHECK(std::abs(near.data()[i] - W.data()[i]) < 1e-12);
  const auto distances =
      matched_distances(near, A, identity_matching(near, A, Signs::fixed), false);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(std::abs(distances[i] - one["outputs"]["distances"][i].get<double>()) < 1e-12);
  const Array64 difference = near - A;
  CHECK(std::abs(thin_svd(difference).values[0] -
                 one["outputs"]["spectral_distance"].get<double>()) < 1e-12);
  CHECK(std::abs(thin_svd(A).values[0] - one["outputs"]["spectral_norm_A"].get<double>()) < 1e-12);
}

TEST_CASE("generative golden: two atoms turned by 45 degrees reconstruct every sample exactly") {
  const json& one = golden_case("rotated_pair_has_zero_loss");
  Network network(one["inputs"]);
  const auto loss = [&](double threshold) {
    network.threshold = threshold;
    Tape tape;
    tape.begin();
    const Var value = network.loss(tape, network.active(network.pre(tape)));
    return double(value.item());
  };
  CHECK(loss(one["inputs"]["lambda_small"]) < (sizeof(Real) == 4 ? 1e-12 : 1e-30));
  CHECK(
      loss(one["inputs"]["lambda_large"]) ==
      doctest::Approx(one["outputs"]["loss_lambda_large"].get<double>()).epsilon(tolerance(1e-12)));
  const Array64 W = matrix(one["inputs"]["W"]), A = data::identity_hadamard_dictionary(4);
  const Array64 identity = first_columns(A, 4);
  const auto distances =
      matched_distances(W, identity, match_columns(W, identity, Signs::free), false);
  CHECK(std::abs(std::accumulate(distances.begin(), distances.end(), 0.0) / 4 -
                 one["outputs"]["mean_column_distance"].get<double>()) < 1e-12);
  const auto pairs = rotated_pairs(W, identity);
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].columns[0] == 0);
  CHECK(pairs[0].columns[1] == 1);
  CHECK(rotated_pairs(identity, identity).empty());
  Array64 twice = W;  // one column twice is no pair
  for (std::size_t r = 0; r < 4; ++r) twice(r, 1) = twice(r, 0);
  CHECK(rotated_pairs(twice, identity).empty());
}
