#include "mode_descent.hpp"

#include <hourglass/data/synthetic.hpp>
#include <hourglass/model/autoencoder.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {
namespace {

Autoencoder network(const ModeDescent& run) {
  const bool biased = !run.start.b.empty();
  const std::size_t M = run.ell.size(), K = run.start.units();
  Dense encoder("encoder", M, K, biased);
  Dense decoder = run.tied ? encoder.tied("decoder") : Dense("decoder", K, M, biased);
  if (run.tied) decoder.scale = 1 / std::sqrt(double(run.D));
  std::vector<Layer> layers{encoder};
  if (run.unit == theory::Unit::relu) layers.push_back(Activation::relu);
  if (run.unit == theory::Unit::erf)
    layers.push_back([](Var z) { return erf(scale(z, 1 / std::numbers::sqrt2)); });
  return Autoencoder(Encoder(layers), Decoder({decoder}));
}

void copy(const std::vector<double>& from, Parameter& to) {
  for (std::size_t i = 0; i < from.size(); ++i) to.value(0, i) = static_cast<Real>(from[i]);
}

void start(Autoencoder& model, const ModeDescent& run) {
  model.parameter("encoder.W").value = to_real(run.start.w);
  if (!run.tied) model.parameter("decoder.W").value = to_real(xt::transpose(run.start.u));
  if (run.start.b.empty()) return;
  copy(run.start.b, model.parameter("encoder.b"));
  copy(run.start.d, model.parameter("decoder.b"));
}

std::vector<double> numbers(const Parameter& p) {
  return std::vector<double>(p.value.begin(), p.value.end());
}

// Every number of the network, as a row of a trace, and what it is in the theory's terms.
std::vector<Column> columns_of(const Autoencoder& model) {
  std::vector<Column> columns;
  for (const Parameter* p : model.parameters())
    for (std::size_t i = 1; i <= p->value.size(); ++i) columns.push_back(Series(p->name)(i));
  return columns;
}

std::vector<double> row_of(const Autoencoder& model) {
  std::vector<double> row;
  for (const Parameter* p : model.parameters())
    row.insert(row.end(), p->value.begin(), p->value.end());
  return row;
}

void set_to(Autoencoder& model, const Trace& trace, std::size_t row) {
  std::size_t c = 0;
  for (Parameter* p : model.parameters())
    for (Real& x : p->value) x = static_cast<Real>(trace.values(c++)[row]);
}

theory::Amplitudes amplitudes(const Autoencoder& model, const ModeDescent& run) {
  theory::Amplitudes at{to_double(model.parameter("encoder.W").value), {}, {}, {}};
  at.u = at.w;
  if (run.tied)
    for (double& u : at.u) u /= std::sqrt(double(run.D));
  else
    at.u = xt::transpose(to_double(model.parameter("decoder.W").value));
  if (!run.start.b.empty()) at.b = numbers(model.parameter("encoder.b"));
  if (!run.start.b.empty()) at.d = numbers(model.parameter("decoder.b"));
  return at;
}

}  // namespace

std::vector<theory::Amplitudes> descend(const ModeDescent& run, const Training& training) {
  Autoencoder model = network(run);
  start(model, run);
  OnlineGaussian inputs(run.ell, run.stream);
  const Probe probe{columns_of(model), [&](double) { return row_of(model); }};
  // u follows at lr/D; W, with u = W/sqrt(D), at lr
  Optimiser descent = Sgd{run.tied ? run.lr : run.lr / double(run.D)};
  const auto loss = [&](Tape& tape) { return model.loss(tape, inputs.batch(tape.step()).x); };
  const Trace trace = train(training, loss, model.parameters(), descent, probe);
  std::vector<theory::Amplitudes> path;
  for (std::size_t k = 0; k < trace.steps().size(); ++k) {
    set_to(model, trace, k);
    path.push_back(amplitudes(model, run));
  }
  return path;
}

}  // namespace hourglass
