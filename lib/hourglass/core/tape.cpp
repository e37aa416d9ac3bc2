#include <hourglass/core/error.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/core/tape.hpp>

#include <algorithm>
#include <memory>

namespace hourglass {

Real Var::item() const {
  if (shape() != Shape{1, 1}) throw ArgumentError("item: " + tape->describe(*this) + " is not 1x1");
  return value().data()[0];
}

void detail::throw_wrong_cotangent(const char* op, std::size_t input, Shape found, Shape expected) {
  throw UsageError(std::string(op) + ": vjp of input " + std::to_string(input) + " has shape " +
                   found.str() + ", but the input has " + expected.str());
}

namespace {

// While a gradient is recorded, the scratch of grad() is in use.
struct Recording {
  explicit Recording(bool& flag) : flag_(flag) { flag_ = true; }
  ~Recording() { flag_ = false; }
  Recording(const Recording&) = delete;
  bool& flag_;
};

}  // namespace

void Tape::begin(std::uint64_t step) {
  require_idle("begin");
  step_ = step;
  count_ = 0;
  leaves_.clear();
  if (++epoch_ > 0) return;
  epoch_ = 1;  // after 2^32 steps: no entry may seem to be of this one
  std::fill(known_leaves_.begin(), known_leaves_.end(), KnownLeaf{});
}

void Tape::refuse(Var x) const {
  if (x.tape == this)
    throw UsageError("stale Var: it was recorded before the tape's last begin(); make it again");
  throw UsageError(x.tape == nullptr ? "empty Var: it was never recorded on a tape"
                                     : "this Var is of another tape");
}

void Tape::refuse_to_record(const char* op) const {
  if (open_ == nullptr) throw UsageError(std::string("grad: a rule calls ") + op + " on the tape");
  throw UsageError(std::string(open_) + ": calls " + op +
                   " on the tape while its own numbers are computed; compute them from arrays");
}

void Tape::require_kept(const Array& buffer, Shape shape) {
  if (shape_of(buffer) != shape)
    throw UsageError("constant: its fill changed the shape from " + shape.str() + " to " +
                     shape_of(buffer).str());
  if (moved_from(buffer)) throw UsageError("constant: its fill moved the array away");
}

void Tape::require_in_place(const Node& leaf) {
  if (leaf.mark->place != &leaf.parameter->identity)
    throw UsageError(
        "leaf: a parameter was moved or destroyed while the tape borrows it; keep it where it is "
        "until the end of the step");
  const Array& value = leaf.parameter->value;
  if (value.data() != leaf.value.data() || shape_of(value) != leaf.value.shape())
    throw UsageError("leaf: " + leaf.parameter->name +
                     " was given another array while the tape borrows it; until the end of the "
                     "step change its numbers only");
}

Var Tape::commit(const OpRules& rules, std::span<const Var> inputs) {
  Node& slot = *nodes_[count_];
  slot.rules = &rules;
  slot.label = rules.name;
  slot.gradient = &slot.own_gradient;
  slot.input_count = inputs.size();
  slot.needs_gradient = false;
  slot.parameter = nullptr;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    slot.inputs[i] = inputs[i].id;
    slot.needs_gradient |= rules.differentiable[i] && node(inputs[i].id).needs_gradient;
  }
  slot.value = borrow(slot.buffer);
  return var(count_++);
}

Var Tape::commit_source(const View& value, const char* label) {
  if (value.data() == nullptr && value.size() > 0)
    throw UsageError("constant: the numbers of this " + value.shape().str() + " were moved away");
  Node& node = *nodes_[count_];
  node.rules = nullptr;
  node.input_count = 0;
  node.label = label;
  node.gradient = &node.own_gradient;
  node.needs_gradient = false;
  node.parameter = nullptr;
  node.value = value;
  return var(count_++);
}

Var Tape::constant(const View& x) {
  Slot slot(*this, "constant");
  return commit_source(x, "constant");
}

Var Tape::constant(Array&& x) {
  Slot slot(*this, "constant");
  slot.node.buffer = std::move(x);
  return commit_source(borrow(slot.node.buffer), "constant");
}

Var Tape::constant(Real x) {
  return constant({1, 1}, [x](Array& buffer) { buffer.data()[0] = x; });
}

Tape::KnownLeaf& Tape::known_leaf(const Identity::Mark* mark) {
  const std::size_t last = known_leaves_.size() - 1;
  // Fibonacci hashing: the product's high half depends on every bit of the address
  std::size_t at = (reinterpret_cast<std::uintptr_t>(mark) * 0x9e3779b97f4a7c15u) >> 32;
  while (known_leaves_[at & last].epoch == epoch_ && known_leaves_[at & last].mark != mark) ++at;
  return known_leaves_[at & last];
}

void Tape::make_room_for_leaves() {
  known_leaves_.assign(std::max<std::size_t>(8, 2 * known_leaves_.size()), KnownLeaf{});
  for (const std::uint32_t id : leaves_)
    known_leaf(node(id).mark.get()) = {node(id).mark.get(), id, epoch_};
}

Var Tape::leaf(Parameter& parameter) {
  const auto& mark = parameter.identity.mark();
  if (2 * (leaves_.size() + 1) > known_leaves_.size()) make_room_for_leaves();
  KnownLeaf& known = known_leaf(mark.get());
  if (known.epoch == epoch_) {
    require_in_place(node(known.id));
    return var(known.id);
  }
  Slot slot(*this, "leaf");
  if (moved_from(parameter.value))
    throw UsageError("leaf: the value of " + parameter.name + " was moved away");
  leaves_.push_back(count_);
  const Var leaf = commit_source(borrow(parameter.value), nullptr);
  Node& node = slot.node;
  node.gradient = &parameter.grad;
  node.parameter = &parameter;
  if (node.mark != mark) node.mark = mark;
  node.needs_gradient = true;
  known = {mark.get(), leaf.id, epoch_};
  return leaf;
}

Var Tape::named(Var x, const char* label) {
  require(x);
  node(x.id).label = label;
  return x;
}

std::string Tape::describe(Var x) const {
  const Node& found = readable(x);
  const std::string name = found.label != nullptr ? found.label : found.parameter->name;
  return name + " (" + found.value.shape().str() + ")";
}

void Tape::pull_back(std::uint32_t id) {
  const Node& node = *nodes_[id];
  for (std::size_t i = 0; i < node.input_count; ++i) {
    Node& input = *nodes_[node.inputs[i]];
    if (!node.rules->differentiable[i] || !input.needs_gradient) continue;
    node.rules->pull(*this, id, i, *input.gradient, input.has_gradient);
    input.has_gradient = true;
  }
}

void Tape::drop_gradients() {
  for (const std::uint32_t id : leaves_) {
    const Node& leaf = node(id);
    if (leaf.mark->place == &leaf.parameter->identity) leaf.parameter->has_grad = false;
  }
}

void Tape::backward(Var loss) {
  require_idle("backward");
  drop_gradients();  // whatever is thrown from here on, nobody takes half a gradient for one
  require(loss);
  if (loss.shape() != Shape{1, 1})
    throw ArgumentError("backward: the loss " + describe(loss) + " is not 1x1");
  for (const std::uint32_t id : leaves_) require_in_place(node(id));
  pull_all(loss);
  for (const std::uint32_t id : leaves_) {
    const Node& leaf = node(id);
    if (!leaf.has_gradient) {
      resize(*leaf.gradient, leaf.value.shape());
      leaf.gradient->fill(0);
    }
    leaf.parameter->has_grad = true;
  }
}

void Tape::pull_all(Var loss) {
  const Slot pass(*this, "backward");  // a rule that records would change what is walked over
  for (std::uint32_t id = 0; id < count_; ++id) node(id).has_gradient = false;
  Node& last = *nodes_[loss.id];
  if (last.needs_gradient) {
    resize(*last.gradient, {1, 1});
    last.gradient->data()[0] = 1;
    last.has_gradient = true;
  }
  for (std::uint32_t id = loss.id + 1; id-- > 0;)
    if (node(id).has_gradient) pull_back(id);
}

void Tape::discard_gradients() {
  for (const std::uint32_t id : leaves_) {
    require_in_place(node(id));
    node(id).parameter->has_grad = false;
  }
}

// depends_[id]: whether node id can change when one of `wrt` does
void Tape::mark_dependents(std::span<const Var> wrt, std::uint32_t end) {
  depends_.assign(end, 0);
  for (const Var& x : wrt) {
    require(x);
    if (x.id < end) depends_[x.id] = 1;
  }
  for (std::uint32_t id = 0; id < end; ++id)
    for (std::size_t i = 0; i < node(id).input_count; ++i)
      if (node(id).rules->differentiable[i] && depends_[node(id).inputs[i]]) depends_[id] = 1;
}

// cotangents_[id]: what of node id has been recorded; an empty Var where nothing reaches it
void Tape::record_cotangents(Var loss) {
  const Recording recording(in_grad_);
  cotangents_.assign(loss.id + 1, Var{});
  cotangents_[loss.id] = constant(Real(1));
  for (std::uint32_t id = loss.id + 1; id-- > 0;) {
    const Var g = cotangents_[id];
    if (g.tape == nullptr || !depends_[id]) continue;
    for (std::size_t i = 0; i < node(id).input_count; ++i) {
      const std::uint32_t input = node(id).inputs[i];
      if (!node(id).rules->differentiable[i] || !depends_[input]) continue;
      const Var part = node(id).rules->record(*this, id, i, g);
      Var& total = cotangents_[input];
      total = total.tape == nullptr ? part : add(total, part);
    }
  }
}

std::vector<Var> Tape::grad(Var loss, std::span<const Var> wrt) {
  require_idle("grad");
  require(loss);
  if (loss.shape() != Shape{1, 1})
    throw ArgumentError("grad: the loss " + describe(loss) + " is not 1x1");
  for (const std::uint32_t id : leaves_) require_in_place(node(id));
  const std::uint32_t end = loss.id + 1;
  mark_dependents(wrt, end);
  record_cotangents(loss);
  std::vector<Var> result;
  for (const Var& x : wrt) {
    const bool reached = x.id < end && cotangents_[x.id].tape != nullptr;
    result.push_back(reached ? cotangents_[x.id] : constant(filled(x.shape(), 0)));
  }
  return result;
}

}  // namespace hourglass
