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

void Tape::begin(std::uint64_t step) {
  if (open_ != nullptr) refuse_to_record("begin");
  step_ = step;
  count_ = 0;
  ++epoch_;
  leaves_.clear();
}

void Tape::refuse(Var x) const {
  if (x.tape == this)
    throw UsageError("stale Var: it was recorded before the tape's last begin(); make it again");
  throw UsageError(x.tape == nullptr ? "empty Var: it was never recorded on a tape"
                                     : "this Var is of another tape");
}

void Tape::refuse_to_record(const char* op) const {
  throw UsageError(std::string(open_) + ": calls " + op +
                   " on the tape while its own numbers are computed; compute them from arrays");
}

void Tape::require_kept(const Array& buffer, Shape shape) {
  if (shape_of(buffer) != shape)
    throw UsageError("constant: its fill changed the shape from " + shape.str() + " to " +
                     shape_of(buffer).str());
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

Var Tape::leaf(Parameter& parameter) {
  const auto& mark = parameter.identity.mark();
  for (const std::uint32_t id : leaves_)
    if (node(id).mark == mark) {
      require_in_place(node(id));
      return var(id);
    }
  Slot slot(*this, "leaf");
  resize(parameter.grad, shape_of(parameter.value));
  const Var leaf = commit_source(borrow(parameter.value), parameter.name.c_str());
  Node& node = slot.node;
  node.gradient = &parameter.grad;
  node.parameter = &parameter;
  if (node.mark != mark) node.mark = mark;
  node.needs_gradient = true;
  leaves_.push_back(leaf.id);
  return leaf;
}

Var Tape::named(Var x, const char* label) {
  require(x);
  node(x.id).label = label;
  return x;
}

std::string Tape::describe(Var x) const {
  require(x);
  const Node& described = node(x.id);
  if (described.parameter != nullptr) require_in_place(described);
  return std::string(described.label) + " (" + described.value.shape().str() + ")";
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

void Tape::backward(Var loss) {
  require(loss);
  if (loss.shape() != Shape{1, 1})
    throw ArgumentError("backward: the loss " + describe(loss) + " is not 1x1");
  for (const std::uint32_t id : leaves_) require_in_place(node(id));
  for (std::uint32_t id = 0; id < count_; ++id) node(id).has_gradient = false;
  Node& last = *nodes_[loss.id];
  if (last.needs_gradient) {
    resize(*last.gradient, {1, 1});
    last.gradient->data()[0] = 1;
    last.has_gradient = true;
  }
  for (std::uint32_t id = loss.id + 1; id-- > 0;)
    if (node(id).has_gradient) pull_back(id);
  for (const std::uint32_t id : leaves_) {
    if (!node(id).has_gradient) node(id).gradient->fill(0);
    node(id).parameter->has_grad = true;
  }
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

std::vector<Var> Tape::grad(Var loss, std::span<const Var> wrt) {
  require(loss);
  if (loss.shape() != Shape{1, 1})
    throw ArgumentError("grad: the loss " + describe(loss) + " is not 1x1");
  for (const std::uint32_t id : leaves_) require_in_place(node(id));
  const std::uint32_t end = loss.id + 1;
  mark_dependents(wrt, end);
  cotangents_.assign(end, Var{});
  cotangents_[loss.id] = constant(Real(1));
  for (std::uint32_t id = end; id-- > 0;) {
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
  std::vector<Var> result;
  for (const Var& x : wrt) {
    const bool reached = x.id < end && cotangents_[x.id].tape != nullptr;
    result.push_back(reached ? cotangents_[x.id] : constant(filled(x.shape(), 0)));
  }
  return result;
}

}  // namespace hourglass
