#include <hourglass/core/error.hpp>
#include <hourglass/core/tape.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/data/generative.hpp>
#include <hourglass/measure/recovery.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/layers.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/theory/generative_consistency.hpp>
#include <hourglass/theory/generative_dynamics.hpp>
#include <hourglass/theory/generative_floors.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hourglass {
namespace {

using Model = RecoveryConfig::Model;
using Start = RecoveryConfig::Start;
using Gradient = RecoveryConfig::Gradient;

void require(bool holds, const std::string& what) {
  if (!holds) throw InputError(what);
}

void check(const RecoveryConfig& c) {
  require(c.n > 0 && c.m > 0, "n and m are at least 1");
  require(c.k >= 1 && c.k <= c.m, "k is from 1 to m = " + std::to_string(c.m));
  require(c.model != Model::mixture || c.k == 1, "a sample of a mixture has one atom: k = 1");
  require(c.model != Model::nonnegative || c.m >= 3, "non-negative codes need m >= 3");
  require(c.model != Model::sparse || c.m >= 2, "sparse codes need m >= 2");
  require(c.sigma > 0 && std::isfinite(c.sigma), "sigma is a number > 0");
  require(c.delta >= 0 && c.delta <= 2, "delta, a distance of unit columns, is from 0 to 2");
  require(c.contraction > 0 && std::isfinite(c.contraction), "the contraction is a number > 0");
  require(c.batch > 0 && c.steps >= 10, "batch is at least 1, steps at least 10");
  require(c.start != Start::data || c.batch >= c.m, "a start from data needs batch >= m");
  require(c.start != Start::near || c.n >= 2, "a start near the dictionary needs n >= 2");
  require(c.threshold > 0 && std::isfinite(c.threshold), "the threshold is a number > 0");
  require(std::isfinite(c.bias_start) && std::isfinite(c.bias_least), "biases are numbers");
  require(c.bias_start >= 0 && c.bias_ratio >= 0 && c.bias_ratio <= 1 && c.bias_least >= 0,
          "biases are <= 0 and go towards 0");
  require(c.bias_rate >= 0 && std::isfinite(c.bias_rate), "the bias rate is a number >= 0");
  require(c.bias_rate == 0 || c.model != Model::sparse, "the sparse model has no bias to train");
  require(c.bias_rate == 0 || c.gradient != Gradient::expected,
          "a bias is trained by the gradient of a batch, not by its closed form");
}

// Seeds of one run: what is drawn besides the dictionary takes another one, so that a random start
// is not the dictionary itself.
std::uint64_t start_seed(const RecoveryConfig& c) { return c.seed + 0x9e3779b97f4a7c15; }
constexpr std::uint64_t start_step = std::uint64_t{1} << 40;  // samples that training never sees

Array64 dictionary_of(const RecoveryConfig& c) {
  if (c.dictionary == "orthonormal") return data::orthonormal_dictionary(c.n, c.m, c.seed);
  if (c.dictionary == "dct") return data::dct_dictionary(c.n, c.m);
  if (c.dictionary == "gaussian") return data::gaussian_dictionary(c.n, c.m, c.seed);
  if (c.dictionary == "tight-frame") return data::tight_frame_dictionary(c.n, c.m, c.seed);
  require(c.dictionary == "identity-hadamard",
          "dictionary is '" + c.dictionary +
              "'; expected orthonormal, dct, identity-hadamard, gaussian or tight-frame");
  require(c.m == 2 * c.n, "identity-hadamard has m = 2 n");
  return data::identity_hadamard_dictionary(c.n);
}

GenerativeModel generator(const RecoveryConfig& c) {
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
Array64 samples_as_columns(const RecoveryConfig& c, const GenerativeSource& source) {
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

Array64 start_of(const RecoveryConfig& c, const GenerativeSource& source) {
  if (c.start == Start::near)
    return data::near_dictionary(source.model().dictionary, c.delta, start_seed(c));
  if (c.start == Start::random) return data::gaussian_dictionary(c.n, c.m, start_seed(c));
  return samples_as_columns(c, source);
}

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// What theory says about the settings, in the form the formulas want it.
struct Theory {
  const RecoveryConfig& c;
  const Array64& A;
  theory::SparseCodes codes;
  double zeta;

  Theory(const RecoveryConfig& config, const GenerativeModel& model)
      : c(config),
        A(model.dictionary),
        codes{c.k, model.law.mean(), model.law.second_moment()},
        zeta(c.contraction * static_cast<double>(c.m) / (static_cast<double>(c.k) * codes.kappa2)) {
  }

  std::vector<double> biases(std::size_t step) const {
    return std::vector<double>(c.m, c.bias(step));
  }
  std::vector<double> weights() const {
    return std::vector<double>(c.m, 1 / static_cast<double>(c.m));
  }
  Array64 gradient(const Array64& W, std::size_t step) const {
    if (c.model == Model::sparse) return theory::sparse_expected_gradient(W, A, codes, c.sigma);
    if (c.model == Model::mixture)
      return theory::mixture_expected_gradient(W, A, biases(step), weights(), c.sigma);
    return theory::nonnegative_expected_gradient(W, A, biases(step), codes, c.sigma);
  }
  std::vector<double> expected_distances(Array64 W) const {
    std::vector<double> distances;
    for (std::size_t step = 0; step <= c.steps; ++step) {
      distances.push_back(
          mean_of(matched_distances(W, A, identity_matching(W, A, Signs::fixed), true)));
      if (step < c.steps) theory::expected_step(W, gradient(W, step), zeta, c.normalise);
    }
    return distances;
  }
  // Those that a formula covers: NaN for the others, and for steps that do not contract.
  template <class F>
  static double where_it_exists(F f) {
    try {
      return f();
    } catch (const DomainError&) {
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
  theory::IncoherentSgdFloor sparse_noise() const {
    return theory::incoherent_sgd_floor(c.n, c.m, codes, c.sigma, data::coherence(A).mean_square,
                                        zeta, static_cast<double>(c.batch));
  }
  double sgd_floor() const {
    if (c.gradient == Gradient::expected) return 0;
    if (c.gradient == Gradient::straight_through)
      throw DomainError("recover: there is no floor of the straight-through gradient");
    const auto batch = static_cast<double>(c.batch);
    const bool is_orthonormal = data::coherence(A).mean_square < 1e-20;
    if (c.model == Model::mixture)
      return theory::mixture_sgd_floor(c.n, c.m, c.sigma, c.contraction, c.bias(c.steps), batch);
    if (c.model == Model::nonnegative && (c.n != c.m || !is_orthonormal))
      throw DomainError("recover: the floor is for orthonormal dictionaries with n = m");
    if (c.model == Model::nonnegative)
      return theory::nonnegative_sgd_floor(c.m, codes, c.sigma, -c.bias(c.steps), zeta, batch);
    if (is_orthonormal) return theory::sparse_sgd_floor(c.n, c.m, codes, c.sigma, zeta, batch);
    return sparse_noise().refined;
  }
  double noise_growth() const {
    const bool covered = c.model == Model::sparse && c.gradient != Gradient::expected &&
                         c.gradient != Gradient::straight_through;
    return covered ? sparse_noise().growth : 0;
  }
  double slowest_contraction() const {
    if (c.model == Model::mixture)
      return theory::mixture_contraction(c.contraction, c.bias(c.steps));
    if (c.model == Model::sparse)
      return 1 - zeta * theory::sparse_rates(codes, c.m, c.sigma).antisymmetric;
    return std::numeric_limits<double>::quiet_NaN();
  }
  double consistency(const Array64& W, const std::vector<double>& b) const {
    if (c.model == Model::sparse)
      return theory::sparse_consistency(W, A, c.k, c.sigma, c.threshold).probability;
    if (c.model == Model::mixture)
      return theory::mixture_consistency(W, A, b, weights(), c.sigma).product_approximation;
    return theory::nonnegative_consistency(W, A, b, c.k, 1, 2, c.sigma).probability;
  }
};

// A parameter is a unit a row; theory and measures have a unit a column.
Array64 columns_of(const Array& weight) {
  const auto [units, features] = shape_of(weight);
  Array64 W = empty64({features, units});
  for (std::size_t j = 0; j < shape_of(W).columns; ++j)
    for (std::size_t r = 0; r < shape_of(W).rows; ++r) W(r, j) = static_cast<double>(weight(j, r));
  return W;
}
void set_columns(Array& weight, const Array64& W) {
  for (std::size_t j = 0; j < shape_of(W).columns; ++j)
    for (std::size_t r = 0; r < shape_of(W).rows; ++r) weight(j, r) = static_cast<Real>(W(r, j));
}

// The network, its data and one step of its training.
struct Run {
  const RecoveryConfig& c;
  GenerativeSource source;
  Theory predict;
  Dense encoder, decoder;
  Signs signs;
  Activation activation;
  GenerativeBatch batch{};
  Array indicator{};
  Tape tape{};
  RecoveryTrace trace{};
  std::size_t dead = 0;

  explicit Run(const RecoveryConfig& config)
      : c(config),
        source(generator(config)),
        predict(config, source.model()),
        encoder("encoder", c.n, c.m, true),
        decoder(encoder.tied("decoder")),
        signs(c.model == Model::sparse ? Signs::free : Signs::fixed),
        activation(c.model == Model::sparse ? Activation(Activation::hard_threshold, c.threshold)
                                            : Activation(Activation::relu)) {}

  Matching match(const Array64& W) const {
    const Array64& A = source.model().dictionary;
    return c.start == Start::near ? identity_matching(W, A, signs) : match_columns(W, A, signs);
  }
  std::vector<double> biases() const {
    const Array& b = encoder.bias->value;
    return {b.begin(), b.end()};
  }
  double consistency(const Array64& W, const Matching& matching, const std::vector<double>& b) {
    std::vector<double> of_atoms;
    for (const std::size_t unit : matching.column_of_atom) of_atoms.push_back(b[unit]);
    return predict.consistency(matched_columns(W, matching, false), of_atoms);
  }
  // The code that gradients flow through, from the pre-activations and the network's own code.
  Var trained_code(Var h, Var code) {
    if (c.gradient == Gradient::straight_through) return h + stop_gradient(code - h);
    if (c.gradient != Gradient::surrogate) return code;
    data::support_indicator(batch, c.m, indicator);
    return mul(h, tape.constant(indicator));
  }
  void measure(double loss, Var code) {
    const Array64 W = columns_of(encoder.weight->value);
    const Matching matching = match(W);
    const auto distances = matched_distances(W, source.model().dictionary, matching, true);
    const GateErrors gates = gate_errors(code.value(), batch.support, c.k, matching);
    trace.mean_distance.push_back(mean_of(distances));
    trace.max_distance.push_back(*std::max_element(distances.begin(), distances.end()));
    trace.loss.push_back(loss);
    trace.consistency.push_back(gates.consistency);
    trace.missed.push_back(gates.missed);
    trace.raised.push_back(gates.raised);
    trace.bias.push_back(mean_of(biases()));
    dead = dead_units(code.value());
  }
  void update(Var loss, std::size_t step) {
    Parameter *weight[] = {encoder.weight.get()}, *bias[] = {encoder.bias.get()};
    if (c.gradient == Gradient::expected) {
      Array64 W = columns_of(weight[0]->value);
      theory::expected_step(W, predict.gradient(W, step), predict.zeta, c.normalise);
      return set_columns(weight[0]->value, W);
    }
    tape.backward(loss);
    Sgd{.learning_rate = predict.zeta}.step(weight);
    if (c.bias_rate > 0) Sgd{.learning_rate = c.bias_rate * predict.zeta}.step(bias);
    if (c.normalise) normalise_rows(*weight[0]);
  }
  void step(std::size_t step) {
    source.draw(step, c.batch, batch);
    if (step == 0 || c.bias_rate == 0) encoder.bias->value.fill(static_cast<Real>(c.bias(step)));
    tape.begin(step);
    const Var x = tape.constant(batch.x), h = encoder(x), code = activation(h);
    const Var loss = half_squared_error(decoder(trained_code(h, code)), x);
    if (!std::isfinite(double(loss.item())))
      throw Divergence("training diverged: the loss is not finite at step " + std::to_string(step) +
                       " (a smaller contraction may help)");
    measure(double(loss.item()), code);
    if (step < c.steps) update(loss, step);
    if (c.progress) c.progress(step, c.steps);
  }
};

}  // namespace

Array samples_of(const RecoveryConfig& config, std::size_t count) {
  check(config);
  GenerativeBatch batch;
  GenerativeSource(generator(config)).draw(start_step, count, batch);
  return batch.x;
}

Recovery recover(const RecoveryConfig& config) {
  check(config);
  Run run(config);
  const Array64& A = run.source.model().dictionary;
  const Array64 W0 = start_of(config, run.source);
  set_columns(run.encoder.weight->value, W0);
  for (std::size_t step = 0; step <= config.steps; ++step) run.step(step);
  const Array64 W = columns_of(run.encoder.weight->value);
  const Matching matching = run.match(W);
  RecoveryPrediction predicted;
  predicted.expected_distance =
      run.predict.expected_distances(config.start == Start::near ? W0 : A);
  predicted.sgd_floor = Theory::where_it_exists([&] { return run.predict.sgd_floor(); });
  const double growth = Theory::where_it_exists([&] { return run.predict.noise_growth(); });
  predicted.noise_growth = std::isnan(growth) ? 0 : growth;
  predicted.final_distance = std::hypot(predicted.sgd_floor, predicted.expected_distance.back());
  predicted.slowest_contraction =
      Theory::where_it_exists([&] { return run.predict.slowest_contraction(); });
  predicted.first_consistency = run.consistency(W0, run.match(W0), run.predict.biases(0));
  predicted.last_consistency = run.consistency(W, matching, run.biases());
  return {std::move(run.trace),
          std::move(predicted),
          A,
          matched_columns(W, matching, true),
          run.predict.zeta,
          match_columns(W, A, run.signs).recovered(),
          run.dead,
          rotated_pairs(W, A)};
}

}  // namespace hourglass
