#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/core/tape.hpp>
#include <hourglass/measure/journal.hpp>
#include <hourglass/measure/trace.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// Throws Divergence unless the loss of this step is finite; `last` is the loss of the step before.
void require_finite(double loss, double last, std::size_t step);

// What is written down at a recorded step, given the loss there: one value a column.
struct Probe {
  std::vector<Column> columns;
  std::function<std::vector<double>(double loss)> read;  // at that loss
};

// How long train() goes on, and where it looks at the network.
struct Training {
  std::size_t steps = 0;            // updates
  std::vector<std::size_t> record;  // ascending steps in 0..steps; t: after t updates
  std::function<void(std::size_t done)> progress = {};  // called after every step
  Journal* journal = nullptr;  // keeps where it stands, as its part of this name
  std::string part = {};
};

// Gradient descent on one tape: loss(tape) records the loss of the tape's step. An unrecorded step
// allocates nothing. From a journal it goes on where it stood, to the same trace and parameters,
// if the probe reads nothing but the parameters and the step's loss. Throws Divergence, and Stopped
// where the journal is asked to stop.
Trace train(const Training& training, const std::function<Var(Tape&)>& loss, Parameters parameters,
            Optimiser& optimiser, const Probe& probe);

}  // namespace hourglass
