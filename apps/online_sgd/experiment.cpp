#include "experiment.hpp"

#include <hourglass/measure/comparison.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

namespace hourglass {
namespace {

// docs/theory/nonlinear.md, section 10
constexpr double median_tolerance = 5e-3, image_tolerance = 3e-2, image_final_tolerance = 5e-3;
// Of more units and modes nothing but their number would be seen.
constexpr std::size_t most_units = 4, most_modes = 8;
constexpr double first_record = 0.1;  // in units of time

using Row = std::vector<double>;

// What measurement and theory share.
struct OnlineSetting {
  OnlineSgdConfig config;  // as used
  const OnlineInputs& inputs;
  Observed observed;
  Array64 basis;  // eigenvectors of the inputs in columns
  std::vector<std::size_t> record;
  std::vector<double> times;  // of the recorded steps, in steps/D

  double D() const { return static_cast<double>(inputs.features()); }
};

double median(Row values) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double deviation(const Row& values) {
  double mean = 0, squares = 0;
  for (const double x : values) mean += x / double(values.size());
  for (const double x : values) squares += (x - mean) * (x - mean);
  return values.size() < 2 ? NAN : std::sqrt(squares / double(values.size() - 1));
}

theory::Unit unit_of(Activation activation) {
  return activation == Activation::linear ? theory::Unit::linear
         : activation == Activation::erf  ? theory::Unit::erf
                                          : theory::Unit::relu;
}

theory::Rule theory_rule(OnlineRule rule) {
  return rule == OnlineRule::truncated       ? theory::Rule::truncated
         : rule == OnlineRule::tied          ? theory::Rule::tied
         : rule == OnlineRule::tied_detached ? theory::Rule::tied_detached
                                             : theory::Rule::vanilla;
}

Array64 identity(std::size_t size) {
  Array64 result({size, size}, 0.0);
  for (std::size_t i = 0; i < size; ++i) result(i, i) = 1;
  return result;
}

void validate(const OnlineSgdConfig& config, const OnlineInputs& inputs, double ell_1) {
  if (config.hidden > inputs.features())
    throw refused("hidden", double(config.hidden),
                  "1 to the number of features, " + std::to_string(inputs.features()));
  if (!(ell_1 > 0)) throw InputError(inputs.name + ": all values are zero");
  // an explicit step of the small-weight dynamics, whose rate is at most lr ell_1 D/D
  if (config.learning.lr * ell_1 >= double(inputs.features()))
    throw refused("lr", config.learning.lr, "less than D/ell_1: beyond it training is unstable");
}

double length_of_run(const OnlineSgdConfig& config, const OnlineInputs& inputs) {
  if (config.time) return *config.time;
  if (inputs.gaussian()) return 100 / config.learning.lr;
  return 5 * double(inputs.rows.samples()) / double(config.batch) / double(inputs.features());
}

// Step 0, and steps evenly in log(time) from 0.1 on.
void choose_steps(OnlineSetting& setting) {
  const double end = *setting.config.time, first = std::min(first_record, end / 10);
  const double count = double(setting.config.records - 1);
  setting.record = {0};
  for (std::size_t k = 0; k < setting.config.records; ++k) {
    const double time = first * std::pow(end / first, double(k) / count);
    const auto step = std::max<std::size_t>(1, std::size_t(std::llround(time * setting.D())));
    if (step > setting.record.back()) setting.record.push_back(step);
  }
  for (const std::size_t step : setting.record) setting.times.push_back(double(step) / setting.D());
}

OnlineSetting setting_of(const OnlineSgdConfig& given, const OnlineInputs& inputs) {
  OnlineSgdConfig config = settled(given);
  const std::size_t hidden = config.hidden;
  const Row ell = inputs.ell();
  validate(config, inputs, ell[0]);
  config.time = length_of_run(config, inputs);
  OnlineSetting setting{config,
                        inputs,
                        {unit_of(config.learning.activation), ell, std::min(hidden, most_units),
                         std::min({hidden, most_modes, inputs.features()})},
                        inputs.gaussian() ? identity(inputs.features()) : inputs.basis,
                        {},
                        {}};
  choose_steps(setting);
  return setting;
}

OnlineLearner start(const OnlineSetting& setting) {
  const OnlineSgdConfig& config = setting.config;
  OnlineLearner learner(setting.inputs.features(), config.hidden, config.learning);
  const bool unit_rows = config.learning.rule == OnlineRule::sanger;
  init::gaussian(learner.model().parameters(),
                 config.init / (unit_rows ? std::sqrt(setting.D()) : 1),
                 {.seed = config.seed, .id = 0});
  return learner;
}

// The numbers of a bias, if the model has it.
Row bias(const Autoencoder& model, const std::string& name) {
  for (const Parameter* p : model.parameters())
    if (p->name == name) return {p->value.begin(), p->value.end()};
  return {};
}

// The weights as the theory sees them. Sanger's W^T W x is a linear network of section 1.2 with
// encoder sqrt(D) W and decoder W.
theory::Amplitudes amplitudes(const OnlineSetting& setting, const Autoencoder& model) {
  const OnlineRule rule = setting.config.learning.rule;
  const bool tied = rule != OnlineRule::vanilla && rule != OnlineRule::truncated;
  const Array64 W = to_double(model.parameter("encoder.W").value);
  const Array64 V = tied ? W : to_double(model.parameter("decoder.W").value);
  theory::Amplitudes at = theory::amplitudes_of(W, V, setting.basis, bias(model, "encoder.b"),
                                                bias(model, "decoder.b"));
  if (rule == OnlineRule::sanger) at.w *= std::sqrt(static_cast<double>(at.modes()));
  return at;
}

// Of all rows, in blocks that a core's cache holds.
double error_on(const Array& rows, const Autoencoder& model) {
  constexpr std::size_t block = 64;
  const auto [count, columns] = shape_of(rows);
  Tape tape;
  double total = 0;
  for (std::size_t first = 0; first < count; first += block) {
    const Shape shape{std::min(block, count - first), columns};
    tape.begin();
    const Var loss = model.loss(tape, borrow(rows.data() + first * columns, shape));
    total += double(loss.item()) * double(shape.rows);
  }
  return total / double(count);
}

Row seen_of(const OnlineSetting& setting, const Autoencoder& model) {
  const Observed& observed = setting.observed;
  const theory::Amplitudes at = amplitudes(setting, model);
  return observed.row(setting.inputs.gaussian()
                          ? theory::pixel_error(observed.unit, observed.ell, at)
                          : error_on(setting.inputs.rows.x, model),
                      at);
}

// The run of that number.
Trace measure(const OnlineSetting& setting, std::size_t run) {
  const OnlineSgdConfig& config = setting.config;
  OnlineLearner learner = start(setting);
  const Stream stream{.seed = config.seed, .id = static_cast<std::uint32_t>(run + 1)};
  const auto draw = sampler(setting.inputs, config.batch, stream);
  const std::size_t end = setting.record.back();
  RunState state{.curve = Trace(setting.observed.columns())};
  Optimiser none = Sgd{};  // the learner remembers nothing
  Part part(config.journal, "run " + std::to_string(run + 1), state, learner.model().parameters(),
            none);
  const std::size_t recorded = state.curve.steps().size();
  Tape tape;
  for (const std::size_t wanted : std::span(setting.record).subspan(recorded)) {
    while (state.step < wanted) {
      const double loss = learner.step(tape, draw(state.step));
      require_finite(loss, state.loss_sum, state.step);
      state.loss_sum = loss;
      ++state.step;
      if (config.progress) config.progress(run * end + state.step, config.seeds * end);
      part.after_step(state.step == end);
    }
    state.curve.add(double(state.step), seen_of(setting, learner.model()));
  }
  return std::move(state.curve);
}

std::vector<theory::ShallowMoment> sanger_moments(const OnlineSetting& setting,
                                                  const Array64& start) {
  const double root = std::sqrt(setting.D()), lr = setting.config.learning.lr;
  const Row& ell = setting.observed.ell;
  std::vector<theory::ShallowMoment> moments;
  for (const Array64& w : theory::sanger_trajectory(lr, ell, start / root, setting.times))
    moments.push_back({0, theory::sanger_pixel_error(ell, w), {w * root, w / root, {}, {}}});
  return moments;
}

// From the spectrum, the settings and the initial weights alone.
Trace predict(const OnlineSetting& setting) {
  const OnlineOptions& learning = setting.config.learning;
  const Observed& observed = setting.observed;
  const theory::Amplitudes at = amplitudes(setting, start(setting).model());
  const auto moments = learning.rule == OnlineRule::sanger
                           ? sanger_moments(setting, at.w)
                           : theory::ShallowDynamics{observed.unit, theory_rule(learning.rule),
                                                     learning.lr, observed.ell, at}
                                 .integrate(setting.times);
  Trace trace(observed.columns());
  for (std::size_t k = 0; k < setting.record.size(); ++k)
    trace.add(double(setting.record[k]), observed.row(moments[k].pixel_error, moments[k].at));
  return trace;
}

Trace over_runs(const std::vector<Trace>& runs, double (*f)(Row)) {
  const Trace& first = runs[0];
  Trace trace(first.columns());
  Row values(runs.size()), row(first.columns().size());
  for (std::size_t k = 0; k < first.steps().size(); ++k) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      for (std::size_t s = 0; s < runs.size(); ++s) values[s] = runs[s].values(c)[k];
      row[c] = f(values);
    }
    trace.add(first.steps()[k], row);
  }
  return trace;
}

std::vector<Quantity> error_quantities(const Row& measured, const Row& predicted, bool gaussian) {
  Row off;
  for (std::size_t k = 1; k < measured.size(); ++k)
    off.push_back(std::abs(measured[k] / predicted[k] - 1));
  return {{online_sgd::median_relative, "", median(off), 0, gaussian ? median_tolerance : NAN},
          {online_sgd::largest_relative, "", *std::max_element(off.begin(), off.end()), 0,
           gaussian ? NAN : image_tolerance},
          {final_value_name, "", measured.back(), predicted.back(),
           gaussian ? NAN : image_final_tolerance, true}};
}

// How the first mode is learned, by the weights that all runs begin with.
theory::Escape escape_of(const OnlineSetting& setting) {
  return theory::escape(setting.observed.unit, amplitudes(setting, start(setting).model()));
}

std::vector<Quantity> gain_quantities(const OnlineSetting& setting, const Column& gain,
                                      const Trace& predicted, const std::vector<Trace>& runs) {
  const theory::Escape escape = escape_of(setting);
  const double end = gain.index == 1 ? escape.gain : 1;
  const double expected = half_time(setting.times, predicted[gain], end);
  if (std::isnan(expected)) return {};
  Row found;
  for (const Trace& run : runs) found.push_back(half_time(setting.times, run[gain], end));
  const double jitter = theory::escape_jitter(escape, expected, setting.inputs.features()) /
                        std::sqrt(double(setting.config.batch));
  // later modes show up to three times the law, which is that of the first
  const bool later = gain.index > 1 && setting.observed.unit != theory::Unit::relu;
  const bool judged = setting.inputs.gaussian() && (gain.index == 1 || later);
  const double tolerance = (later ? 6 : 2) * jitter;
  std::erase_if(found, [](double t) { return std::isnan(t); });
  const double middle = found.size() == runs.size() ? median(found) : INFINITY;
  return {{half_time_name, "steps/D", middle, expected, judged ? tolerance : NAN},
          {"jitter of the half time", "steps/D", deviation(found), jitter, NAN}};
}

void judge(const OnlineSetting& setting, Comparison& comparison, const std::vector<Trace>& runs) {
  const Trace &measured = comparison.measured, &predicted = comparison.predicted;
  for (const Column& column : measured.columns()) {
    Agreement one = agreement_of(measured, predicted, column, NAN);
    if (column == online_sgd::error())
      one.quantities =
          error_quantities(measured[column], predicted[column], setting.inputs.gaussian());
    if (column == online_sgd::gain(std::size_t(column.index)))
      one.quantities = gain_quantities(setting, column, predicted, runs);
    comparison.agreements.push_back(one);
  }
}

}  // namespace

OnlineSgdResult run_online_sgd(const OnlineSgdConfig& config, const OnlineInputs& inputs) {
  const OnlineSetting setting = setting_of(config, inputs);
  const std::size_t seeds = setting.config.seeds, hidden = setting.config.hidden;
  const auto start = std::chrono::steady_clock::now();
  std::vector<Trace> runs;
  for (std::size_t run = 0; run < seeds; ++run) runs.push_back(measure(setting, run));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  OnlineSgdResult result{.config = setting.config,
                         .comparison = {over_runs(runs, median), predict(setting), {}},
                         .low = over_runs(runs, [](Row r) { return std::ranges::min(r); }),
                         .high = over_runs(runs, [](Row r) { return std::ranges::max(r); }),
                         .observed = setting.observed,
                         .escape = escape_of(setting),
                         .pca_errors = {},
                         .gaussian = inputs.gaussian(),
                         .mean_share = inputs.mean_share,
                         .training_seconds = elapsed.count(),
                         .steps = seeds * setting.record.back()};
  judge(setting, result.comparison, runs);
  for (std::size_t k = 0; k <= hidden; ++k)
    result.pca_errors.push_back(theory::pca_pixel_error(setting.observed.ell, k));
  return result;
}

}  // namespace hourglass
