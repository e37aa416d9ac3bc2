#include <hourglass/hourglass.hpp>

#include <iostream>
using namespace hourglass;

int main() {
  const GaussianDataset data = data::gaussian(
      {.spectrum = {3, 2, 1, .5}, .samples = 4096, .seed = 1, .exact_moments = true});
  Autoencoder model = linear_autoencoder(4, 2);
  model.corrupt = GaussianNoise{.variance = 0.5, .stream = {.seed = 7}};
  model.penalties = {l2(0.05)};
  Parameter &w1 = model.parameter("encoder.W"), &w2 = model.parameter("decoder.W");
  init::aligned(w1, w2, data.basis, 1e-3);

  Tape tape;
  const Sgd sgd{.learning_rate = 0.01};
  const theory::BalancedMode first{3, 0.5, 0.05, 0.01, 1e-3}, second{2, 0.5, 0.05, 0.01, 1e-3};
  Trace measured({{"mode", 1}, {"mode", 2}}), predicted = measured;
  for (std::size_t step = 0; step <= 1000; ++step) {
    measured.add(step, probes::mode_strengths(w1.value, w2.value, to_real(data.basis), 2));
    predicted.add(step, {first.descent_strength(step), second.descent_strength(step)});
    tape.begin(step);
    tape.backward(model.loss(tape, data.x));
    sgd.step(model.parameters());
  }
  const Comparison result = compare(measured, predicted, 0.01);
  std::cout << result;  // for each mode the worst step, and what was measured and predicted there
  return result.verdict() == Verdict::agrees ? 0 : 3;
}
