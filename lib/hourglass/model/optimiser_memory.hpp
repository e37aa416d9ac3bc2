#pragma once

#include <hourglass/core/parameter.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

// State by name, for files: "adam.m/encoder.W". In double, which holds every Real and every count
// of steps exactly.
struct NamedArray {
  std::string name;
  Array64 values;
};

namespace detail {
// A number of steps in a 1x1; throws InputError if it is none.
std::uint64_t count_of(const std::string& name, const Array64& values);
}  // namespace detail

// What an optimiser remembers of each parameter: arrays of its shape, zero at first, and how often
// it was stepped. A parameter is known by its identity, wherever it is moved.
class OptimiserMemory {
 public:
  struct Slot {
    std::shared_ptr<const Identity::Mark> owner;
    std::string name;  // as it was called when it was first stepped
    std::uint64_t steps = 0;
    std::vector<Array> arrays;
  };

  // ("adam", {"m", "v"}): how state() names them
  OptimiserMemory(std::string optimiser, std::vector<std::string> arrays)
      : optimiser_(std::move(optimiser)), arrays_(std::move(arrays)) {}

  // `place`: where the parameter is in its list, the first place that is looked at. Allocates only
  // for a parameter not seen before. Throws UsageError for another shape than before.
  Slot& of(const Parameter& parameter, std::size_t place);

  // For every parameter seen: "adam.m/encoder.W", ..., and "adam.steps/encoder.W" (1x1).
  // Throws UsageError if two parameters have the same name.
  std::vector<NamedArray> state() const;
  // Takes back exactly what state() gave, forgetting all else. Throws InputError, changing nothing,
  // where a name fits none of the parameters, a shape is not the parameter's or a part is missing.
  void restore(const std::vector<NamedArray>& state, Parameters parameters);

 private:
  Slot& fitting(Slot& slot, const Parameter& parameter) const;

  std::string optimiser_;
  std::vector<std::string> arrays_;
  std::vector<Slot> slots_;
};

}  // namespace hourglass
