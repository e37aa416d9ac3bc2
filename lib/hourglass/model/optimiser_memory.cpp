#include <hourglass/core/error.hpp>
#include <hourglass/model/optimiser_memory.hpp>

#include <cmath>
#include <map>

namespace hourglass {
namespace {

// Taken out as they are asked for; what is left fits nothing.
class StateReader {
 public:
  explicit StateReader(const std::vector<NamedArray>& state) {
    for (const NamedArray& entry : state)
      if (!entries_.emplace(entry.name, &entry.values).second)
        throw InputError("optimiser state: found " + entry.name + " twice, expected it once");
  }
  const Array64* take(const std::string& name, Shape expected) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return nullptr;
    const Array64* values = found->second;
    if (shape_of(*values) != expected)
      throw InputError("optimiser state: " + name + ": found " + shape_of(*values).str() +
                       ", expected " + expected.str());
    entries_.erase(found);
    return values;
  }
  void require_empty(const std::string& optimiser) const {
    if (entries_.empty()) return;
    throw InputError("optimiser state: found " + entries_.begin()->first + ", expected state of " +
                     optimiser + " for the model's parameters only");
  }

 private:
  std::map<std::string, const Array64*> entries_;
};

}  // namespace

std::uint64_t detail::count_of(const std::string& name, const Array64& values) {
  const double count = values(0, 0);
  if (!(count >= 0 && count <= 0x1p53 && std::floor(count) == count))
    throw InputError("optimiser state: " + name + ": found " + std::to_string(count) +
                     ", expected a number of steps");
  return static_cast<std::uint64_t>(count);
}

OptimiserMemory::Slot& OptimiserMemory::of(const Parameter& parameter, std::size_t place) {
  const auto& mark = parameter.identity.mark();
  if (place < slots_.size() && slots_[place].owner == mark)
    return fitting(slots_[place], parameter);
  for (Slot& slot : slots_)
    if (slot.owner == mark) return fitting(slot, parameter);
  return slots_.emplace_back(
      Slot{mark, parameter.name, 0,
           std::vector<Array>(arrays_.size(), filled(shape_of(parameter.value), 0))});
}

OptimiserMemory::Slot& OptimiserMemory::fitting(Slot& slot, const Parameter& parameter) const {
  for (const Array& array : slot.arrays)
    if (shape_of(array) != shape_of(parameter.value))
      throw UsageError(optimiser_ + ": " + parameter.name + " was " + shape_of(array).str() +
                       " and is now " + shape_of(parameter.value).str());
  return slot;
}

std::vector<NamedArray> OptimiserMemory::state() const {
  std::map<std::string, int> seen;
  std::vector<NamedArray> result;
  for (const Slot& slot : slots_) {
    const std::string& name = slot.name;
    if (seen[name]++ > 0)
      throw UsageError(optimiser_ + ": two parameters are called " + name +
                       "; state is kept by name");
    for (std::size_t k = 0; k < arrays_.size(); ++k)
      result.push_back({optimiser_ + "." + arrays_[k] + "/" + name, to_double(slot.arrays[k])});
    Array64 steps = empty64({1, 1});
    steps(0, 0) = static_cast<double>(slot.steps);
    result.push_back({optimiser_ + ".steps/" + name, steps});
  }
  return result;
}

void OptimiserMemory::restore(const std::vector<NamedArray>& state, Parameters parameters) {
  StateReader reader(state);
  std::vector<Slot> slots;
  for (const Parameter* p : parameters) {
    const std::string counter = optimiser_ + ".steps/" + p->name;
    const Array64* steps = reader.take(counter, {1, 1});
    if (steps == nullptr) continue;  // it had not been stepped yet
    Slot slot{p->identity.mark(), p->name, detail::count_of(counter, *steps), {}};
    for (const std::string& array : arrays_) {
      const std::string name = optimiser_ + "." + array + "/" + p->name;
      const Array64* values = reader.take(name, shape_of(p->value));
      if (values == nullptr)
        throw InputError("optimiser state: found " + counter + " without " + name);
      slot.arrays.push_back(to_real(*values));
    }
    slots.push_back(std::move(slot));
  }
  reader.require_empty(optimiser_);
  slots_ = std::move(slots);
}

}  // namespace hourglass
