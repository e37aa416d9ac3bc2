#include <hourglass/core/error.hpp>
#include <hourglass/measure/half_time.hpp>
#include <hourglass/measure/online_sgd.hpp>
#include <hourglass/measure/order_parameters.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/theory/sanger.hpp>
#include <hourglass/theory/shallow_dynamics.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

namespace hourglass {
namespace {

// docs/theory/nonlinear.md, section 10
constexpr double median_tolerance = 5e-3, image_tolerance = 3e-2, image_final_tolerance = 5e-3;
// Of more units and modes nothing but their number would be seen.
constexpr std::size_t most_units = 4, most_modes = 8;
constexpr double first_record = 0.1;  // in units of time

using Row = std::vector<double>;

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

// The numbers of a bias, if the model has it.
Row bias(const Autoencoder& model, const std::string& name) {
  for (const Parameter* p : model.parameters())
    if (p->name == name) return {p->value.begin(), p->value.end()};
  return {};
}

Array64 identity(std::size_t size) {
  Array64 result({size, size}, 0.0);
  for (std::size_t i = 0; i < size; ++i) result(i, i) = 1;
  return result;
}

// The weights as the theory sees them. Sanger's W^T W x is a linear network of section 1.2 with
// encoder sqrt(D) W and decoder W.
theory::Amplitudes amplitudes(const Autoencoder& model, OnlineRule rule, const Array64& basis) {
  const bool tied = rule != OnlineRule::vanilla && rule != OnlineRule::truncated;
  const Array64 W = to_double(model.parameter("encoder.W").value);
  const Array64 V = tied ? W : to_double(model.parameter("decoder.W").value);
  theory::Amplitudes at =
      theory::amplitudes_of(W, V, basis, bias(model, "encoder.b"), bias(model, "decoder.b"));
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

class Experiment {
 public:
  Experiment(const OnlineSgdConfig& config, const OnlineInputs& inputs)
      : config_(config),
        inputs_(inputs),
        ell_(inputs.ell()),
        basis_(inputs.gaussian() ? identity(inputs.features()) : inputs.basis),
        unit_(unit_of(config.learning.activation)),
        columns_(unit_, ell_, std::min(config.hidden, most_units),
                 std::min({config.hidden, most_modes, inputs.features()})) {
    validate();
    choose_steps();
  }

  OnlineSgdResult run() {
    OnlineSgdResult result;
    result.steps = record_.back();
    const auto start = std::chrono::steady_clock::now();
    std::vector<Trace> runs;
    for (std::size_t s = 0; s < config_.seeds; ++s) runs.push_back(measure(s));
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result.training_seconds = elapsed.count();
    Comparison& comparison = result.comparison;
    comparison.predicted = predict();
    comparison.measured = over_runs(runs, median);
    result.low =
        over_runs(runs, [](const Row& r) { return *std::min_element(r.begin(), r.end()); });
    result.high =
        over_runs(runs, [](const Row& r) { return *std::max_element(r.begin(), r.end()); });
    judge(comparison, runs);
    for (std::size_t k = 0; k <= config_.hidden; ++k)
      result.pca_errors.push_back(theory::pca_pixel_error(ell_, k));
    return result;
  }

 private:
  double D() const { return static_cast<double>(inputs_.features()); }

  static void refuse(const std::string& option, double found, const std::string& expected) {
    std::ostringstream text;
    text << option << ": found " << found << ", expected " << expected;
    throw InputError(text.str());
  }

  void validate() const {
    const auto positive = [](const char* option, double value) {
      if (!std::isfinite(value) || value <= 0) refuse(option, value, "a positive number");
    };
    if (config_.hidden == 0 || config_.hidden > inputs_.features())
      refuse("--hidden", double(config_.hidden),
             "1 to the number of features, " + std::to_string(inputs_.features()));
    positive("--lr", config_.learning.lr);
    positive("--init", config_.init);
    if (config_.time) positive("--time", *config_.time);
    if (config_.batch == 0) refuse("--batch", 0, "at least 1");
    if (config_.seeds == 0) refuse("--seeds", 0, "at least 1");
    if (config_.records < 2) refuse("--records", double(config_.records), "at least 2");
    if (!(ell_[0] > 0)) throw InputError(inputs_.name + ": all values are zero");
    // an explicit step of the small-weight dynamics, whose rate is at most lr ell_1 D/D
    if (config_.learning.lr * ell_[0] >= D())
      refuse("--lr", config_.learning.lr, "less than D/ell_1: beyond it training is unstable");
  }

  // Step 0, and steps evenly in log(time) from 0.1 on.
  void choose_steps() {
    double end = 100 / config_.learning.lr;
    if (!inputs_.gaussian()) end = 5 * double(inputs_.rows.samples()) / double(config_.batch) / D();
    end = config_.time.value_or(end);
    const double first = std::min(first_record, end / 10);
    const double count = double(config_.records - 1);
    record_ = {0};
    for (std::size_t k = 0; k < config_.records; ++k) {
      const double time = first * std::pow(end / first, double(k) / count);
      const auto step = std::max<std::size_t>(1, std::size_t(std::llround(time * D())));
      if (step > record_.back()) record_.push_back(step);
    }
    for (const std::size_t step : record_) times_.push_back(double(step) / D());
  }

  OnlineLearner start() const {
    OnlineLearner learner(inputs_.features(), config_.hidden, config_.learning);
    const bool unit_rows = config_.learning.rule == OnlineRule::sanger;
    init::gaussian(learner.model().parameters(), config_.init / (unit_rows ? std::sqrt(D()) : 1),
                   {.seed = config_.seed, .id = 0});
    return learner;
  }

  double error(const OnlineLearner& learner, const theory::Amplitudes& at) const {
    if (inputs_.gaussian()) return theory::pixel_error(unit_, ell_, at);
    return error_on(inputs_.rows.x, learner.model());
  }

  Trace measure(std::size_t s) {
    OnlineLearner learner = start();
    const Stream stream{.seed = config_.seed, .id = static_cast<std::uint32_t>(s + 1)};
    const auto draw = sampler(inputs_, config_.batch, stream);
    Trace trace(columns_.columns());
    Tape tape;
    double last = 0;
    std::size_t step = 0;
    for (const std::size_t wanted : record_) {
      for (; step < wanted; ++step) {
        const double loss = learner.step(tape, draw(step));
        require_finite(loss, last, step);
        last = loss;
        if (config_.progress)
          config_.progress(s * record_.back() + step + 1, config_.seeds * record_.back());
      }
      const theory::Amplitudes at = amplitudes(learner.model(), config_.learning.rule, basis_);
      trace.add(double(step), columns_.row(error(learner, at), at));
    }
    return trace;
  }

  // From the spectrum, the settings and the initial weights alone.
  Trace predict() const {
    const OnlineOptions& learning = config_.learning;
    const theory::Amplitudes at = amplitudes(start().model(), learning.rule, basis_);
    std::vector<theory::ShallowMoment> moments;
    if (learning.rule == OnlineRule::sanger) {
      const double root = std::sqrt(D());
      const Array64 w0 = at.w / root;
      for (const Array64& w : theory::sanger_trajectory(learning.lr, ell_, w0, times_))
        moments.push_back({0, theory::sanger_pixel_error(ell_, w), {w * root, w / root, {}, {}}});
    } else {
      moments = theory::ShallowDynamics{unit_, theory_rule(learning.rule), learning.lr, ell_, at}
                    .integrate(times_);
    }
    Trace trace(columns_.columns());
    for (std::size_t k = 0; k < record_.size(); ++k)
      trace.add(double(record_[k]), columns_.row(moments[k].pixel_error, moments[k].at));
    return trace;
  }

  Trace over_runs(const std::vector<Trace>& runs,
                  const std::function<double(const Row&)>& f) const {
    Trace trace(columns_.columns());
    Row values(runs.size()), row(trace.columns().size());
    for (std::size_t k = 0; k < record_.size(); ++k) {
      for (std::size_t c = 0; c < row.size(); ++c) {
        for (std::size_t s = 0; s < runs.size(); ++s) values[s] = runs[s].values(c)[k];
        row[c] = f(values);
      }
      trace.add(double(record_[k]), row);
    }
    return trace;
  }

  void judge(Comparison& comparison, const std::vector<Trace>& runs) const {
    for (const Column& column : columns_.columns()) {
      Agreement one = agreement_of(comparison.measured, comparison.predicted, column, NAN);
      if (column.series == "error") one.quantities = error_quantities(comparison);
      if (column.series == "mode gain") one.quantities = gain_quantities(comparison, column, runs);
      comparison.agreements.push_back(one);
    }
  }

  std::vector<Quantity> error_quantities(const Comparison& comparison) const {
    const Row& measured = comparison.measured.values(0);
    const Row& predicted = comparison.predicted.values(0);
    Row off;
    for (std::size_t k = 1; k < measured.size(); ++k)
      off.push_back(std::abs(measured[k] / predicted[k] - 1));
    const bool gaussian = inputs_.gaussian();
    return {{"median relative deviation", "", median(off), 0, gaussian ? median_tolerance : NAN},
            {"largest relative deviation", "", *std::max_element(off.begin(), off.end()), 0,
             gaussian ? NAN : image_tolerance},
            {"final value", "", measured.back(), predicted.back(),
             gaussian ? NAN : image_final_tolerance, true}};
  }

  std::vector<Quantity> gain_quantities(const Comparison& comparison, const Column& column,
                                        const std::vector<Trace>& runs) const {
    const std::size_t c = comparison.predicted.find(column);
    const double expected = half_time(times_, comparison.predicted.values(c), 1);
    if (std::isnan(expected)) return {};
    Row found;
    for (const Trace& run : runs) found.push_back(half_time(times_, run.values(c), 1));
    const double jitter = theory::escape_jitter(expected, inputs_.features());
    const bool judged = inputs_.gaussian() && column.index == 1;
    std::erase_if(found, [](double t) { return std::isnan(t); });
    const double middle = found.size() == runs.size() ? median(found) : INFINITY;
    return {{"half time", "steps/D", middle, expected, judged ? 2 * jitter : NAN},
            {"jitter of the half time", "steps/D", deviation(found), jitter, NAN}};
  }

  const OnlineSgdConfig& config_;
  const OnlineInputs& inputs_;
  std::vector<double> ell_;
  Array64 basis_;
  theory::Unit unit_;
  OrderParameterColumns columns_;
  std::vector<std::size_t> record_;
  std::vector<double> times_;  // of the recorded steps, in steps/D
};

}  // namespace

OnlineSgdResult run_online_sgd(const OnlineSgdConfig& config, const OnlineInputs& inputs) {
  return Experiment(config, inputs).run();
}

}  // namespace hourglass
