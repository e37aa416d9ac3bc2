#include "expected_noise.hpp"
#include "experiment.hpp"
#include <hourglass/model/initialisers.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

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

// Without decoder bias: the expansion's network has none.
Autoencoder tanh_network(const SmallNoiseConfig& config) {
  Autoencoder model(Encoder({Dense("encoder", 2, config.hidden, true), Activation::tanh}),
                    Decoder({Dense("decoder", config.hidden, 2, false)}));
  init::gaussian(model.parameters(), config.init, {config.seed, 1});
  model.corrupt = GaussianNoise{config.training_sigma * config.training_sigma, {config.seed, 2}};
  return model;
}

// Points near a parabola.
Array curve(const SmallNoiseConfig& config) {
  Array x = Stream{config.seed, 0}.normals({config.samples, 2});
  for (std::size_t n = 0; n < config.samples; ++n) {
    const double t = 2 * (double(n) + 0.5) / double(config.samples) - 1;
    x(n, 0) = static_cast<Real>(1.2 * t + 0.1 * x(n, 0));
    x(n, 1) = static_cast<Real>(t * t - 1.0 / 3 + 0.1 * x(n, 1));
  }
  return x;
}

// What noise adds to the network's loss, on the nodes of a rule.
class AddedLoss {
 public:
  AddedLoss(const Array64& x, const std::vector<double>& sigmas)
      : clean_(noisy_rows(x, 0, normal_rule(nodes))) {
    for (const double sigma : sigmas) noisy_.push_back(noisy_rows(x, sigma, normal_rule(nodes)));
  }
  std::vector<double> operator()(const Autoencoder& model) const {
    const double without = expected_denoising_loss(model, clean_);
    std::vector<double> added;
    for (const NoisyRows& rows : noisy_)
      added.push_back(expected_denoising_loss(model, rows) - without);
    return added;
  }

 private:
  NoisyRows clean_;
  std::vector<NoisyRows> noisy_;
};

// The same with drawn noise: mean and standard error over antithetic pairs x +- n.
struct Drawn {
  double mean = NAN, error = 0;
};
Drawn drawn_loss(const SmallNoiseConfig& config, const Autoencoder& model, const Array& x,
                 double sigma) {
  const GaussianNoise noise{sigma * sigma, {config.seed, 9}};
  double mean = 0, squares = 0;
  Tape tape;
  for (std::size_t draw = 0; draw < config.draws; ++draw) {
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
  const double n = double(config.draws);
  return {mean, std::sqrt(squares / (n * (n - 1)))};
}

// The network at a step as theory knows it.
class TheoryNetwork {
 public:
  TheoryNetwork(const Autoencoder& model, const Array& x) : x_(x) {
    const Array64 b = to_double(model.parameter("encoder.b").value);
    r_ = {to_double(model.parameter("encoder.W").value),
          {b.begin(), b.end()},
          to_double(model.parameter("decoder.W").value),
          theory::tanh_jet};
  }

  theory::SmallNoiseExpansion expansion() const {
    theory::SmallNoiseExpansion mean{};
    const double N = double(samples());
    for (std::size_t n = 0; n < samples(); ++n) {
      const auto one = theory::small_noise_expansion(r_, row(n));
      mean.c2 += one.c2 / N, mean.c4 += one.c4 / N, mean.jacobian += one.jacobian / N;
    }
    return mean;
  }
  double added_loss(double sigma) const {
    double sum = 0;
    for (std::size_t n = 0; n < samples(); ++n)
      sum += theory::exact_noisy_loss(r_, row(n), sigma) - theory::exact_noisy_loss(r_, row(n), 0);
    return sum / double(samples());
  }

 private:
  std::size_t samples() const { return shape_of(x_).rows; }
  std::vector<double> row(std::size_t n) const { return {double(x_(n, 0)), double(x_(n, 1))}; }

  theory::ShallowReconstruction r_;
  const Array& x_;
};

// c2 and c4 from the parabola in sigma^2 through (L(sigma) - L(0))/sigma^2 at sigma, 2 sigma and
// 4 sigma.
std::array<double, 2> extrapolated(double sigma, const std::vector<double>& added) {
  const double s = sigma * sigma;
  const double g0 = added[0] / s, g1 = added[1] / (4 * s), g2 = added[2] / (16 * s);
  return {(64 * g0 - 20 * g1 + g2) / 45, (-16 * g0 + 17 * g1 - g2) / 36 / s};
}

std::vector<Column> columns(std::size_t levels) {
  std::vector<Column> result;
  for (std::size_t k = 1; k <= levels; ++k) result.push_back(small_noise::added_loss(k));
  for (const Series* series : {&small_noise::c2, &small_noise::c4, &small_noise::jacobian})
    result.push_back((*series)());
  for (std::size_t k = 1; k <= levels; ++k) result.push_back(small_noise::drawn_loss(k));
  return result;
}

// What is left of the loss after sigma^2 c2 (and sigma^4 c4) at twice the smallest noise over that
// at the smallest: the median over training, since c4 may pass through zero.
double ratio_of_residuals(const SmallNoiseResult& result, bool fourth) {
  const Trace &measured = result.comparison.measured, &predicted = result.comparison.predicted;
  const std::vector<double>&c2 = predicted[small_noise::c2()], &c4 = predicted[small_noise::c4()];
  const auto residual = [&](std::size_t k, std::size_t row) {
    const double s = result.sigmas[k] * result.sigmas[k];
    return measured[small_noise::added_loss(k + 1)][row] - s * c2[row] -
           (fourth ? s * s * c4[row] : 0);
  };
  std::vector<double> ratios;
  for (std::size_t row = 0; row < c2.size(); ++row)
    ratios.push_back(residual(1, row) / residual(0, row));
  const auto middle = ratios.begin() + static_cast<long>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return *middle;
}

Agreement judge(const SmallNoiseResult& result, const Series& series) {
  const auto& [measured, predicted, agreements] = result.comparison;
  const bool fourth = &series == &small_noise::c4;
  const double sigma = result.config.smallest_sigma, coarser = sigma / 0.0125;
  const double share =
      fourth ? c4_tolerance * std::pow(coarser, 4) : c2_tolerance * std::pow(coarser, 6);
  // a loss near 1 is rounded to about 10 units, which extrapolation divides by sigma^2 or sigma^4
  const double s = sigma * sigma;
  const double rounding = 10 * double(std::numeric_limits<Real>::epsilon()) / (fourth ? s * s : s);
  double largest = 0;
  for (const double c : predicted[series()]) largest = std::max(largest, std::abs(c));
  Agreement agreement = agreement_of(measured, predicted, series(), share * largest + rounding);
  agreement.quantities = {{.name = small_noise::residual_ratio,
                           .unit = "",
                           .measured = ratio_of_residuals(result, fourth),
                           .predicted = fourth ? 64.0 : 16.0,
                           .tolerance = fourth ? c4_ratio_tolerance : c2_ratio_tolerance,
                           .relative = true}};
  return agreement;
}

// What is recorded at once: the measured columns, what theory says of the same network, and the
// standard errors of drawn losses.
std::vector<Column> recorded_columns(std::size_t levels) {
  std::vector<Column> all = columns(levels);
  for (const Column& column : columns(levels))
    all.push_back({"theory of " + column.series, column.index});
  for (std::size_t k = 1; k <= levels; ++k) all.push_back(Series("standard error")(k));
  return all;
}

void compare_recorded(const Trace& all, SmallNoiseResult& result) {
  const std::size_t levels = result.config.levels;
  const std::vector<Column> shown = columns(levels);
  Trace &measured = result.comparison.measured, &predicted = result.comparison.predicted;
  measured = predicted = Trace(shown);
  std::vector<double> errors(levels, 0.0);
  for (std::size_t row = 0; row < all.steps().size(); ++row) {
    const auto values = [&](std::size_t first, std::size_t count) {
      std::vector<double> part;
      for (std::size_t c = first; c < first + count; ++c) part.push_back(all.values(c)[row]);
      return part;
    };
    measured.add(all.steps()[row], values(0, shown.size()));
    predicted.add(all.steps()[row], values(shown.size(), shown.size()));
    const std::vector<double> drawn = values(2 * shown.size(), levels);
    for (std::size_t k = 0; k < levels; ++k) errors[k] = std::max(errors[k], drawn[k]);
  }
  for (const Series* series : {&small_noise::c2, &small_noise::c4})
    result.comparison.agreements.push_back(judge(result, *series));
  for (std::size_t k = 0; k < levels; ++k)
    result.comparison.agreements.push_back(agreement_of(
        measured, predicted, small_noise::drawn_loss(k + 1), standard_errors * errors[k]));
}

}  // namespace

void compare_expansion(const Training& training, SmallNoiseResult& result) {
  const SmallNoiseConfig& config = result.config;
  const Array x = curve(config);
  Autoencoder model = tanh_network(config);
  const AddedLoss added_loss(to_double(x), result.sigmas);
  const auto read = [&](std::size_t step) {
    const TheoryNetwork network(model, x);
    const theory::SmallNoiseExpansion expansion = network.expansion();
    std::vector<double> row = added_loss(model), theory, errors;
    for (const double sigma : result.sigmas) {
      const double s = sigma * sigma;
      theory.push_back(s * expansion.c2 + s * s * expansion.c4);
    }
    const auto [c2, c4] = extrapolated(config.smallest_sigma, row);
    row.insert(row.end(), {c2, c4, NAN});
    theory.insert(theory.end(), {expansion.c2, expansion.c4, expansion.jacobian});
    const bool at_an_end = step == 0 || step == training.steps;
    for (const double sigma : result.sigmas) {
      const Drawn drawn = at_an_end ? drawn_loss(config, model, x, sigma) : Drawn{};
      row.push_back(drawn.mean), errors.push_back(drawn.error);
      theory.push_back(at_an_end ? network.added_loss(sigma) : NAN);
    }
    for (const auto& more : {theory, errors}) row.insert(row.end(), more.begin(), more.end());
    return row;
  };
  std::uint64_t step = 0;  // of the loss that is recorded
  Optimiser adam = Adam{.learning_rate = config.rate};
  const auto loss = [&](Tape& tape) { return step = tape.step(), model.loss(tape, x); };
  const Trace all = train(counted(training, result, 0, "expansion"), loss, model.parameters(), adam,
                          {recorded_columns(config.levels), [&](double) { return read(step); }});
  compare_recorded(all, result);
}

}  // namespace hourglass
