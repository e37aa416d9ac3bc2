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
  RunState state{.curve = Trace(probe.columns)};
  Part part(training.journal, training.part, state, parameters, optimiser);
  Tape tape;
  while (true) {
    tape.begin(state.step);
    const Var value = loss(tape);
    require_finite(value.item(), state.loss_sum, state.step);
    state.loss_sum = value.item();
    if (std::binary_search(training.record.begin(), training.record.end(), state.step))
      state.curve.add(static_cast<double>(state.step), probe.read(state.loss_sum));
    if (state.step >= training.steps) return std::move(state.curve);
    tape.backward(value);
    optimiser.step(parameters);
    ++state.step;
    if (training.progress) training.progress(state.step);
    part.after_step(state.step == training.steps);
  }
}

}  // namespace hourglass
