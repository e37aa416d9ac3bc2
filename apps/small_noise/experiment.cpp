#include <hourglass/core/error.hpp>
#include <hourglass/measure/expected_noise.hpp>
#include <hourglass/measure/mixture_denoiser.hpp>
#include <hourglass/measure/small_noise.hpp>
#include <hourglass/measure/training.hpp>
#include <hourglass/model/initialisers.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>

namespace hourglass {
namespace {

constexpr bool single = sizeof(Real) == sizeof(float);
// Shares of the largest coefficient at a smallest noise of 1/80: extrapolation from three noises
// leaves the orders sigma^6 (of c2: 64 sigma^6 c8, 2e-10 c8) and sigma^4 (of c4: 2e-6 c8), and the
// coefficients grow with the order.
constexpr double c2_tolerance = 1e-6, c4_tolerance = 0.002;
// The next order changes a ratio of residuals by the share 3 (c6/c4) sigma^2, 1 % where c6 = 20 c4.
// In single precision rounding takes 1e-7 of a residual of 1e-6, and all of that after c4.
constexpr double c2_ratio_tolerance = single ? 0.3 : 0.05, c4_ratio_tolerance = single ? NAN : 0.05;
// Standard errors: one comparison in 15,000 lies outside by chance.
constexpr double standard_errors = 4;
// Products of 20 nodes integrate what noise up to 0.4 does to a tanh unit to 1e-9.
constexpr std::size_t nodes = 20;

Column indexed(const std::string& series, std::size_t i) { return {series, static_cast<int>(i)}; }

void refuse(const char* option, double found, const char* expected) {
  std::ostringstream text;
  text << option << ": found " << found << ", expected " << expected;
  throw InputError(text.str());
}

void validate(const SmallNoiseConfig& c) {
  const auto positive = [](const char* option, double x) {
    if (!(x > 0) || !std::isfinite(x)) refuse(option, x, "a positive number");
  };
  const auto at_least = [](const char* option, std::size_t n, std::size_t least) {
    if (n < least) refuse(option, double(n), least == 1 ? "at least 1" : "at least 3");
  };
  positive("--init", c.init), positive("--training-sigma", c.training_sigma);
  positive("--rate", c.rate), positive("--smallest-sigma", c.smallest_sigma);
  for (const double sigma : c.sigmas) positive("--sigmas", sigma);
  at_least("--hidden", c.hidden, 1), at_least("--samples", c.samples, 1);
  at_least("--denoiser-hidden", c.denoiser_hidden, 1), at_least("--batch", c.batch, 1);
  at_least("--levels", c.levels, 3), at_least("--draws", c.draws, 3);
  at_least("--steps", c.steps, 1), at_least("--records", c.records, 3);
  if (c.sigmas.empty()) throw InputError("--sigmas: found none, expected at least one noise");
}

// A tanh network learns the points of a bent curve; its denoising loss beside the expansion.
class Expansion {
 public:
  Expansion(const SmallNoiseConfig& config, const Training& training, SmallNoiseResult& result)
      : config_(config), training_(training), result_(result) {}

  void run() {
    Autoencoder model = tanh_network();
    init::gaussian(model.parameters(), config_.init, {config_.seed, 1});
    model.corrupt =
        GaussianNoise{config_.training_sigma * config_.training_sigma, {config_.seed, 2}};
    const Array x = curve();
    const NormalRule rule = normal_rule(nodes);
    const NoisyRows clean = noisy_rows(to_double(x), 0, rule);
    std::vector<NoisyRows> noisy;
    for (const double sigma : result_.sigmas)
      noisy.push_back(noisy_rows(to_double(x), sigma, rule));

    std::vector<Column> columns;
    for (std::size_t k = 1; k <= config_.levels; ++k) columns.push_back(indexed("added loss", k));
    columns.insert(columns.end(), {{"c2"}, {"c4"}, {"jacobian term"}});
    for (std::size_t k = 1; k <= config_.levels; ++k) columns.push_back(indexed("drawn loss", k));
    Trace predicted(columns);
    std::vector<double> errors(config_.levels, 0.0);
    std::size_t recorded = 0;
    const auto read = [&](double) {
      const double step = double(training_.record[recorded++]);
      const bool drawn = step == 0 || step == double(training_.steps);
      const theory::SmallNoiseExpansion expansion = mean_expansion(model, x);
      const double without = expected_denoising_loss(model, clean);
      std::vector<double> row, theory;
      for (std::size_t k = 0; k < config_.levels; ++k) {
        const double s = result_.sigmas[k] * result_.sigmas[k];
        row.push_back(expected_denoising_loss(model, noisy[k]) - without);
        theory.push_back(s * expansion.c2 + s * s * expansion.c4);
      }
      const auto c = extrapolated(row);
      row.insert(row.end(), {c[0], c[1], NAN});
      theory.insert(theory.end(), {expansion.c2, expansion.c4, expansion.jacobian});
      for (std::size_t k = 0; k < config_.levels; ++k) {
        const auto [mean, error] =
            drawn ? drawn_added(model, x, result_.sigmas[k]) : std::pair<double, double>(NAN, 0);
        row.push_back(mean), errors[k] = std::max(errors[k], error);
        theory.push_back(drawn ? exact_added(model, x, result_.sigmas[k]) : NAN);
      }
      predicted.add(step, theory);
      return row;
    };
    Optimiser adam = Adam{.learning_rate = config_.rate};
    const auto loss = [&](Tape& tape) { return model.loss(tape, x); };
    const Trace measured = train(training_, loss, model.parameters(), adam, {columns, read});
    judge_expansion(measured, predicted, errors);
    result_.comparison.measured = measured;
    result_.comparison.predicted = predicted;
  }

 private:
  // Without decoder bias: the expansion's network has none.
  Autoencoder tanh_network() const {
    return Autoencoder(Encoder({Dense("encoder", 2, config_.hidden, true), Activation::tanh}),
                       Decoder({Dense("decoder", config_.hidden, 2, false)}));
  }

  // Points near a parabola.
  Array curve() const {
    Array x = empty({config_.samples, 2});
    Stream{config_.seed, 0}.normals(0, 0, x);
    for (std::size_t n = 0; n < config_.samples; ++n) {
      const double t = 2 * (double(n) + 0.5) / double(config_.samples) - 1;
      x(n, 0) = static_cast<Real>(1.2 * t + 0.1 * x(n, 0));
      x(n, 1) = static_cast<Real>(t * t - 1.0 / 3 + 0.1 * x(n, 1));
    }
    return x;
  }

  static theory::ShallowReconstruction weights_of(const Autoencoder& model) {
    const Array64 b = to_double(model.parameter("encoder.b").value);
    return {to_double(model.parameter("encoder.W").value),
            {b.begin(), b.end()},
            to_double(model.parameter("decoder.W").value),
            theory::tanh_jet};
  }

  std::vector<double> row_of(const Array& x, std::size_t n) const {
    return {double(x(n, 0)), double(x(n, 1))};
  }

  theory::SmallNoiseExpansion mean_expansion(const Autoencoder& model, const Array& x) const {
    const auto r = weights_of(model);
    theory::SmallNoiseExpansion mean{};
    for (std::size_t n = 0; n < config_.samples; ++n) {
      const auto one = theory::small_noise_expansion(r, row_of(x, n));
      mean.c2 += one.c2 / double(config_.samples), mean.c4 += one.c4 / double(config_.samples);
      mean.jacobian += one.jacobian / double(config_.samples);
    }
    return mean;
  }

  double exact_added(const Autoencoder& model, const Array& x, double sigma) const {
    const auto r = weights_of(model);
    double sum = 0;
    for (std::size_t n = 0; n < config_.samples; ++n)
      sum += theory::exact_noisy_loss(r, row_of(x, n), sigma) -
             theory::exact_noisy_loss(r, row_of(x, n), 0);
    return sum / double(config_.samples);
  }

  // c2 and c4 from the parabola in sigma^2 through (L(sigma) - L(0))/sigma^2 at sigma, 2 sigma and
  // 4 sigma.
  std::vector<double> extrapolated(const std::vector<double>& added) const {
    const double s = config_.smallest_sigma * config_.smallest_sigma;
    const double g0 = added[0] / s, g1 = added[1] / (4 * s), g2 = added[2] / (16 * s);
    return {(64 * g0 - 20 * g1 + g2) / 45, (-16 * g0 + 17 * g1 - g2) / 36 / s};
  }

  // Mean and standard error of the loss beyond that without noise, over antithetic pairs x +- n.
  std::pair<double, double> drawn_added(Autoencoder& model, const Array& x, double sigma) const {
    const GaussianNoise noise{sigma * sigma, {config_.seed, 9}};
    double mean = 0, squares = 0;
    Tape tape;
    for (std::size_t draw = 0; draw < config_.draws; ++draw) {
      tape.begin(draw);
      const Var clean = tape.constant(x), plus = noise(clean, {draw});
      const auto loss = [&](Var y) {
        return double(half_squared_error(model.reconstruct(y), clean).item());
      };
      const double added = (loss(plus) + loss(2.0 * clean - plus)) / 2 - loss(clean);
      const double before = mean;
      mean += (added - mean) / double(draw + 1);
      squares += (added - before) * (added - mean);
    }
    const double n = double(config_.draws);
    return {mean, std::sqrt(squares / (n * (n - 1)))};
  }

  void judge_expansion(const Trace& measured, const Trace& predicted,
                       const std::vector<double>& errors) {
    auto& agreements = result_.comparison.agreements;
    const double coarser = config_.smallest_sigma / 0.0125;
    for (const auto& [series, share] : {std::pair("c2", c2_tolerance * std::pow(coarser, 6)),
                                        {"c4", c4_tolerance * std::pow(coarser, 4)}}) {
      double largest = 0;
      for (const double c : predicted.values(predicted.find({series})))
        largest = std::max(largest, std::abs(c));
      agreements.push_back(
          agreement_of(measured, predicted, {series}, share * largest + rounding(series)));
      agreements.back().quantities = {residual_ratio(measured, predicted, series)};
    }
    for (std::size_t k = 1; k <= config_.levels; ++k)
      agreements.push_back(agreement_of(measured, predicted, indexed("drawn loss", k),
                                        standard_errors * errors[k - 1]));
  }

  // A loss near 1 is rounded to about 10 units, which extrapolation divides by sigma^2 or sigma^4.
  double rounding(const std::string& series) const {
    const double s = config_.smallest_sigma * config_.smallest_sigma;
    return 10 * double(std::numeric_limits<Real>::epsilon()) / (series == "c2" ? s : s * s);
  }

  // What is left of the loss after sigma^2 c2 (or sigma^4 c4 too) at twice the smallest noise over
  // that at the smallest: the median over training, since c4 may pass through zero.
  Quantity residual_ratio(const Trace& measured, const Trace& predicted,
                          const std::string& series) const {
    const auto &c2 = predicted.values(predicted.find({"c2"})),
               &c4 = predicted.values(predicted.find({"c4"}));
    const auto residual = [&](std::size_t k, std::size_t row) {
      const double s = result_.sigmas[k] * result_.sigmas[k];
      return measured.values(k)[row] - s * c2[row] - (series == "c4" ? s * s * c4[row] : 0);
    };
    std::vector<double> ratios;
    for (std::size_t row = 0; row < c2.size(); ++row)
      ratios.push_back(residual(1, row) / residual(0, row));
    const auto middle = ratios.begin() + static_cast<long>(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    return {.name = "ratio of residuals",
            .unit = "",
            .measured = *middle,
            .predicted = series == "c4" ? 64.0 : 16.0,
            .tolerance = series == "c4" ? c4_ratio_tolerance : c2_ratio_tolerance,
            .relative = true};
  }

  const SmallNoiseConfig& config_;
  const Training& training_;
  SmallNoiseResult& result_;
};

}  // namespace

SmallNoiseResult run_small_noise(const SmallNoiseConfig& config) {
  validate(config);
  SmallNoiseResult result{};
  for (std::size_t k = 0; k < config.levels; ++k)
    result.sigmas.push_back(config.smallest_sigma * std::exp2(double(k)));
  result.steps = config.steps * (1 + config.sigmas.size());
  Training training{config.steps, log_spaced(config.steps, config.records)};
  std::size_t done = 0;
  if (config.progress)
    training.progress = [&](std::size_t) { config.progress(++done, result.steps); };
  const auto start = std::chrono::steady_clock::now();
  Expansion(config, training, result).run();
  learn_denoisers(config, training, result);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  result.training_seconds = elapsed.count();
  return result;
}

}  // namespace hourglass
