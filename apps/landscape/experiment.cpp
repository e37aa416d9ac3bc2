#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/dataset.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/measure/landscape.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/learning_rules.hpp>
#include <hourglass/theory/landscape.hpp>

#include <chrono>
#include <cmath>
#include <sstream>

namespace hourglass {
namespace {

// Asked for by the closed forms' users; training ends far inside them unless a direction is nearly
// degenerate.
constexpr double singular_value_tolerance = 1e-3, axis_tolerance = 1e-3, subspace_tolerance = 1e-6,
                 transpose_tolerance = 1e-6, loss_tolerance = 1e-4, ordering_tolerance = 0.05;
// The rotation orders units from a balanced start, which a small one is.
constexpr double small_init = 1e-3;
// Angle between neighbouring axes at the start of the ordering run: second order is 1e-6.
constexpr double tilt = 1e-3;

// What a run is told, and where it should end; NaN or empty: the theory does not say.
struct Variant {
  std::string name;
  std::vector<Penalty> penalties;
  double init;
  std::vector<double> singular_values;
  double loss;
  bool transposed, axes_are_columns, axes_are_singular;
};

class Experiment {
 public:
  Experiment(const LandscapeConfig& config, const Dataset& dataset) : config_(config) {
    validate(dataset);
    Dataset centred = dataset;
    data::centre(centred);
    lambdas_ = data::spectrum(data::second_moments(centred.x)).values;
    lambdas_.resize(config.dimensions);
    require_spread(dataset.name);
    require_distinct(dataset.name);
    rate_ = 0.05 / lambdas_[0];
    ordering_rate_ = 12 / (config.rho * largest_gap() * double(config.steps));
    record_ = log_spaced(config.steps, config.records);
    const std::size_t D = config.dimensions;
    rows_ = filled({D, D}, 0);
    C_ = empty64({D, D});
    C_.fill(0);
    for (std::size_t i = 0; i < D; ++i) {
      C_(i, i) = lambdas_[i];
      rows_(i, i) = static_cast<Real>(std::sqrt(double(D) * lambdas_[i]));
    }
  }

  LandscapeResult run() {
    LandscapeResult result{{}, rate_, ordering_rate_, lambdas_, 0, 6 * config_.steps};
    const auto start = std::chrono::steady_clock::now();
    for (const Variant& variant : variants()) compare_ends(variant, result.comparison);
    compare_ordering(result.comparison);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result.training_seconds = elapsed.count();
    return result;
  }

 private:
  void validate(const Dataset& dataset) const {
    const auto refuse = [](const char* option, auto found, const std::string& expected) {
      std::ostringstream text;
      text << option << ": found " << found << ", expected " << expected;
      throw InputError(text.str());
    };
    if (config_.dimensions < 2 || config_.dimensions > dataset.features())
      refuse("--dimensions", config_.dimensions,
             "2 to the number of features, " + std::to_string(dataset.features()));
    if (config_.hidden < 2 || config_.hidden >= config_.dimensions)
      refuse("--hidden", config_.hidden, "at least 2 and fewer than --dimensions");
    if (!(config_.share > 0 && config_.share < 1))
      refuse("--share", config_.share, "a number between 0 and 1");
    if (!(config_.largest_share > 0 && config_.largest_share < 1))
      refuse("--largest-share", config_.largest_share, "a number between 0 and 1");
    if (!(config_.rho > 0) || !std::isfinite(config_.rho))
      refuse("--rho", config_.rho, "a positive number");
    if (!(config_.init > 0) || !std::isfinite(config_.init))
      refuse("--init", config_.init, "a positive number");
    if (config_.steps < 2) refuse("--steps", config_.steps, "at least 2");
    if (config_.records < 2) refuse("--records", config_.records, "at least 2");
  }

  void require_spread(const std::string& name) const {
    if (lambdas_.back() > 1e-12 * lambdas_[0]) return;
    throw InputError("--dimensions: found " + std::to_string(config_.dimensions) + ", but " + name +
                     " varies in fewer directions: use more samples or fewer dimensions");
  }

  void require_distinct(const std::string& name) const {
    for (std::size_t i = 0; i < config_.hidden; ++i)
      if (!(lambdas_[i] > 1.001 * lambdas_[i + 1]))
        throw InputError(name + ": eigenvalues " + std::to_string(i + 1) + " and " +
                         std::to_string(i + 2) + " are equal within 0.1 %, so that their " +
                         "directions are not determined");
  }

  double largest_gap() const {
    double gap = 0;
    for (std::size_t i = 0; i + 1 < config_.hidden; ++i)
      gap = std::max(gap, lambdas_[i] - lambdas_[i + 1]);
    return gap;
  }

  std::vector<double> gammas() const {
    const std::size_t H = config_.hidden;
    std::vector<double> result;
    for (std::size_t j = 1; j <= H; ++j)
      result.push_back(config_.largest_share * lambdas_[H - 1] * double(j) / double(H));
    return result;
  }

  std::vector<Variant> variants() const {
    const std::size_t H = config_.hidden;
    const double gamma = config_.share * lambdas_[H - 1];
    const auto none = theory::optimum(C_, H, 0, 0), noise = theory::optimum(C_, H, gamma, 0),
               decay = theory::optimum(C_, H, 0, gamma);
    const auto ordered = theory::nonuniform_l2_optimum(C_, gammas());
    std::vector<double> ordered_strengths;
    for (std::size_t j = 0; j < H; ++j) ordered_strengths.push_back(1 - gammas()[j] / lambdas_[j]);
    return {{"none", {}, config_.init, none.strengths, none.loss, false, false, false},
            {"product",
             {product(gamma)},
             config_.init,
             noise.strengths,
             noise.loss,
             false,
             false,
             false},
            {"sum", {l2(gamma)}, config_.init, decay.strengths, decay.loss, true, false, true},
            {"non-uniform",
             {non_uniform_l2(gammas())},
             config_.init,
             ordered_strengths,
             ordered.loss,
             true,
             true,
             true},
            {"rotation",
             {rotation_augmented(config_.rho)},
             small_init,
             none.strengths,
             none.loss,
             false,
             true,
             false}};
  }

  // 1/2 sum_i lambda_i |e_i - W e_i|^2: the rows have the second moments diag(lambda).
  Trace train_one(Autoencoder& model, Optimiser& optimiser, const Probe& probe) {
    Training training{config_.steps, record_};
    if (config_.progress)
      training.progress = [this](std::size_t) { config_.progress(++done_, 6 * config_.steps); };
    const auto loss = [&](Tape& tape) { return model.loss(tape, rows_); };
    return train(training, loss, model.parameters(), optimiser, probe);
  }

  Array64 axes() const {
    Array64 result = empty64({config_.dimensions, config_.hidden});
    result.fill(0);
    for (std::size_t i = 0; i < config_.hidden; ++i) result(i, i) = 1;
    return result;
  }

  void compare_ends(const Variant& variant, Comparison& comparison) {
    Autoencoder model = linear_autoencoder(config_.dimensions, config_.hidden);
    model.penalties = variant.penalties;
    init::gaussian(model.parameters(), variant.init, {.seed = config_.seed});
    const Parameter &w1 = model.parameter("encoder.W"), &w2 = model.parameter("decoder.W");
    const Array64 V = axes();
    const auto read = [&](double loss) {
      const Array64 encoder = to_double(w1.value), decoder = to_double(w2.value);
      std::vector<double> row = thin_svd(kernels::product(decoder, encoder)).values;
      row.resize(config_.hidden);
      row.push_back(theory::transpose_distance(encoder, decoder));
      row.push_back(theory::ordered_axis_distance(V, decoder));
      row.push_back(theory::ordered_axis_distance(V, thin_svd(decoder).u));
      row.push_back(theory::subspace_distance(V, decoder));
      row.push_back(loss);
      return row;
    };
    // The rotation as published: momentum would break the balance that makes columns axes.
    Optimiser optimiser = variant.name == "rotation"
                              ? Optimiser(Sgd{10 * rate_})
                              : Momentum{.learning_rate = rate_, .momentum = 0.9, .nesterov = true};
    const Trace measured = train_one(model, optimiser, {columns(variant), read});
    const Trace predicted = ends(variant);
    for (std::size_t c = 0; c < predicted.columns().size(); ++c)
      if (std::isfinite(predicted.values(c).back()))
        comparison.agreements.push_back(judge(measured, predicted, predicted.columns()[c]));
    comparison.measured.append(measured);
    comparison.predicted.append(predicted);
  }

  std::vector<Column> columns(const Variant& variant) const {
    std::vector<Column> result;
    for (std::size_t i = 1; i <= config_.hidden; ++i)
      result.push_back({variant.name + " singular value", static_cast<int>(i)});
    for (const char* series : {" transpose distance", " ordered axis distance",
                               " singular axis distance", " subspace distance", " loss"})
      result.push_back({variant.name + series});
    return result;
  }

  // The closed forms say where a run ends: they stand at the last step alone.
  Trace ends(const Variant& v) const {
    std::vector<double> end = v.singular_values;
    end.push_back(v.transposed ? 0 : NAN);
    end.push_back(v.axes_are_columns ? 0 : NAN);
    end.push_back(v.axes_are_singular ? 0 : NAN);
    end.insert(end.end(), {0, v.loss});
    const std::vector<double> nothing(end.size(), NAN);
    Trace trace(columns(v));
    for (const std::size_t step : record_)
      trace.add(double(step), step == config_.steps ? end : nothing);
    return trace;
  }

  Agreement judge(const Trace& measured, const Trace& predicted, const Column& column) const {
    const std::string& series = column.series;
    const auto is = [&](const char* what) { return series.find(what) != std::string::npos; };
    const double tolerance = is("singular value") ? singular_value_tolerance
                             : is("transpose")    ? transpose_tolerance
                             : is("axis")         ? axis_tolerance
                             : is("subspace")     ? subspace_tolerance
                                                  : loss_tolerance * lambdas_[0];
    Agreement result = agreement_of(measured, predicted, column, NAN);
    const std::size_t c = measured.find(column), p = predicted.find(column);
    result.quantities = {{"final value", "", measured.values(c).back(), predicted.values(p).back(),
                          tolerance, false}};
    return result;
  }

  // From the ordered minimum with neighbouring axes tilted: v_i . d_(i+1) decays exponentially.
  void compare_ordering(Comparison& comparison) {
    const std::size_t H = config_.hidden;
    Autoencoder model = linear_autoencoder(config_.dimensions, H);
    Parameter &w1 = model.parameter("encoder.W"), &w2 = model.parameter("decoder.W");
    for (std::size_t i = 0; i < H; ++i) {
      w2.value(i, i) = 1;
      if (i + 1 < H) w2.value(i, i + 1) = static_cast<Real>(tilt);
      if (i + 1 < H) w2.value(i + 1, i) = static_cast<Real>(-tilt);
    }
    orthonormalise(w2.value);
    for (std::size_t i = 0; i < H; ++i)
      for (std::size_t d = 0; d < config_.dimensions; ++d) w1.value(i, d) = w2.value(d, i);
    model.penalties = {rotation_augmented(config_.rho)};
    std::vector<Column> columns;
    for (std::size_t i = 1; i < H; ++i) columns.push_back({"ordering overlap", int(i)});
    const auto read = [&](double) {
      std::vector<double> row;
      for (std::size_t i = 0; i + 1 < H; ++i) row.push_back(w2.value(i, i + 1));
      return row;
    };
    Optimiser descent = Sgd{ordering_rate_};
    const Trace measured = train_one(model, descent, {columns, read});
    Trace predicted(columns);
    for (const std::size_t step : record_) {
      std::vector<double> row;
      for (std::size_t i = 0; i + 1 < H; ++i)
        row.push_back(measured.values(i)[0] * std::exp(-decay(i) * double(step)));
      predicted.add(double(step), row);
    }
    for (std::size_t i = 0; i + 1 < H; ++i)
      comparison.agreements.push_back(judge_rate(measured, predicted, i));
    comparison.measured.append(measured);
    comparison.predicted.append(predicted);
  }

  // The orthogonal polar factor: what is nearest.
  static void orthonormalise(Array& w) {
    const Svd svd = thin_svd(to_double(w));
    w = to_real(kernels::product(svd.u, svd.vt));
  }

  // Section 9.7, a step.
  double decay(std::size_t i) const {
    return ordering_rate_ * config_.rho * (lambdas_[i] - lambdas_[i + 1]) / 2;
  }

  Agreement judge_rate(const Trace& measured, const Trace& predicted, std::size_t i) const {
    const auto& overlap = measured.values(i);
    std::size_t last = 1;  // far above the second order and rounding
    while (last + 1 < overlap.size() && overlap[last + 1] > 0.05 * overlap[0]) ++last;
    const double rate = std::log(overlap[0] / overlap[last]) / double(record_[last]);
    Agreement result = agreement_of(measured, predicted, measured.columns()[i], 0.02 * tilt);
    result.quantities = {{"ordering rate", "1/step", rate, decay(i), ordering_tolerance, true}};
    return result;
  }

  const LandscapeConfig& config_;
  std::vector<double> lambdas_;
  double rate_ = 0, ordering_rate_ = 0;
  std::vector<std::size_t> record_;
  Array rows_;
  Array64 C_;
  std::size_t done_ = 0;
};

}  // namespace

LandscapeResult run_landscape(const LandscapeConfig& config, const Dataset& dataset) {
  return Experiment(config, dataset).run();
}

}  // namespace hourglass
