#include <hourglass/data/shuffle.hpp>
#include <hourglass/measure/fit.hpp>
#include <hourglass/measure/reconstruction.hpp>
#include <hourglass/measure/training.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hourglass {
namespace {

constexpr std::size_t measured_rows = 5000;

Array first_rows(const Array& x, std::size_t count) {
  Array rows = empty({std::min(count, shape_of(x).rows), shape_of(x).columns});
  std::copy(x.data(), x.data() + rows.size(), rows.data());
  return rows;
}

// One run of fit: what it keeps from step to step.
class Loop {
 public:
  Loop(const Fit& plan, const Autoencoder& model, Optimiser& optimiser, RunState& state)
      : plan_(plan),
        model_(model),
        optimiser_(optimiser),
        state_(state),
        shuffle_(shape_of(plan.training).rows, plan.order),
        measured_(first_rows(plan.training, measured_rows)),
        batch_(empty({plan.batch_rows(), shape_of(plan.training).columns})) {}

  void record(double loss) {
    std::vector<double> row{loss, reconstruction_error(model_, measured_)};
    if (shape_of(plan_.validation).rows > 0)
      row.push_back(reconstruction_error(model_, plan_.validation));
    state_.curve.add(static_cast<double>(state_.step), row);
  }

  void take_step() {
    gather_batch();
    tape_.begin(state_.step);
    const Var loss = model_.loss(tape_, batch_);
    require_finite(loss.item(), last_loss_, state_.step);
    last_loss_ = loss.item();
    tape_.backward(loss);
    optimiser_.step(model_.parameters());
    state_.loss_sum += last_loss_;
    ++state_.step;
  }

  void finish_epoch() {
    record(state_.loss_sum / static_cast<double>(plan_.steps_per_epoch()));
    state_.loss_sum = 0;
    require_finite_errors();
  }

 private:
  // The loss is checked before a step, so the last step of all shows in the errors alone.
  void require_finite_errors() const {
    for (std::size_t c = 1; c < state_.curve.columns().size(); ++c)
      require_finite(state_.curve.values(c).back(), last_loss_, state_.step);
  }

  void gather_batch() {
    const std::uint64_t per_epoch = plan_.steps_per_epoch();
    const auto order = shuffle_.order(state_.step / per_epoch);
    const auto first = static_cast<std::size_t>(state_.step % per_epoch) * plan_.batch_rows();
    data::gather(plan_.training, order.subspan(first, plan_.batch_rows()),
                 {batch_.data(), batch_.size()});
  }

  const Fit& plan_;
  const Autoencoder& model_;
  Optimiser& optimiser_;
  RunState& state_;
  Shuffle shuffle_;
  Array measured_, batch_;
  Tape tape_;
  double last_loss_ = NAN;
};

}  // namespace

std::size_t Fit::batch_rows() const { return std::min(batch, shape_of(training).rows); }

std::uint64_t Fit::steps_per_epoch() const { return shape_of(training).rows / batch_rows(); }

std::vector<Column> learning_curve(bool validation) {
  std::vector<Column> columns{learning::loss(), learning::training_error()};
  if (validation) columns.push_back(learning::validation_error());
  return columns;
}

FitResult fit(const Fit& plan, const Autoencoder& model, Optimiser& optimiser, RunState& state) {
  using Clock = std::chrono::steady_clock;
  const std::uint64_t total = plan.epochs * plan.steps_per_epoch();
  Loop loop(plan, model, optimiser, state);
  if (state.curve.steps().empty()) loop.record(NAN);
  FitResult result;
  const std::uint64_t first = state.step;
  while (state.step < total) {
    const auto start = Clock::now();
    loop.take_step();
    result.step_seconds += std::chrono::duration<double>(Clock::now() - start).count();
    ++result.steps;
    if (state.step % plan.steps_per_epoch() == 0) loop.finish_epoch();
    if (plan.progress) plan.progress(result.steps, total - first);
    if (plan.part) plan.part->after_step(state.step == total);
  }
  return result;
}

}  // namespace hourglass
