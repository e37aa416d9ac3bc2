#pragma once

#include <hourglass/measure/journal.hpp>
#include <hourglass/model/autoencoder.hpp>
#include <hourglass/model/optimiser.hpp>

#include <functional>

namespace HOURGLASS_API hourglass {

// Training in epochs of batches drawn without replacement. Each epoch goes through the rows in an
// order of its own; batches have exactly `batch` rows (all of them if there are fewer), and the
// rows left over wait for another epoch, where others are left over. So every step has the same
// shapes and allocates nothing.
struct Fit {
  const Array& training;    // samples x features
  const Array& validation;  // may have no rows
  std::size_t epochs = 1, batch = 128;
  Stream order = {};     // of the order of rows
  Part* part = nullptr;  // of a journal, which keeps where it stands
  // After every step: how many were taken here, of how many.
  std::function<void(std::uint64_t steps, std::uint64_t all)> progress = {};

  std::size_t batch_rows() const;         // of every step
  std::uint64_t steps_per_epoch() const;  // rows left over do not count
};

// What `fit` records before the first and after every epoch: the loss (mean over its steps, with
// noise and penalties; none before the first), the training error (of the first rows, at most 5000)
// and that of validation, both without noise (measure/reconstruction.hpp).
namespace learning {
inline const Series loss("loss"), training_error("training error"),
    validation_error("validation error");
}
std::vector<Column> learning_curve(bool validation);

// What a fit took.
struct FitResult {
  std::uint64_t steps = 0;  // taken here
  double step_seconds = 0;  // spent in them, measurements and checkpoints not counted
};

// Goes on from `state` to the end of the last epoch. Throws Divergence, and Stopped where the
// journal is asked to stop: `state` then is a place to go on from that leads to the same numbers.
FitResult fit(const Fit& plan, const Autoencoder& model, Optimiser& optimiser, RunState& state);

}  // namespace hourglass
