#pragma once

#include <hourglass/core/parameter.hpp>
#include <hourglass/measure/trace.hpp>
#include <hourglass/model/optimiser.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace HOURGLASS_API hourglass {

// Where a run stands after some step. With the settings, the parameters and the optimiser's state
// it decides everything that follows: random numbers and the order of rows are functions of the
// seed and the step.
struct RunState {
  std::uint64_t step = 0;  // updates done
  double loss_sum = 0;     // of the steps since the epoch began; without epochs: the last loss
  Trace curve;             // what is recorded so far
};

// What a run is, as text by name ("optimiser": "adam:0.001"): a checkpoint continues the same run
// only.
using RunIdentity = std::map<std::string, std::string>;

// One safetensors file with everything: the parameters under their names, "optimiser.*", "curve.*"
// and the identity as its metadata. The same run gives the same bytes.
void save_checkpoint(const std::filesystem::path& file, const RunIdentity& identity,
                     const RunState& state, Parameters parameters, const Optimiser& optimiser);

// Restores parameters and optimiser and returns the state; `columns` are those of the curve.
// Throws InputError, naming the file and what differs, where the file is damaged or of another run;
// nothing is changed then.
RunState load_checkpoint(const std::filesystem::path& file, const RunIdentity& identity,
                         const std::vector<Column>& columns, Parameters parameters,
                         Optimiser& optimiser);

// Throws InputError, naming the file and what differs, where it is no whole checkpoint of this run.
void require_same_run(const std::filesystem::path& file, const RunIdentity& identity);

}  // namespace hourglass
