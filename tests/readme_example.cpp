#include <hourglass/hourglass.hpp>

#include <iostream>

using namespace hourglass;

int main() {
  const GaussianDataset data = data::gaussian(
      {.spectrum = {3, 2, 1, .5, .3, .1}, .samples = 4096, .seed = 1, .exact_moments = true});
  Autoencoder model = linear_autoencoder(6, 3);
  model.corrupt = GaussianNoise{.variance = 0.5, .stream = {.seed = 7}};
  model.penalties = {l2(0.05)};
  Parameter &encoder = model.parameter("encoder.W"), &decoder = model.parameter("decoder.W");
  init::aligned(encoder, decoder, data.basis, 1e-3);

  Tape tape;
  const Sgd sgd{.learning_rate = 0.01};
  const Array basis = to_real(first_columns(data.basis, 3));
  Trace measured({{"mode", 1}, {"mode", 2}, {"mode", 3}}), predicted = measured;
  for (std::size_t step = 0; step <= 1000; ++step) {
    if (step % 25 == 0) {
      measured.add(step, probes::mode_strengths(encoder.value, decoder.value, basis));
      std::vector<double> row;
      for (const double lambda : {3, 2, 1})
        row.push_back(theory::BalancedMode{lambda, 0.5, 0.05, 0.01, 1e-3}.descent_strength(step));
      predicted.add(step, row);
    }
    tape.begin(step);
    tape.backward(model.loss(tape, data.x));
    sgd.step(model.parameters());
  }
  const Comparison result = compare(measured, predicted, 0.01);
  std::cout << result;
  return result.agrees() ? 0 : 3;
}
