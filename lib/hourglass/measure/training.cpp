#include <hourglass/core/error.hpp>
#include <hourglass/measure/training.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace hourglass {

void require_finite(double loss, double last, std::size_t step) {
  if (std::isfinite(loss)) return;
  std::ostringstream text;
  text << "training diverged: the loss is " << loss << " at step " << step;
  if (step > 0) text << "; the last finite value was " << last;
  throw Divergence(text.str());
}

Trace train(const Training& training, const std::function<Var(Tape&)>& loss, Parameters parameters,
            Optimiser& optimiser, const Probe& probe) {
  Trace trace(probe.columns);
  Tape tape;
  double last = 0;
  for (std::size_t step = 0; step <= training.steps; ++step) {
    tape.begin(step);
    const Var value = loss(tape);
    require_finite(value.item(), last, step);
    last = value.item();
    if (std::binary_search(training.record.begin(), training.record.end(), step))
      trace.add(static_cast<double>(step), probe.read(last));
    if (step == training.steps) break;
    tape.backward(value);
    optimiser.step(parameters);
    if (training.progress) training.progress(step + 1);
  }
  return trace;
}

}  // namespace hourglass
