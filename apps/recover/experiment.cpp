#include "experiment.hpp"

#include <hourglass/core/tape.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/layers.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/theory/matrix.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace hourglass {
namespace {

using Model = RecoverConfig::Model;
using Dictionary = RecoverConfig::Dictionary;
using Start = RecoverConfig::Start;
using Gradient = RecoverConfig::Gradient;

// Seeds of one run: what is drawn besides the dictionary takes another one, so that a random start
// is not the dictionary itself.
std::uint64_t start_seed(const RecoverConfig& c) { return c.seed + 0x9e3779b97f4a7c15; }
constexpr std::uint64_t start_step = std::uint64_t{1} << 40;  // samples that training never sees

Array64 dictionary_of(const RecoverConfig& c) {
  switch (c.dictionary) {
    case Dictionary::orthonormal:
      return data::orthonormal_dictionary(c.n, c.m, c.seed);
    case Dictionary::dct:
      return data::dct_dictionary(c.n, c.m);
    case Dictionary::identity_hadamard:
      return data::identity_hadamard_dictionary(c.n);
    case Dictionary::gaussian:
      return data::gaussian_dictionary(c.n, c.m, c.seed);
    case Dictionary::tight_frame:
      break;
  }
  return data::tight_frame_dictionary(c.n, c.m, c.seed);
}

GenerativeModel generator(const RecoverConfig& c) {
  GenerativeModel model{.k = c.k, .sigma = c.sigma, .seed = c.seed};
  try {
    model.dictionary = dictionary_of(c);
  } catch (const ArgumentError& wrong) {
    throw InputError(wrong.what());
  }
  if (c.model == Model::sparse) model.law = CoefficientLaw::rademacher();
  if (c.model == Model::nonnegative) model.law = CoefficientLaw::uniform(1, 2);
  return model;
}

// The first m samples, of norm 1.
Array64 samples_as_columns(const RecoverConfig& c, const GenerativeSource& source) {
  GenerativeBatch batch;
  source.draw(start_step, c.m, batch);
  Array64 W = empty64({c.n, c.m});
  for (std::size_t j = 0; j < c.m; ++j) {
    double squared = 0;
    for (std::size_t r = 0; r < c.n; ++r) squared += std::pow(double(batch.x(j, r)), 2);
    for (std::size_t r = 0; r < c.n; ++r) W(r, j) = double(batch.x(j, r)) / std::sqrt(squared);
  }
  return W;
}

Array64 start_of(const RecoverConfig& c, const GenerativeSource& source) {
  if (c.start == Start::near)
    return data::near_dictionary(source.model().dictionary, c.delta, start_seed(c));
  if (c.start == Start::random) return data::gaussian_dictionary(c.n, c.m, start_seed(c));
  return samples_as_columns(c, source);
}

// A parameter is a unit a row; theory and measures have a unit a column.
Array64 columns_of(const Parameter& weight) { return theory::transposed(to_double(weight.value)); }
void set_columns(Parameter& weight, const Array64& W) {
  weight.value = to_real(theory::transposed(W));
}

// The network, its data and its training.
class Learning {
 public:
  explicit Learning(const RecoverConfig& config)
      : c_(config),
        source_(generator(config)),
        theory_(config, source_.model()),
        encoder_("encoder", c_.n, c_.m, true),
        decoder_(encoder_.tied("decoder")),
        signs_(c_.model == Model::sparse ? Signs::free : Signs::fixed),
        activation_(c_.model == Model::sparse ? Activation(Activation::hard_threshold, c_.threshold)
                                              : Activation(Activation::relu)) {}

  Recovery run() {
    const Array64 W0 = start_of(c_, source_);
    set_columns(*encoder_.weight, W0);
    Optimiser none = Sgd{};  // nothing is remembered
    Part part(c_.journal, "seed " + std::to_string(c_.seed), state_, parameters_, none);
    while (true) {
      take_step(state_.step);
      if (state_.step == c_.steps) break;
      ++state_.step;
      part.after_step(state_.step == c_.steps);
    }
    const Array64 W = columns_of(*encoder_.weight);
    const Matching matching = match(W);
    RecoveryPrediction predicted = theory_.from(W0);
    predicted.first_consistency =
        consistency(W0, match(W0), std::vector<double>(c_.m, bias_at(c_, 0)));
    predicted.last_consistency = consistency(W, matching, biases());
    return {state_.curve,
            predicted,
            dictionary(),
            matched_columns(W, matching, true),
            match_columns(W, dictionary(), signs_).recovered(),
            dead_,
            rotated_pairs(W, dictionary())};
  }

 private:
  const Array64& dictionary() const { return source_.model().dictionary; }
  Matching match(const Array64& W) const {
    return c_.start == Start::near ? identity_matching(W, dictionary(), signs_)
                                   : match_columns(W, dictionary(), signs_);
  }
  std::vector<double> biases() const {
    const Array& b = encoder_.bias->value;
    return {b.begin(), b.end()};
  }
  double consistency(const Array64& W, const Matching& matching,
                     const std::vector<double>& b) const {
    std::vector<double> of_atoms;
    for (const std::size_t unit : matching.column_of_atom) of_atoms.push_back(b[unit]);
    return theory_.consistency(matched_columns(W, matching, false), of_atoms);
  }

  void take_step(std::size_t step) {
    source_.draw(step, c_.batch, batch_);
    if (step == 0 || !c_.bias_rate) encoder_.bias->value.fill(static_cast<Real>(bias_at(c_, step)));
    tape_.begin(step);
    const Var x = tape_.constant(batch_.x), h = encoder_(x), code = activation_(h);
    const Var loss = half_squared_error(decoder_(trained_code(h, code)), x);
    if (!std::isfinite(double(loss.item())))
      throw Divergence("training diverged: the loss is not finite at step " + std::to_string(step));
    measure(step, double(loss.item()), code);
    if (step < c_.steps) update(loss, step);
    if (c_.progress) c_.progress(step, c_.steps);
  }
  // The code that gradients flow through, from the pre-activations and the network's own code.
  Var trained_code(Var h, Var code) {
    if (c_.gradient == Gradient::straight_through) return h + stop_gradient(code - h);
    if (c_.gradient != Gradient::surrogate) return code;
    data::support_indicator(batch_, c_.m, indicator_);
    return mul(h, tape_.constant(indicator_));
  }
  void measure(std::size_t step, double loss, Var code) {
    const Array64 W = columns_of(*encoder_.weight);
    const Matching matching = match(W);
    const auto distances = matched_distances(W, dictionary(), matching, true);
    const GateErrors gates = gate_errors(code.value(), batch_.support, c_.k, matching);
    state_.curve.add(static_cast<double>(step),
                     {mean_of(distances), *std::max_element(distances.begin(), distances.end()),
                      loss, gates.consistency, gates.missed, gates.raised, mean_of(biases())});
    dead_ = dead_units(code.value());
  }
  void update(Var loss, std::size_t step) {
    if (c_.gradient == Gradient::expected) {
      Array64 W = columns_of(*encoder_.weight);
      theory_.take_step(W, step);
      return set_columns(*encoder_.weight, W);
    }
    Parameter *weight[] = {encoder_.weight.get()}, *bias[] = {encoder_.bias.get()};
    tape_.backward(loss);
    Sgd{.learning_rate = theory_.zeta()}.step(weight);
    if (c_.bias_rate) Sgd{.learning_rate = *c_.bias_rate * theory_.zeta()}.step(bias);
    if (c_.normalise) normalise_rows(*weight[0]);
  }

  const RecoverConfig& c_;
  GenerativeSource source_;
  RecoverTheory theory_;
  Dense encoder_, decoder_;
  Signs signs_;
  Activation activation_;
  GenerativeBatch batch_{};
  Array indicator_{};
  Tape tape_{};
  std::array<Parameter*, 2> parameters_{encoder_.weight.get(), encoder_.bias.get()};
  RunState state_{.curve = Trace({recover::mean_distance(), recover::max_distance(),
                                  recover::loss(), recover::consistency(), recover::missed(),
                                  recover::raised(), recover::bias()})};
  std::size_t dead_ = 0;
};

}  // namespace

Array samples_of(const RecoverConfig& config, std::size_t count) {
  GenerativeBatch batch;
  GenerativeSource(generator(settled(config))).draw(start_step, count, batch);
  return batch.x;
}

Recovery recover_once(const RecoverConfig& config) {
  const RecoverConfig c = settled(config);
  return Learning(c).run();
}

}  // namespace hourglass
