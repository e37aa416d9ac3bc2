#include <hourglass/core/error.hpp>
#include <hourglass/model/optimiser.hpp>
#include <hourglass/model/text_options.hpp>

#include <algorithm>
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

std::uint64_t count_of(const std::string& name, const Array64& values) {
  const double count = values(0, 0);
  if (!(count >= 0 && count <= 0x1p53 && std::floor(count) == count))
    throw InputError("optimiser state: " + name + ": found " + std::to_string(count) +
                     ", expected a number of steps");
  return static_cast<std::uint64_t>(count);
}

}  // namespace

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
    Slot slot{p->identity.mark(), p->name, count_of(counter, *steps), {}};
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

void Optimiser::require_none(const std::vector<NamedArray>& state) {
  if (!state.empty())
    throw InputError("optimiser state: found " + state.front().name +
                     ", expected none: this optimiser remembers nothing");
}

void Optimiser::step(Parameters parameters) {
  if (schedule && std::isnan(base_rate_))
    throw UsageError("a schedule needs a rule with a learning_rate");
  if (schedule || scheduled_) held_->set_rate(learning_rate());
  scheduled_ = bool(schedule);
  constexpr double never = std::numeric_limits<double>::infinity();
  if (clip_value != never) clip_by_value(parameters, clip_value);
  if (clip_norm != never) clip_by_norm(parameters, clip_norm);
  held_->step(parameters);
  ++steps_;
}

double Optimiser::learning_rate() const {
  if (schedule) return base_rate_ * schedule(steps_);
  return scheduled_ ? base_rate_ : held_->rate();
}

std::vector<NamedArray> Optimiser::state() const {
  Array64 steps = empty64({1, 1});
  steps(0, 0) = static_cast<double>(steps_);
  std::vector<NamedArray> result{{"steps", steps}};
  for (NamedArray& entry : held_->state()) result.push_back(std::move(entry));
  return result;
}

void Optimiser::restore(const std::vector<NamedArray>& state, Parameters parameters) {
  std::vector<NamedArray> rest = state;
  const auto steps = std::find_if(rest.begin(), rest.end(),
                                  [](const NamedArray& entry) { return entry.name == "steps"; });
  if (steps == rest.end() || steps->values.size() != 1)
    throw InputError("optimiser state: found no 1x1 array 'steps', expected the number of steps");
  const auto count = count_of("steps", steps->values);
  rest.erase(steps);
  held_->restore(rest, parameters);
  steps_ = count;
}

namespace {

double rate_in(TextOptions& options) { return options.number("the learning rate", positive); }

Optimiser descent(TextOptions& options) {
  const double rate = rate_in(options);
  const double momentum = options.keyed("momentum", 0, below_one);
  if (momentum > 0) return Momentum{.learning_rate = rate, .momentum = momentum};
  const double nesterov = options.keyed("nesterov", 0, below_one);  // beside momentum: refused
  if (nesterov > 0) return Momentum{.learning_rate = rate, .momentum = nesterov, .nesterov = true};
  return Sgd{rate};
}

Adam adam(TextOptions& options) {
  const Adam standard;
  return {.learning_rate = rate_in(options),
          .beta1 = options.keyed("beta1", standard.beta1, below_one),
          .beta2 = options.keyed("beta2", standard.beta2, below_one),
          .epsilon = options.keyed("epsilon", standard.epsilon, not_negative)};
}

Optimiser rms_prop(TextOptions& options) {
  const RmsProp standard;
  return RmsProp{.learning_rate = rate_in(options),
                 .smoothing = options.keyed("smoothing", standard.smoothing, below_one),
                 .epsilon = options.keyed("epsilon", standard.epsilon, not_negative)};
}

Optimiser adam_w(TextOptions& options) {
  Adam rule = adam(options);
  rule.decoupled_decay = options.keyed("decay", 1e-2, not_negative);
  return rule;
}

const NameTable<Optimiser>& optimisers() {
  static const NameTable<Optimiser> table{
      "optimiser",
      {{"sgd:RATE", descent, "[:momentum=M|:nesterov=M]"},
       {"adam:RATE", [](TextOptions& options) -> Optimiser { return adam(options); },
        "[:beta1=B][:beta2=B][:epsilon=E]"},
       {"adamw:RATE", adam_w, "[:decay=D] with Adam's keys too"},
       {"rmsprop:RATE", rms_prop, "[:smoothing=S][:epsilon=E]"}}};
  return table;
}

}  // namespace

Optimiser optimiser_named(const std::string& text) {
  TextOptions options("optimiser", text);
  Optimiser result = optimisers().make(options);
  result.clip_norm = options.keyed("clip", result.clip_norm, positive);
  result.clip_value = options.keyed("clip_value", result.clip_value, positive);
  options.finish();
  return result;
}

std::string optimiser_forms() {
  return optimisers().forms() +
         "; each with [:clip=NORM] of the gradient or [:clip_value=LIMIT] of its entries";
}

}  // namespace hourglass
