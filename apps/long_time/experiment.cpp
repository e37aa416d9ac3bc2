#include "experiment.hpp"

#include "mode_descent.hpp"
#include <hourglass/theory/shallow_laws.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>

namespace hourglass {
namespace {

using theory::Accuracy;
using theory::Amplitudes;
using theory::ShallowDynamics;
using theory::ShallowMoment;
using theory::Solver;
using theory::Unit;

// Handbook, section 10.
constexpr double exponent_tolerance = 0.03, tied_tolerance = 0.01, optimum_tolerance = 0.01;
// At time 1e6 the next order of the laws is 1e-3 of T0 and the excess and, at O(t^-1/3), 1e-2 of Q1
// where modes are equal; unequal ones share a prefactor below 1 that has no formula.
constexpr double law_tolerance = 0.03;
// The prefactor of the bias law rises slowly: 0.94 to 1.09 over these decades.
constexpr double bias_tolerance = 0.12;
// A step's noise is of order sqrt(lr/D): at D = 500 the error beyond PCA scatters by about 5 %
// about the equations, and its median over times by up to 3.5 %.
constexpr double trained_tolerance = 0.05;
// The noise of tied weights, whose rate is D times larger, adds about lr/D of the error.
constexpr double tied_until = 300, tied_noise = 3;
// Laws hold from here on; they are drawn from the first of these times and judged from the second.
constexpr double drawn_from = 100, judged_from = 1e4;

const Accuracy stiff{.relative = 1e-8, .absolute = 1e-12, .solver = Solver::stiff};

using Row = std::vector<double>;

// What the parts of the study share: when to record, training, and what was found.
class Course {
 public:
  explicit Course(const LongTimeConfig& config) : config(config) {
    const double D = double(config.dimensions);
    for (std::size_t k = 0; k < config.records; ++k) {
      const double share = double(k) / double(config.records - 1);
      const double t = std::round(D * std::pow(config.until, share)) / D;  // a whole step
      times.push_back(t);
      if (t <= config.simulated_until)
        steps.push_back(static_cast<std::size_t>(std::llround(t * D)));
    }
    for (std::size_t s = 1; s <= config.erf_spectra.size(); ++s)
      if (config.erf_spectra[s - 1].size() <= 2) result.trained_spectra.push_back(s);
    result.steps = steps.back() * (result.trained_spectra.size() + 1);
    for (const std::size_t D : config.tied_dimensions) result.steps += tied_steps(D).back();
  }

  const LongTimeConfig& config;
  Row times;
  std::vector<std::size_t> steps;  // of networks, at the first of these times
  LongTimeResult result{};

  std::vector<std::size_t> tied_steps(std::size_t D) const {
    std::vector<std::size_t> steps;
    for (const double t : times)
      if (t <= tied_until) steps.push_back(std::size_t(std::llround(t * double(D))));
    return steps;
  }

  std::vector<Amplitudes> train(const ModeDescent& run, const std::vector<std::size_t>& steps,
                                const std::string& part) {
    const auto start = std::chrono::steady_clock::now();
    Training training{
        .steps = steps.back(), .record = steps, .journal = config.journal, .part = part};
    training.progress = [&](std::size_t done) {
      if (config.progress && done % 1000 == 0) config.progress(done_ + done, result.steps);
    };
    auto path = descend(run, training);
    done_ += steps.back();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result.training_seconds += elapsed.count();
    return path;
  }

  // A column of both traces, at the first of the times.
  void show(const Column& column, Row measured, Row predicted) {
    measured.resize(times.size(), NAN), predicted.resize(times.size(), NAN);
    Trace m({column}), p({column});
    for (std::size_t k = 0; k < times.size(); ++k)
      m.add(times[k], {measured[k]}), p.add(times[k], {predicted[k]});
    Comparison& all = result.comparison;
    const bool first = all.measured.columns().empty();
    if (first) all.measured = m, all.predicted = p;
    if (!first) all.measured.append(m), all.predicted.append(p);
  }

  // The same, compared.
  void record(const Column& column, const Row& measured, const Row& predicted,
              std::vector<Quantity> quantities) {
    show(column, measured, predicted);
    Comparison& all = result.comparison;
    all.agreements.push_back(agreement_of(all.measured, all.predicted, column, NAN));
    all.agreements.back().quantities = std::move(quantities);
  }

 private:
  std::size_t done_ = 0;
};

Quantity final_value(const Row& measured, const Row& predicted, double tolerance) {
  return {final_value_name, "", measured.back(), predicted.back(), tolerance, true};
}

Amplitudes random_start(const LongTimeConfig& config, std::size_t units, std::size_t modes,
                        std::uint64_t draw) {
  Amplitudes at{empty64({units, modes}), empty64({units, modes}), {}, {}};
  const Stream stream{config.seed, 1};
  for (std::size_t k = 0; k < units; ++k)
    for (std::size_t tau = 0; tau < modes; ++tau) {
      at.w(k, tau) = 0.5 * double(stream.normal(draw, k, 2 * tau));
      at.u(k, tau) = 0.5 * double(stream.normal(draw, k, 2 * tau + 1));
    }
  return at;
}

// Slope of log y against log t from time a to b, by least squares.
double exponent(const Row& times, const Row& y, double a, double b) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t k = 0; k < y.size(); ++k) {
    if (times[k] < 0.999 * a || times[k] > 1.001 * b) continue;
    const double x = std::log(times[k]), z = std::log(y[k]);
    n += 1, sx += x, sy += z, sxx += x * x, sxy += x * z;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

Row only_at_end(std::size_t size, double value) {
  Row values(size, NAN);
  values.back() = value;
  return values;
}

// Network against equations: exponent over the last two decades, median ratio over all times.
void judge_trained(Course& course, const Series& series, std::size_t index, const Row& trained,
                   Row path) {
  path.resize(trained.size());
  const double to = course.times[trained.size() - 1], from = to / 100;
  Row ratios;
  for (std::size_t k = 0; k < trained.size(); ++k) ratios.push_back(trained[k] / path[k]);
  const auto middle = ratios.begin() + std::ptrdiff_t(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  const double slope = exponent(course.times, trained, from, to);
  const double expected = exponent(course.times, path, from, to);
  course.record(series(long_time::trained, index), trained, path,
                {{long_time::exponent_name, "", slope, expected, exponent_tolerance},
                 {long_time::median_ratio_name, "", *middle, 1, trained_tolerance}});
}

// Trace of T0, mean of Q1 over units, error beyond PCA; and over time.
using ErfState = std::array<double, 3>;
using ErfPath = std::array<Row, 3>;
const Series erf_series[] = {long_time::erf_T0, long_time::erf_Q1, long_time::erf_excess};
constexpr double erf_exponents[] = {1.0 / 3, -1.0 / 3, -2.0 / 3};

void add(ErfPath& path, const ErfState& state) {
  for (std::size_t q = 0; q < path.size(); ++q) path[q].push_back(state[q]);
}

ErfState erf_state(const Row& ell, const Amplitudes& at) {
  const theory::OrderParameters order = theory::order_parameters(ell, at);
  double T0 = 0, Q1 = 0;
  for (std::size_t k = 0; k < at.units(); ++k) {
    // order_parameters divides |V|^2 by the modes there are, each amplitude by sqrt(D): T0 is u u^T
    for (std::size_t tau = 0; tau < at.modes(); ++tau) T0 += at.u(k, tau) * at.u(k, tau);
    Q1 += order.Q1(k, k) / double(at.units());
  }
  return {T0, Q1, theory::pixel_error(Unit::erf, ell, at)};
}

ErfState erf_law(const Row& ell, double lr, double time) {
  if (lr * time < drawn_from) return {NAN, NAN, NAN};
  const auto late = theory::erf_long_time(std::accumulate(ell.begin(), ell.end(), 0.0), lr, time);
  return {late.T0, late.Q1, late.excess};
}

// Of one network, beside `path` of the equations.
void train_erf(Course& course, std::size_t s, const Amplitudes& start, const ErfPath& path) {
  const LongTimeConfig& config = course.config;
  const Row& ell = config.erf_spectra[s - 1];
  const ModeDescent run{.unit = Unit::erf,
                        .lr = config.lr,
                        .D = config.dimensions,
                        .ell = ell,
                        .start = start,
                        .stream = {config.seed, 100 + std::uint32_t(s)}};
  ErfPath trained;
  for (const Amplitudes& at : course.train(run, course.steps, "erf " + std::to_string(s)))
    add(trained, erf_state(ell, at));
  for (std::size_t q = 0; q < 3; ++q) judge_trained(course, erf_series[q], s, trained[q], path[q]);
}

void untied_erf(Course& course, std::size_t s) {
  const LongTimeConfig& config = course.config;
  const Row& ell = config.erf_spectra[s - 1];
  const ShallowDynamics dynamics{.unit = Unit::erf,
                                 .lr = config.lr,
                                 .ell = ell,
                                 .start = random_start(config, ell.size(), ell.size(), s)};
  ErfPath path, law;
  for (const ShallowMoment& m : dynamics.integrate(course.times, stiff)) {
    add(path, erf_state(ell, m.at));
    add(law, erf_law(ell, config.lr, m.time));
  }
  const bool equal = std::equal(ell.begin() + 1, ell.end(), ell.begin());
  for (std::size_t q = 0; q < 3; ++q) {
    const double slope = exponent(course.times, path[q], judged_from, config.until);
    course.record(erf_series[q](s), path[q], law[q],
                  {{long_time::exponent_name, "", slope, erf_exponents[q], exponent_tolerance},
                   final_value(path[q], law[q], equal ? law_tolerance : NAN)});
  }
  const auto& chosen = course.result.trained_spectra;
  if (std::find(chosen.begin(), chosen.end(), s) != chosen.end())
    train_erf(course, s, dynamics.start, path);
}

// Over the last decade of the tied runs, long after they have come to rest.
double late_mean(const Row& times, const Row& errors) {
  double total = 0, count = 0;
  for (std::size_t k = 0; k < errors.size(); ++k)
    if (times[k] >= tied_until / 10) total += errors[k], count += 1;
  return total / count;
}

void tied_erf(Course& course, std::size_t i) {
  const LongTimeConfig& config = course.config;
  const std::size_t D = config.tied_dimensions[i - 1];
  Row ell(D, 0.0);
  ell[0] = config.tied_ell;
  Amplitudes start{Array64({1, D}, 0.0), Array64({1, D}, 0.0), {}, {}};
  start.w(0, 0) = 0.5, start.u(0, 0) = 0.5 / std::sqrt(double(D));
  const ShallowDynamics dynamics{
      .unit = Unit::erf, .rule = theory::Rule::tied, .lr = config.lr, .ell = ell, .start = start};
  const auto steps = course.tied_steps(D);
  const Row times(course.times.begin(), course.times.begin() + std::ptrdiff_t(steps.size()));
  Row path, trained;
  for (const ShallowMoment& m : dynamics.integrate(times)) path.push_back(m.pixel_error);
  const Row end = only_at_end(times.size(), theory::tied_erf_pixel_error(ell, 1));
  course.record(long_time::tied_error(i), path, end, {final_value(path, end, tied_tolerance)});

  const ModeDescent run{.unit = Unit::erf,
                        .tied = true,
                        .lr = config.lr,
                        .D = D,
                        .ell = {config.tied_ell},
                        .start = {Array64{{0.5}}, Array64{{start.u(0, 0)}}, {}, {}},
                        .stream = {config.seed, 200 + std::uint32_t(i)}};
  for (const Amplitudes& at : course.train(run, steps, "tied " + std::to_string(i)))
    trained.push_back(theory::pixel_error(Unit::erf, {config.tied_ell}, at));
  course.record(long_time::tied_error(long_time::trained, i), trained, path,
                {{final_value_name, "", late_mean(times, trained), late_mean(times, path),
                  tied_noise * config.lr / double(D), true}});
}

// Descent from some starts ends in other minima than the best. Of those that end in the same one
// but for rounding, the first is shown: which one rounding prefers is not the same everywhere.
void relu_without_bias(Course& course, std::size_t K) {
  const LongTimeConfig& config = course.config;
  const Row& ell = config.relu_spectrum;
  constexpr double same_minimum = 1e-8;  // relative, of errors
  Row best;
  for (std::size_t draw = 0; draw < config.relu_starts; ++draw) {
    const ShallowDynamics dynamics{.unit = Unit::relu,
                                   .lr = config.lr,
                                   .ell = ell,
                                   .start = random_start(config, K, ell.size(), 1000 * K + draw)};
    Row path;
    for (const ShallowMoment& m : dynamics.integrate(course.times, stiff))
      path.push_back(m.pixel_error);
    if (best.empty() || path.back() < (1 - same_minimum) * best.back()) best = path;
  }
  const Row end = only_at_end(course.times.size(), theory::relu_optimum(ell, K));
  course.record(long_time::relu_error(K), best, end, {final_value(best, end, optimum_tolerance)});
}

void relu_with_biases(Course& course) {
  const LongTimeConfig& config = course.config;
  const Row ell{config.bias_ell};
  const Amplitudes start{Array64{{0.5}}, Array64{{0.5}}, {0}, {0}};
  const ShallowDynamics dynamics{.unit = Unit::relu, .lr = config.lr, .ell = ell, .start = start};
  Row path, law, betas, trained;
  for (const ShallowMoment& m : dynamics.integrate(course.times, stiff)) {
    const double beta = m.at.b[0] / (std::sqrt(ell[0]) * std::abs(m.at.w(0, 0)));
    path.push_back(m.pixel_error), betas.push_back(beta);
    law.push_back(config.lr * m.time < drawn_from || !(beta > 0)
                      ? NAN
                      : theory::relu_bias_excess(ell[0], config.lr, m.time, beta));
  }
  course.record(long_time::bias_excess(), path, law, {final_value(path, law, bias_tolerance)});
  course.show(long_time::bias_beta(), betas, {});
  const ModeDescent run{.unit = Unit::relu,
                        .lr = config.lr,
                        .D = config.dimensions,
                        .ell = ell,
                        .start = start,
                        .stream = {config.seed, 300}};
  for (const Amplitudes& at : course.train(run, course.steps, "biases"))
    trained.push_back(theory::pixel_error(Unit::relu, ell, at));
  judge_trained(course, long_time::bias_excess, 0, trained, path);
}

}  // namespace

LongTimeResult run_long_time(const LongTimeConfig& config) {
  validate(config);
  Course course(config);
  for (std::size_t s = 1; s <= config.erf_spectra.size(); ++s) untied_erf(course, s);
  for (std::size_t i = 1; i <= config.tied_dimensions.size(); ++i) tied_erf(course, i);
  for (std::size_t K = 1; K <= config.relu_units; ++K) relu_without_bias(course, K);
  relu_with_biases(course);
  course.result.config = config;
  return std::move(course.result);
}

}  // namespace hourglass
