#include <hourglass/core/error.hpp>
#include <hourglass/model/learning_rules.hpp>
#include <hourglass/model/losses.hpp>
#include <hourglass/model/online_learner.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {
namespace {

bool is_tied(OnlineRule rule) {
  return rule != OnlineRule::vanilla && rule != OnlineRule::truncated;
}

void require(bool sensible, const char* problem) {
  if (!sensible) throw ArgumentError(std::string("OnlineLearner: ") + problem);
}

void require_sensible(const OnlineOptions& options) {
  const Activation g = options.activation;
  require(g == Activation::linear || g == Activation::erf || g == Activation::relu,
          "the activation is linear, erf or relu");
  const bool biased = options.encoder_bias || options.decoder_bias;
  require(!is_tied(options.rule) || !biased, "a tied model has no biases");
  require(options.rule != OnlineRule::truncated || !options.decoder_bias,
          "the truncated rule has no decoder bias");
  require(options.rule != OnlineRule::sanger || g == Activation::linear, "Sanger's rule is linear");
}

Layer unit(Activation activation) {
  if (activation != Activation::erf) return activation.kind;
  return [](Var z) { return erf(scale(z, 1 / std::numbers::sqrt2)); };
}

Autoencoder shallow(std::size_t features, std::size_t units, const OnlineOptions& options) {
  require_sensible(options);
  Dense encoder("encoder", features, units, options.encoder_bias);
  const double D = static_cast<double>(features);
  if (options.rule != OnlineRule::sanger) encoder.scale = 1 / std::sqrt(D);
  // a row for each unit, like the encoder: every product then runs over neighbouring numbers
  const Dense transposed = is_tied(options.rule) ? encoder : Dense("decoder", features, units);
  const Dense decoder = transposed.tied("decoder", options.decoder_bias);
  const bool at_rate_lr = is_tied(options.rule) && options.rule != OnlineRule::sanger;
  for (Parameter* p : encoder.parameters()) p->rate = at_rate_lr ? 1 : 1 / D;
  std::vector<Layer> layers{encoder};
  if (options.activation != Activation::linear) layers.push_back(unit(options.activation));
  Autoencoder model({layers}, {{decoder}});
  model.error = per_pixel_error;
  return model;
}

}  // namespace

OnlineLearner::OnlineLearner(std::size_t features, std::size_t units, const OnlineOptions& options)
    : options_(options), model_(shallow(features, units, options)) {}

Var OnlineLearner::loss(Tape& tape, const View& x) const {
  if (options_.rule == OnlineRule::vanilla || options_.rule == OnlineRule::tied)
    return model_.loss(tape, x);
  if (model_.corrupt || !model_.penalties.empty())
    throw UsageError(
        "online learner: only the vanilla and the tied rule are gradients of "
        "the model's loss, with its noise and penalties");
  const Var rows = tape.constant(x);
  const Var w = tape.leaf(model_.parameter("encoder.W"));
  if (options_.rule == OnlineRule::sanger) return sanger(w, rows);
  const Var code = model_.code(rows);
  if (options_.rule == OnlineRule::tied_detached)
    return per_pixel_error(matmul(code, stop_gradient(w)), rows);
  return truncated_error(code, transpose(tape.leaf(model_.parameter("decoder.W"))), rows);
}

double OnlineLearner::step(Tape& tape, const View& x) {
  tape.begin(tape.step() + 1);
  const Var value = loss(tape, x);
  tape.backward(value);
  Sgd{options_.lr}.step(model_.parameters());
  return static_cast<double>(value.item());
}

}  // namespace hourglass
