#include <hourglass/core/error.hpp>
#include <hourglass/core/op.hpp>
#include <hourglass/core/ops.hpp>
#include <hourglass/core/tape.hpp>

#include <algorithm>
#include <memory>

namespace hourglass {

Real Var::item() const {
  if (shape() != Shape{1, 1}) throw UsageError("item: " + tape->describe(*this) + " is not 1x1");
  return value().data()[0];
}

namespace {

// Points a view at other numbers (assigning would copy numbers).
void reseat(View& view, const Real* data, Shape shape) {
  if (view.data() == data && shape_of(view) == shape) return;
  std::destroy_at(&view);
  std::construct_at(&view, borrow(data, shape));
}

}  // namespace

void detail::throw_wrong_cotangent(const char* op, std::size_t input, Shape found, Shape expected) {
  throw UsageError(std::string(op) + ": vjp of input " + std::to_string(input) + " has shape " +
                   found.str() + ", but the input has " + expected.str());
}

void Tape::begin(std::uint64_t step) {
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

Node& Tape::next_slot() {
  if (count_ == nodes_.size()) nodes_.push_back(std::make_unique<Node>());
  return *nodes_[count_];
}

Var Tape::commit(const OpRules& rules, std::span<const Var> inputs) {
  Node& slot = *nodes_[count_];
  slot.rules = &rules;
  slot.label = rules.name;
  slot.gradient = &slot.own_gradient;
  slot.input_count = inputs.size();
  slot.needs_gradient = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    slot.inputs[i] = inputs[i].id;
    slot.needs_gradient |= rules.differentiable[i] && node(inputs[i].id).needs_gradient;
  }
  reseat(slot.value, slot.buffer.data(), shape_of(slot.buffer));
  return var(count_++);
}

Var Tape::commit_source(const Real* data, Shape shape, const char* label) {
  Node& node = next_slot();
  node.rules = nullptr;
  node.input_count = 0;
  node.label = label;
  node.gradient = &node.own_gradient;
  node.needs_gradient = false;
  reseat(node.value, data, shape);
  return var(count_++);
}

Var Tape::constant(const View& x) { return commit_source(x.data(), shape_of(x), "constant"); }

Var Tape::constant(Array&& x) {
  Array& buffer = next_slot().buffer;
  buffer = std::move(x);
  return commit_source(buffer.data(), shape_of(buffer), "constant");
}

Var Tape::constant(Real x) {
  Array& buffer = next_slot().buffer;
  resize(buffer, {1, 1});
  buffer.data()[0] = x;
  return commit_source(buffer.data(), {1, 1}, "constant");
}

Var Tape::leaf(Parameter& parameter) {
  for (const std::uint32_t id : leaves_)
    if (node(id).parameter == &parameter) return var(id);
  const Shape shape = shape_of(parameter.value);
  resize(parameter.grad, shape);
  const Var leaf = commit_source(parameter.value.data(), shape, parameter.name.c_str());
  Node& node = *nodes_[leaf.id];
  node.gradient = &parameter.grad;
  node.parameter = &parameter;
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
  return std::string(node(x.id).label) + " (" + shape_of(node(x.id).value).str() + ")";
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
  for (const std::uint32_t id : leaves_) node(id).parameter->has_grad = false;
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
