#include "experiment.hpp"

#include <hourglass/core/kernels.hpp>
#include <hourglass/core/spectral.hpp>
#include <hourglass/data/moments.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/initialisers.hpp>
#include <hourglass/model/learning_rules.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/theory/landscape.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hourglass {
namespace {

// Asked for by the closed forms' users; training ends far inside them unless a direction is nearly
// degenerate.
constexpr double singular_value_tolerance = 1e-3, axis_tolerance = 1e-3, subspace_tolerance = 1e-6,
                 transpose_tolerance = 1e-6, loss_tolerance = 1e-4, ordering_tolerance = 0.05;
// The rotation orders units from a balanced start, which a small one is.
constexpr const char* rotation = "rotation";
constexpr double small_init = 1e-3;
// Angle between neighbouring axes at the start of the ordering run: second order is 1e-6.
constexpr double tilt = 1e-3;

// The data in their leading principal coordinates, which is all that training sees of them.
struct PrincipalAxes {
  const LandscapeConfig& config;
  std::vector<double> lambdas;
  std::vector<std::size_t> record;

  double rate() const { return 0.05 / lambdas[0]; }
  double rotation_rate() const { return 10 * rate(); }
  double gap(std::size_t i) const { return lambdas[i] - lambdas[i + 1]; }
  // Of the run that orders the units.
  double ordering_rate() const {
    double largest = 0;
    for (std::size_t i = 0; i + 1 < config.hidden; ++i) largest = std::max(largest, gap(i));
    return 12 / (config.rho * largest * double(config.steps));
  }
  // Section 9.7, a step.
  double decay(std::size_t i) const { return ordering_rate() * config.rho * gap(i) / 2; }
};

// What a run is told, and where it should end.
struct Regularisation {
  std::string name;
  std::vector<Penalty> penalties;
  double init;
  std::vector<double> singular_values;
  double loss;
  std::vector<const Series*> zero;  // distances that end at 0
};

// A column and its last value; NaN: the theory does not say.
struct End {
  Column column;
  double value, tolerance;
};

// With as many columns as values.
Array64 diagonal(std::size_t rows, const std::vector<double>& values) {
  Array64 result = empty64({rows, values.size()});
  result.fill(0);
  for (std::size_t i = 0; i < values.size(); ++i) result(i, i) = values[i];
  return result;
}

// The curvature is 2 lambda_1 at the minimum and of the size of init^2 lambda_1 at a start beyond
// it; the rotation turns axes i and j at the rate rho (lambda_i - lambda_j)/2.
void require_stable(const PrincipalAxes& axes) {
  const LandscapeConfig& config = axes.config;
  const double top = axes.lambdas[0];
  const double turning = config.rho * (top - axes.lambdas.back()) / 2;
  if (const double fastest = std::max(2 * top, turning); axes.ordering_rate() * fastest >= 2)
    throw refused(
        "steps", double(config.steps),
        "at least " +
            rounded(std::ceil(axes.ordering_rate() * fastest / 2 * double(config.steps)) + 1, 6) +
            ": the rate that orders the units in so few steps is unstable on these data");
  if (axes.rotation_rate() * turning >= 2)
    throw refused("rho", config.rho,
                  "less than " + rounded(config.rho * 2 / (axes.rotation_rate() * turning), 6) +
                      ": beyond it the rotation is unstable on these data");
}

PrincipalAxes principal_axes(const LandscapeConfig& config, Dataset dataset) {
  data::centre(dataset);
  std::vector<double> lambdas = data::spectrum_of_rows(dataset.x).values;
  lambdas.resize(config.dimensions);
  if (!(lambdas.back() > 1e-12 * lambdas[0]))
    throw InputError("--dimensions: found " + std::to_string(config.dimensions) + ", but " +
                     dataset.name +
                     " varies in fewer directions: use more samples or fewer dimensions");
  for (std::size_t i = 0; i < config.hidden; ++i)
    if (!(lambdas[i] > 1.001 * lambdas[i + 1]))
      throw InputError(dataset.name + ": eigenvalues " + std::to_string(i + 1) + " and " +
                       std::to_string(i + 2) + " are equal within 0.1 %, expected distinct ones " +
                       "up to --hidden and the one after: the directions of equal ones are not " +
                       "determined");
  const PrincipalAxes axes{config, lambdas, log_spaced(config.steps, config.records)};
  require_stable(axes);
  return axes;
}

std::vector<Regularisation> regularisations(const PrincipalAxes& axes) {
  const LandscapeConfig& config = axes.config;
  const std::size_t H = config.hidden;
  const Array64 C = diagonal(config.dimensions, axes.lambdas);
  std::vector<double> gammas, ordered;
  for (std::size_t j = 0; j < H; ++j) {
    gammas.push_back(config.largest_share * axes.lambdas[H - 1] * double(j + 1) / double(H));
    ordered.push_back(1 - gammas[j] / axes.lambdas[j]);
  }
  const double gamma = config.share * axes.lambdas[H - 1];
  const auto none = theory::optimum(C, H, 0, 0), noise = theory::optimum(C, H, gamma, 0),
             decay = theory::optimum(C, H, 0, gamma);
  const Series *transpose = &landscape::transpose, *columns = &landscape::ordered_axis,
               *vectors = &landscape::singular_axis;
  return {{"none", {}, config.init, none.strengths, none.loss, {}},
          {"product", {product(gamma)}, config.init, noise.strengths, noise.loss, {}},
          {"sum", {l2(gamma)}, config.init, decay.strengths, decay.loss, {transpose, vectors}},
          {"non-uniform",
           {non_uniform_l2(gammas)},
           config.init,
           ordered,
           theory::nonuniform_l2_optimum(C, gammas).loss,
           {transpose, columns, vectors}},
          {rotation,
           {rotation_augmented(config.rho)},
           small_init,
           none.strengths,
           none.loss,
           {columns}}};
}

constexpr std::size_t runs = 6;  // five regularisations, and the order of the units

// 1/2 sum_i lambda_i |e_i - W e_i|^2: the rows have the second moments diag(lambda).
Trace trained(const PrincipalAxes& axes, std::size_t run, const std::string& name,
              Autoencoder& model, Optimiser optimiser, const Probe& probe) {
  const LandscapeConfig& config = axes.config;
  std::vector<double> lengths;
  for (const double lambda : axes.lambdas)
    lengths.push_back(std::sqrt(double(config.dimensions) * lambda));
  const Array rows = to_real(diagonal(config.dimensions, lengths));
  Training training{
      .steps = config.steps, .record = axes.record, .journal = config.journal, .part = name};
  if (config.progress)
    training.progress = [&](std::size_t done) {
      config.progress(run * config.steps + done, runs * config.steps);
    };
  const auto loss = [&](Tape& tape) { return model.loss(tape, rows); };
  return train(training, loss, model.parameters(), optimiser, probe);
}

std::vector<End> ends_of(const PrincipalAxes& axes, const Regularisation& r) {
  std::vector<End> ends;
  for (std::size_t i = 0; i < axes.config.hidden; ++i)
    ends.push_back(
        {landscape::singular_value(r.name, i + 1), r.singular_values[i], singular_value_tolerance});
  for (const auto& [series, tolerance] : {std::pair(&landscape::transpose, transpose_tolerance),
                                          {&landscape::ordered_axis, axis_tolerance},
                                          {&landscape::singular_axis, axis_tolerance}}) {
    const bool zero = std::count(r.zero.begin(), r.zero.end(), series) > 0;
    ends.push_back({(*series)(r.name), zero ? 0.0 : NAN, tolerance});
  }
  ends.push_back({landscape::subspace(r.name), 0, subspace_tolerance});
  ends.push_back({landscape::loss(r.name), r.loss, loss_tolerance * axes.lambdas[0]});
  return ends;
}

// In the order of the ends.
std::vector<double> read(const Autoencoder& model, const Array64& V, double loss) {
  const Array64 encoder = to_double(model.parameter("encoder.W").value),
                decoder = to_double(model.parameter("decoder.W").value);
  std::vector<double> row = thin_svd(kernels::product(decoder, encoder)).values;
  row.resize(shape_of(V).columns);
  row.push_back(theory::transpose_distance(encoder, decoder));
  row.push_back(theory::ordered_axis_distance(V, decoder));
  row.push_back(theory::ordered_axis_distance(V, thin_svd(decoder).u));
  row.push_back(theory::subspace_distance(V, decoder));
  row.push_back(loss);
  return row;
}

Trace measured_path(const PrincipalAxes& axes, std::size_t run, const Regularisation& r,
                    const std::vector<Column>& columns) {
  const LandscapeConfig& config = axes.config;
  Autoencoder model = linear_autoencoder(config.dimensions, config.hidden);
  model.penalties = r.penalties;
  init::gaussian(model.parameters(), r.init, {.seed = config.seed});
  const Array64 V = diagonal(config.dimensions, std::vector<double>(config.hidden, 1));
  // The rotation as published: momentum would break the balance that makes columns axes.
  Optimiser optimiser =
      r.name == rotation
          ? Optimiser(Sgd{axes.rotation_rate()})
          : Momentum{.learning_rate = axes.rate(), .momentum = 0.9, .nesterov = true};
  return trained(axes, run, r.name, model, std::move(optimiser),
                 {columns, [&](double loss) { return read(model, V, loss); }});
}

// The closed forms say where a run ends: they stand at the last step alone.
void compare_ends(const PrincipalAxes& axes, std::size_t run, const Regularisation& r,
                  Comparison& comparison) {
  std::vector<Column> columns;
  std::vector<double> last;
  const std::vector<End> ends = ends_of(axes, r);
  for (const End& end : ends) columns.push_back(end.column), last.push_back(end.value);
  const std::vector<double> nothing(ends.size(), NAN);
  const Trace measured = measured_path(axes, run, r, columns);
  Trace predicted(columns);
  for (const std::size_t step : axes.record)
    predicted.add(double(step), step == axes.config.steps ? last : nothing);
  for (const End& end : ends) {
    if (!std::isfinite(end.value)) continue;
    Agreement agreement = agreement_of(measured, predicted, end.column, NAN);
    agreement.quantities = {
        {final_value_name, "", measured[end.column].back(), end.value, end.tolerance}};
    comparison.agreements.push_back(agreement);
  }
  comparison.measured.append(measured);
  comparison.predicted.append(predicted);
}

// At the ordered minimum, but for neighbouring axes that are tilted.
Autoencoder tilted(const LandscapeConfig& config) {
  Autoencoder model = linear_autoencoder(config.dimensions, config.hidden);
  Array &w1 = model.parameter("encoder.W").value, &w2 = model.parameter("decoder.W").value;
  for (std::size_t i = 0; i < config.hidden; ++i) {
    w2(i, i) = 1;
    if (i + 1 == config.hidden) break;
    w2(i, i + 1) = static_cast<Real>(tilt);
    w2(i + 1, i) = static_cast<Real>(-tilt);
  }
  const Svd svd = thin_svd(to_double(w2));
  w2 = to_real(kernels::product(svd.u, svd.vt));  // the nearest orthogonal axes
  for (std::size_t i = 0; i < config.hidden; ++i)
    for (std::size_t d = 0; d < config.dimensions; ++d) w1(i, d) = w2(d, i);
  model.penalties = {rotation_augmented(config.rho)};
  return model;
}

Agreement judge_order(const PrincipalAxes& axes, const Trace& measured, const Trace& predicted,
                      std::size_t i) {
  const Column column = landscape::overlap(i + 1);
  const std::vector<double>& overlap = measured[column];
  std::size_t last = 1;  // far above the second order and rounding
  while (last + 1 < overlap.size() && overlap[last + 1] > 0.05 * overlap[0]) ++last;
  const double rate = std::log(overlap[0] / overlap[last]) / double(axes.record[last]);
  Agreement result = agreement_of(measured, predicted, column, 0.02 * tilt);
  result.quantities = {
      {landscape::ordering_rate, "1/step", rate, axes.decay(i), ordering_tolerance, true}};
  return result;
}

// From the tilted axes v_i . d_(i+1) decays exponentially.
void compare_order(const PrincipalAxes& axes, Comparison& comparison) {
  const std::size_t pairs = axes.config.hidden - 1;
  Autoencoder model = tilted(axes.config);
  const Array& w2 = model.parameter("decoder.W").value;
  Probe probe;
  for (std::size_t i = 1; i <= pairs; ++i) probe.columns.push_back(landscape::overlap(i));
  probe.read = [&](double) {
    std::vector<double> row;
    for (std::size_t i = 0; i < pairs; ++i) row.push_back(w2(i, i + 1));
    return row;
  };
  const Trace measured = trained(axes, runs - 1, "order", model, Sgd{axes.ordering_rate()}, probe);
  Trace predicted(probe.columns);
  for (const std::size_t step : axes.record) {
    std::vector<double> row;
    for (std::size_t i = 0; i < pairs; ++i)
      row.push_back(measured.values(i)[0] * std::exp(-axes.decay(i) * double(step)));
    predicted.add(double(step), row);
  }
  for (std::size_t i = 0; i < pairs; ++i)
    comparison.agreements.push_back(judge_order(axes, measured, predicted, i));
  comparison.measured.append(measured);
  comparison.predicted.append(predicted);
}

void validate(const LandscapeConfig& config, const Dataset& dataset) {
  check_ranges(config);
  if (config.dimensions > dataset.features())
    throw refused("dimensions", double(config.dimensions),
                  "2 to the number of features, " + std::to_string(dataset.features()));
  if (config.hidden >= config.dimensions)
    throw refused("hidden", double(config.hidden), "at least 2 and fewer than --dimensions");
}

}  // namespace

LandscapeResult run_landscape(const LandscapeConfig& config, const Dataset& dataset) {
  validate(config, dataset);
  const PrincipalAxes axes = principal_axes(config, dataset);
  LandscapeResult result{.config = config, .steps = runs * config.steps};
  const auto start = std::chrono::steady_clock::now();
  for (const Regularisation& r : regularisations(axes)) {
    compare_ends(axes, result.regularisations.size(), r, result.comparison);
    result.regularisations.push_back(r.name);
  }
  compare_order(axes, result.comparison);
  result.training_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace hourglass
