#include <hourglass/core/error.hpp>
#include <hourglass/measure/long_time.hpp>
#include <hourglass/measure/mode_descent.hpp>
#include <hourglass/theory/relu_optimum.hpp>
#include <hourglass/theory/shallow_laws.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <sstream>

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

Column column(const std::string& series, std::size_t i) { return {series, static_cast<int>(i)}; }

[[noreturn]] void refuse(const char* option, double found, const char* expected) {
  std::ostringstream text;
  text << option << ": found " << found << ", expected " << expected;
  throw InputError(text.str());
}

void validate(const LongTimeConfig& c) {
  const auto positive = [](const char* option, double x) {
    if (!(x > 0) || !std::isfinite(x)) refuse(option, x, "a positive number");
  };
  positive("--lr", c.lr), positive("--tied-ell", c.tied_ell), positive("--bias-ell", c.bias_ell);
  for (const auto& spectrum : c.erf_spectra)
    for (const double ell : spectrum) positive("--erf-spectra", ell);
  for (const double ell : c.relu_spectrum) positive("--relu-spectrum", ell);
  if (!(c.until >= 1e5)) refuse("--until", c.until, "at least 1e5: exponents are fitted from 1e4");
  if (!(c.lr * c.until >= 1e5))
    refuse("--until", c.until, "at least 1e5/lr: the laws hold for late times lr t");
  if (!(c.simulated_until >= 10 && c.simulated_until <= c.until))
    refuse("--simulated-until", c.simulated_until, "10 to --until");
  if (c.dimensions < 10) refuse("--dimensions", double(c.dimensions), "at least 10");
  for (const std::size_t D : c.tied_dimensions)
    if (D < 2) refuse("--tied-dimensions", double(D), "at least 2");
  if (c.relu_starts < 1) refuse("--relu-starts", 0, "at least 1");
  if (c.relu_units < 1 || c.relu_units > 4) refuse("--relu-units", double(c.relu_units), "1 to 4");
  if (c.records < 10) refuse("--records", double(c.records), "at least 10");
}

double sum(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

// Of one trajectory, at its times: trace of T0, mean of Q1 over units, error beyond PCA.
struct ErfState {
  double T0, Q1, excess;
};
ErfState erf_state(const std::vector<double>& ell, const Amplitudes& at) {
  const theory::OrderParameters order = theory::order_parameters(ell, at);
  ErfState state{0, 0, theory::pixel_error(Unit::erf, ell, at)};
  for (std::size_t k = 0; k < at.units(); ++k) {
    // order_parameters divides |V|^2 by the modes there are, each amplitude by sqrt(D): T0 is u u^T
    for (std::size_t tau = 0; tau < at.modes(); ++tau) state.T0 += at.u(k, tau) * at.u(k, tau);
    state.Q1 += order.Q1(k, k) / double(at.units());
  }
  return state;
}

class Experiment {
 public:
  explicit Experiment(const LongTimeConfig& config) : config_(config) {
    validate(config);
    const double D = double(config.dimensions);
    for (std::size_t k = 0; k < config.records; ++k) {
      const double share = double(k) / double(config.records - 1);
      const double t = std::round(D * std::pow(config.until, share)) / D;  // a whole step
      times_.push_back(t);
      if (t <= config.simulated_until)
        steps_.push_back(static_cast<std::size_t>(std::llround(t * D)));
    }
    for (std::size_t s = 1; s <= config.erf_spectra.size(); ++s)
      if (config.erf_spectra[s - 1].size() <= 2) result_.trained_spectra.push_back(s);
    result_.steps = steps_.back() * (result_.trained_spectra.size() + 1);
    for (const std::size_t D : config.tied_dimensions) result_.steps += tied_steps(D).back();
  }

  LongTimeResult run() {
    for (std::size_t s = 1; s <= config_.erf_spectra.size(); ++s) untied_erf(s);
    for (std::size_t i = 1; i <= config_.tied_dimensions.size(); ++i) tied_erf(i);
    for (std::size_t K = 1; K <= config_.relu_units; ++K) relu_without_bias(K);
    relu_with_biases();
    return std::move(result_);
  }

 private:
  // A column of both traces, padded with NaN to all times.
  void show(const Column& where, std::vector<double> measured, std::vector<double> predicted) {
    measured.resize(times_.size(), NAN), predicted.resize(times_.size(), NAN);
    Trace m({where}), p({where});
    for (std::size_t k = 0; k < times_.size(); ++k)
      m.add(times_[k], {measured[k]}), p.add(times_[k], {predicted[k]});
    auto& comparison = result_.comparison;
    const bool first = comparison.measured.columns().empty();
    if (first) comparison.measured = m, comparison.predicted = p;
    if (!first) comparison.measured.append(m), comparison.predicted.append(p);
  }

  // The same with what is compared, to which the caller adds the quantities that are judged.
  Agreement& record(const Column& where, const std::vector<double>& measured,
                    const std::vector<double>& predicted) {
    show(where, measured, predicted);
    auto& comparison = result_.comparison;
    comparison.agreements.push_back(
        agreement_of(comparison.measured, comparison.predicted, where, NAN));
    return comparison.agreements.back();
  }

  std::vector<Amplitudes> train(const ModeDescent& run, const std::vector<std::size_t>& steps) {
    const auto start = std::chrono::steady_clock::now();
    auto path = descend(run, steps, [&] {
      if (config_.progress && ++done_ % 1000 == 0) config_.progress(done_, result_.steps);
    });
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result_.training_seconds += elapsed.count();
    return path;
  }

  Amplitudes random_start(std::size_t units, std::size_t modes, std::uint64_t draw) const {
    Amplitudes at{empty64({units, modes}), empty64({units, modes}), {}, {}};
    const Stream stream{config_.seed, 1};
    for (std::size_t k = 0; k < units; ++k)
      for (std::size_t tau = 0; tau < modes; ++tau) {
        at.w(k, tau) = 0.5 * double(stream.normal(draw, k, 2 * tau));
        at.u(k, tau) = 0.5 * double(stream.normal(draw, k, 2 * tau + 1));
      }
    return at;
  }

  // Slope of log y against log t from time a to b, by least squares.
  double exponent(const std::vector<double>& y, double a, double b) const {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (std::size_t k = 0; k < y.size(); ++k) {
      if (times_[k] < 0.999 * a || times_[k] > 1.001 * b) continue;
      const double x = std::log(times_[k]), z = std::log(y[k]);
      n += 1, sx += x, sy += z, sxx += x * x, sxy += x * z;
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
  }

  void untied_erf(std::size_t s) {
    const std::vector<double>& ell = config_.erf_spectra[s - 1];
    const ShallowDynamics dynamics{.unit = Unit::erf,
                                   .lr = config_.lr,
                                   .ell = ell,
                                   .start = random_start(ell.size(), ell.size(), s)};
    std::vector<std::vector<double>> path(3), law(3), trained(3);
    for (const ShallowMoment& m : dynamics.integrate(times_, stiff)) {
      const ErfState state = erf_state(ell, m.at);
      const auto late = theory::erf_long_time(sum(ell), config_.lr, m.time);
      const bool drawn = config_.lr * m.time >= drawn_from;
      path[0].push_back(state.T0), law[0].push_back(drawn ? late.T0 : NAN);
      path[1].push_back(state.Q1), law[1].push_back(drawn ? late.Q1 : NAN);
      path[2].push_back(state.excess), law[2].push_back(drawn ? late.excess : NAN);
    }
    const bool equal = std::equal(ell.begin() + 1, ell.end(), ell.begin());
    constexpr const char* names[] = {"erf T0", "erf Q1", "erf excess"};
    constexpr double exponents[] = {1.0 / 3, -1.0 / 3, -2.0 / 3};
    for (std::size_t q = 0; q < 3; ++q) {
      Agreement& a = record(column(names[q], s), path[q], law[q]);
      a.quantities = {
          {"exponent", "", exponent(path[q], judged_from, config_.until), exponents[q],
           exponent_tolerance, false},
          {"final value", "", path[q].back(), law[q].back(), equal ? law_tolerance : NAN, true}};
    }
    const auto& chosen = result_.trained_spectra;
    if (std::find(chosen.begin(), chosen.end(), s) == chosen.end()) return;
    for (const Amplitudes& at : train({.unit = Unit::erf,
                                .lr = config_.lr,
                                .D = config_.dimensions,
                                .ell = ell,
                                .start = dynamics.start,
                                .stream = {config_.seed, 100 + std::uint32_t(s)}},
                                      steps_)) {
      const ErfState state = erf_state(ell, at);
      trained[0].push_back(state.T0), trained[1].push_back(state.Q1);
      trained[2].push_back(state.excess);
    }
    for (std::size_t q = 0; q < 3; ++q) judge_trained(column(names[q], s), trained[q], path[q]);
  }

  // Network against equations: exponent over the last two decades, median ratio over all times.
  void judge_trained(const Column& where, const std::vector<double>& trained,
                     std::vector<double> path) {
    path.resize(trained.size());
    const double to = times_[trained.size() - 1], from = to / 100;
    std::vector<double> ratios;
    for (std::size_t k = 0; k < trained.size(); ++k) ratios.push_back(trained[k] / path[k]);
    const auto middle = ratios.begin() + std::ptrdiff_t(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    const double slope = exponent(trained, from, to), expected = exponent(path, from, to);
    record(column("trained " + where.series, std::size_t(where.index)), trained, path)
        .quantities = {{"exponent", "", slope, expected, exponent_tolerance, false},
                       {"median ratio", "", *middle, 1, trained_tolerance, false}};
  }

  std::vector<std::size_t> tied_steps(std::size_t D) const {
    std::vector<std::size_t> steps;
    for (const double t : times_)
      if (t <= tied_until) steps.push_back(std::size_t(std::llround(t * double(D))));
    return steps;
  }

  void tied_erf(std::size_t i) {
    const std::size_t D = config_.tied_dimensions[i - 1];
    std::vector<double> ell(D, 0.0);
    ell[0] = config_.tied_ell;
    Amplitudes start{empty64({1, D}), empty64({1, D}), {}, {}};
    start.w.fill(0), start.u.fill(0);
    start.w(0, 0) = 0.5, start.u(0, 0) = 0.5 / std::sqrt(double(D));
    const ShallowDynamics dynamics{.unit = Unit::erf,
                                   .rule = theory::Rule::tied,
                                   .lr = config_.lr,
                                   .ell = ell,
                                   .start = start};
    const auto steps = tied_steps(D);
    const std::vector<double> times(times_.begin(), times_.begin() + std::ptrdiff_t(steps.size()));
    std::vector<double> path, trained, end(times.size(), NAN);
    for (const ShallowMoment& m : dynamics.integrate(times)) path.push_back(m.pixel_error);
    end.back() = theory::tied_erf_pixel_error(ell, 1);
    record(column("tied error", i), path, end).quantities = {
        {"final value", "", path.back(), end.back(), tied_tolerance, true}};

    const ModeDescent run{.unit = Unit::erf,
                          .tied = true,
                          .lr = config_.lr,
                          .D = D,
                          .ell = {config_.tied_ell},
                          .start = {Array64{{0.5}}, Array64{{start.u(0, 0)}}, {}, {}},
                          .stream = {config_.seed, 200 + std::uint32_t(i)}};
    for (const Amplitudes& at : train(run, steps))
      trained.push_back(theory::pixel_error(Unit::erf, {config_.tied_ell}, at));
    record(column("trained tied error", i), trained, path).quantities = {
        {"final value", "", late_mean(trained), late_mean(path),
         tied_noise * config_.lr / double(D), true}};
  }

  // Over the last decade of the tied runs, long after they have come to rest.
  double late_mean(const std::vector<double>& errors) const {
    double total = 0, count = 0;
    for (std::size_t k = 0; k < errors.size(); ++k)
      if (times_[k] >= tied_until / 10) total += errors[k], count += 1;
    return total / count;
  }

  // Descent from some starts ends in other minima than the best.
  void relu_without_bias(std::size_t K) {
    const auto& ell = config_.relu_spectrum;
    std::vector<double> best;
    for (std::size_t draw = 0; draw < config_.relu_starts; ++draw) {
      const ShallowDynamics dynamics{.unit = Unit::relu,
                                     .lr = config_.lr,
                                     .ell = ell,
                                     .start = random_start(K, ell.size(), 1000 * K + draw)};
      std::vector<double> path;
      for (const ShallowMoment& m : dynamics.integrate(times_, stiff))
        path.push_back(m.pixel_error);
      if (best.empty() || path.back() < best.back()) best = path;
    }
    std::vector<double> end(times_.size(), NAN);
    end.back() = theory::relu_optimum(ell, K);
    record(column("relu error", K), best, end).quantities = {
        {"final value", "", best.back(), end.back(), optimum_tolerance, true}};
  }

  void relu_with_biases() {
    const std::vector<double> ell{config_.bias_ell};
    const Amplitudes start{Array64{{0.5}}, Array64{{0.5}}, {0}, {0}};
    const ShallowDynamics dynamics{
        .unit = Unit::relu, .lr = config_.lr, .ell = ell, .start = start};
    std::vector<double> path, law, betas, trained;
    for (const ShallowMoment& m : dynamics.integrate(times_, stiff)) {
      const double beta = m.at.b[0] / (std::sqrt(ell[0]) * std::abs(m.at.w(0, 0)));
      path.push_back(m.pixel_error), betas.push_back(beta);
      law.push_back(config_.lr * m.time < drawn_from || !(beta > 0)
                        ? NAN
                        : theory::relu_bias_excess(ell[0], config_.lr, m.time, beta));
    }
    record({"bias excess"}, path, law).quantities = {
        {"final value", "", path.back(), law.back(), bias_tolerance, true}};
    show({"bias beta"}, betas, {});
    const ModeDescent run{.unit = Unit::relu,
                          .lr = config_.lr,
                          .D = config_.dimensions,
                          .ell = ell,
                          .start = start,
                          .stream = {config_.seed, 300}};
    for (const Amplitudes& at : train(run, steps_))
      trained.push_back(theory::pixel_error(Unit::relu, ell, at));
    judge_trained({"bias excess"}, trained, path);
  }

  const LongTimeConfig& config_;
  LongTimeResult result_{};
  std::vector<double> times_;
  std::vector<std::size_t> steps_;
  std::size_t done_ = 0;
};

}  // namespace

LongTimeResult run_long_time(const LongTimeConfig& config) { return Experiment(config).run(); }

}  // namespace hourglass
