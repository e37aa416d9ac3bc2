#include "../allocations.hpp"
#include "../data/reference.hpp"
#include <hourglass/data/synthetic.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/online_learner.hpp>

#include <cmath>
#include <string>

#include <doctest/doctest.h>

using namespace hourglass;
using hourglass::testing::Reference;
using nlohmann::json;

namespace {

constexpr double precision = sizeof(Real) == sizeof(float) ? 2e-6 : 1e-12;

// Rows of a JSON matrix; a vector is one row.
Array matrix(const json& rows) {
  if (!rows[0].is_array()) return matrix(json::array({rows}));
  const Shape shape{rows.size(), rows[0].size()};
  Array x = empty(shape);
  for (std::size_t i = 0; i < shape.rows; ++i)
    for (std::size_t j = 0; j < shape.columns; ++j) x(i, j) = rows[i][j].get<Real>();
  return x;
}

void check_matrix(const std::string& name, const Array& found, const Array& expected) {
  REQUIRE(shape_of(found) == shape_of(expected));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double a = double(found.data()[i]), b = double(expected.data()[i]);
    CHECK_MESSAGE(std::abs(a - b) <= precision * (1 + std::abs(b)), name, " entry ", i, ": ", a,
                  ", expected ", b);
  }
}

// One step from the case's weights, `W` naming its encoder among the inputs.
struct Stepped {
  Reference reference;
  OnlineLearner learner;
  double loss = 0;

  Stepped(const std::string& name, OnlineOptions options, const std::string& W = "W")
      : reference(name), learner(make(reference.inputs(), options, W)) {
    set("encoder.W", W);
    set("decoder.W", "V");
    set("encoder.b", "b");
    set("decoder.b", "c");
    const Array x = matrix(reference.inputs()["x"]);
    Tape tape;
    loss = learner.step(tape, borrow(x));
  }
  static OnlineLearner make(const json& in, OnlineOptions options, const std::string& W) {
    if (in.contains("activation"))
      options.activation = activation_named(in["activation"].get<std::string>());
    options.encoder_bias = in.contains("b");
    options.decoder_bias = in.contains("c");
    options.lr = in["lr"].get<double>();
    return {in[W][0].size(), in[W].size(), options};
  }
  void set(const char* parameter, const std::string& input) {
    if (reference.inputs().contains(input))
      learner.model().parameter(parameter).value = matrix(reference.inputs()[input]);
  }
  void check(const char* parameter, const char* output) {
    check_matrix(output, learner.model().parameter(parameter).value,
                 matrix(reference.outputs()[output]));
  }
};

}  // namespace

TEST_CASE("online learner: one step of plain descent is the reference step, with its loss") {
  for (const char* name : {"step_vanilla_erf_B1", "step_vanilla_relu_B1", "step_vanilla_linear_B1",
                           "step_vanilla_erf_B3", "step_vanilla_relu_B2_bias"}) {
    CAPTURE(name);
    Stepped one(name, {});
    CHECK(one.loss ==
          doctest::Approx(one.reference.outputs()["loss"].get<double>()).epsilon(precision));
    one.check("encoder.W", "W_new");
    one.check("decoder.W", "V_new");
    if (!one.reference.outputs().contains("b_new")) continue;
    one.check("encoder.b", "b_new");
    one.check("decoder.b", "c_new");
  }
}

TEST_CASE("online learner: one step of each other rule is the reference step") {
  Stepped truncated("step_truncated_erf", {.rule = OnlineRule::truncated});
  truncated.check("encoder.W", "W_new");
  truncated.check("decoder.W", "V_new");
  Stepped sanger("step_sanger", {.activation = Activation::linear, .rule = OnlineRule::sanger},
                 "W_natural");
  sanger.check("encoder.W", "W_natural_new");
  Stepped tied("step_tied_erf", {.rule = OnlineRule::tied});
  tied.check("encoder.W", "W_new_true");
  CHECK(tied.loss ==
        doctest::Approx(tied.reference.outputs()["loss"].get<double>()).epsilon(precision));
  Stepped detached("step_tied_erf", {.rule = OnlineRule::tied_detached});
  detached.check("encoder.W", "W_new_detached");
}

TEST_CASE("online learner: a steady step allocates nothing, whatever the rule") {
  for (const OnlineRule rule : {OnlineRule::vanilla, OnlineRule::truncated, OnlineRule::sanger,
                                OnlineRule::tied, OnlineRule::tied_detached}) {
    CAPTURE(int(rule));
    const bool linear = rule == OnlineRule::sanger, biased = rule == OnlineRule::vanilla;
    OnlineLearner learner(50, 3,
                          {.activation = linear ? Activation::linear : Activation::erf,
                           .encoder_bias = biased,
                           .decoder_bias = biased,
                           .rule = rule,
                           .lr = 0.1});
    init::gaussian(learner.model().parameters(), 0.1, {.seed = 2});
    OnlineGaussian inputs(std::vector<double>(50, 1.0), {.seed = 1});
    Tape tape;
    const auto steps = [&](std::uint64_t first, std::uint64_t last) {
      for (std::uint64_t t = first; t < last; ++t) learner.step(tape, inputs.batch(t).x);
    };
    steps(0, 3);
    const long before = heap_allocations();
    steps(3, 10);
    CHECK(heap_allocations() == before);
  }
}

TEST_CASE("online learner: settings that make no sense are refused") {
  const auto make = [](OnlineOptions options) { OnlineLearner(4, 2, options); };
  CHECK_THROWS_AS(make({.activation = Activation::tanh}), std::invalid_argument);
  CHECK_THROWS_AS(make({.encoder_bias = true, .rule = OnlineRule::tied}), std::invalid_argument);
  CHECK_THROWS_AS(make({.decoder_bias = true, .rule = OnlineRule::truncated}),
                  std::invalid_argument);
  CHECK_THROWS_AS(make({.rule = OnlineRule::sanger}), std::invalid_argument);
  CHECK_THROWS_AS(OnlineLearner(4, 0, {}), std::invalid_argument);
}

TEST_CASE("online learner: rules that are no gradient refuse noise and penalties") {
  for (const OnlineRule rule :
       {OnlineRule::vanilla, OnlineRule::truncated, OnlineRule::tied_detached}) {
    OnlineLearner learner(4, 2, {.rule = rule});
    learner.model().penalties = {l2(1)};
    Tape tape;
    const Array x = filled({1, 4}, 1);
    const auto loss = [&] { return learner.loss(tape, borrow(x)); };
    if (rule == OnlineRule::vanilla)
      CHECK_NOTHROW(loss());
    else
      CHECK_THROWS_AS(loss(), std::logic_error);
  }
}
