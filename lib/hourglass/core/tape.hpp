#pragma once

#include <hourglass/core/array.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parameter.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

class Tape;

// A value on a tape: a handle that owns nothing and is valid until the tape's next begin().
// Using it later throws UsageError ("stale Var"). A view of its value ends there too, unchecked;
// a copy of the numbers (Array) lasts.
struct Var {
  Tape* tape = nullptr;
  std::uint32_t id = 0, epoch = 0;  // of the node; of the tape when it was recorded

  const View& value() const;  // what the tape keeps, or borrows
  Shape shape() const;        // of the value
  Real item() const;          // the number of a 1x1; ArgumentError otherwise
};

// Of one op.
inline constexpr std::size_t max_inputs = 3;

// The rules of an op type; op.hpp makes one for each.
struct OpRules {
  const char* name;
  std::array<bool, max_inputs> differentiable;  // with respect to each input
  // Writes (or adds) the cotangent of one input of node `id` into `out`.
  void (*pull)(Tape& tape, std::uint32_t id, std::size_t input, Array& out, bool add);
  // Records that cotangent as nodes; null where an op has first-order rules only.
  Var (*record)(Tape& tape, std::uint32_t id, std::size_t input, Var g);
};

// One recorded op, or a constant or leaf (no rules). It keeps its buffers from step to step.
struct Node {
  static constexpr std::size_t op_size = 64;

  const OpRules* rules = nullptr;                  // null: a constant or leaf
  std::array<std::uint32_t, max_inputs> inputs{};  // their ids
  std::size_t input_count = 0;                     // how many of them there are
  View value;                                      // of `buffer`, or of somebody else's numbers
  Array buffer, own_gradient;                      // kept from step to step
  Array* gradient = nullptr;                       // own_gradient, or a parameter's
  const char* label =
      "";  // for messages: the op's name or what named() says; null: its parameter's
  // Whether a parameter is behind it, and whether this reverse pass has reached it.
  bool needs_gradient = false, has_gradient = false;
  Parameter* parameter = nullptr;                   // of a leaf
  std::shared_ptr<const Identity::Mark> mark;       // of that parameter
  alignas(std::max_align_t) std::byte op[op_size];  // the op's small plain struct
};

// The record of one computation, rewound every step. The k-th op of a step finds slot k with its
// buffers still there, so a steady training step allocates nothing. Node ids are topologically
// sorted by construction: reverse passes are one loop backwards.
//
// For one thread at a time. Tapes in several threads may share parameters: leaf() and grad() only
// read them; backward() writes gradients, so only one of those tapes may run it at a time.
class Tape {
 public:
  Tape() = default;
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // Forgets all nodes; Vars made before are stale. `step` is what noise layers read.
  void begin(std::uint64_t step = 0);
  std::uint64_t step() const { return step_; }  // as begin() was told

  // Data. An lvalue is borrowed: it must outlive the step unchanged, and be no parameter's
  // gradient, which backward() overwrites. An rvalue is kept by the tape. Throws UsageError for an
  // array whose numbers were moved away.
  Var constant(const Array& x) { return constant(borrow(x)); }
  Var constant(const View& x);
  Var constant(Array&& x);
  Var constant(const Array&& x) = delete;
  Var constant(Real x);
  // Of that shape, kept by the tape: `fill(Array&)` writes its numbers (drawn noise, a mask).
  // Throws UsageError if it changes the shape, moves the array away, or records.
  template <class Fill>
  Var constant(Shape shape, Fill&& fill) {
    Slot slot(*this, "constant");
    resize(slot.node.buffer, shape);
    fill(slot.node.buffer);
    require_kept(slot.node.buffer, shape);
    return commit_source(borrow(slot.node.buffer), "constant");
  }

  // Binds a parameter's value and gradient; the same Var however often it is asked for, in a time
  // that does not grow with their number. Throws UsageError if its value was moved away.
  Var leaf(Parameter& parameter);

  // Fills the gradient of every parameter on the tape: zero where the loss (1x1) does not depend
  // on it. Throws ArgumentError if the loss is not 1x1, UsageError if a parameter was moved,
  // destroyed or given another array since leaf(), and what a rule throws; then no parameter of
  // the tape has a gradient.
  void backward(Var loss);
  // Marks the gradients of those parameters as none, so that no optimiser takes them for its own.
  void discard_gradients();

  // Records the gradient of the loss (1x1) with respect to any Vars of this tape, constants
  // included; the result can be differentiated again. Throws UsageError if an op on the way
  // has no recorded rule.
  std::vector<Var> grad(Var loss, std::span<const Var> wrt);

  // A name for error messages; `label` must outlive the step.
  Var named(Var x, const char* label);
  // "code (128x64)"
  std::string describe(Var x) const;

  std::size_t size() const { return count_; }  // nodes since begin()

  // For op.hpp: the slot that the next op fills, and its registration when filled. While its
  // numbers are checked and computed nothing can be recorded, as that would take the same slot:
  // UsageError.
  struct Slot {
    // The next slot of the tape, for that op.
    Slot(Tape& owner, const char* op) : tape(owner), node(owner.open_slot(op)) {}
    Slot(const Slot&) = delete;
    ~Slot() { tape.open_ = nullptr; }
    Tape& tape;
    Node& node;
  };
  Var commit(const OpRules& rules, std::span<const Var> inputs);
  Node& node(std::uint32_t id) { return *nodes_[id]; }
  const Node& node(std::uint32_t id) const { return *nodes_[id]; }
  Var var(std::uint32_t id) { return {this, id, epoch_}; }
  // Throws UsageError if x is stale or of another tape.
  void require(Var x) const {
    if (x.tape != this || x.epoch != epoch_ || x.id >= count_) refuse(x);
  }
  // The node of x, whose value is about to be read: throws also if its parameter is not where it
  // was.
  const Node& readable(Var x) const {
    require(x);
    const Node& found = *nodes_[x.id];
    if (found.parameter != nullptr) require_in_place(found);
    return found;
  }

 private:
  [[noreturn]] void refuse(Var x) const;
  [[noreturn]] void refuse_to_record(const char* op) const;
  void require_idle(const char* call) const {
    if (open_ != nullptr || in_grad_) refuse_to_record(call);
  }
  Node& open_slot(const char* op) {
    if (open_ != nullptr) refuse_to_record(op);
    if (count_ == nodes_.size()) nodes_.push_back(std::make_unique<Node>());
    open_ = op;
    return *nodes_[count_];
  }
  static void require_kept(const Array& buffer, Shape shape);
  static void require_in_place(const Node& leaf);
  void drop_gradients();
  void pull_back(std::uint32_t id);
  void pull_all(Var loss);
  void record_cotangents(Var loss);
  void mark_dependents(std::span<const Var> wrt, std::uint32_t end);
  Var commit_source(const View& value, const char* label);

  // The leaves of this step by their parameters' marks: a hash table in which entries of earlier
  // steps count as empty, so that a new step clears nothing.
  struct KnownLeaf {
    const Identity::Mark* mark = nullptr;
    std::uint32_t id = 0, epoch = 0;
  };
  KnownLeaf& known_leaf(const Identity::Mark* mark);
  void make_room_for_leaves();

  std::vector<std::unique_ptr<Node>> nodes_;  // their addresses stay put
  std::uint32_t count_ = 0, epoch_ = 1;
  std::uint64_t step_ = 0;
  const char* open_ = nullptr;  // the op, or the reverse pass, whose numbers are being computed
  bool in_grad_ = false;
  std::vector<std::uint32_t> leaves_;
  std::vector<KnownLeaf> known_leaves_;  // a power of two of them, at least twice as many as leaves
  std::vector<char> depends_;            // scratch of grad()
  std::vector<Var> cotangents_;
};

// The tape of a Var. Throws UsageError if it was never recorded on one.
inline Tape& tape_of(Var x) {
  if (x.tape == nullptr) throw UsageError("empty Var: it was never recorded on a tape");
  return *x.tape;
}

inline const View& Var::value() const { return tape_of(*this).readable(*this).value; }
inline Shape Var::shape() const {
  tape_of(*this).require(*this);
  return tape->node(id).value.shape();
}

}  // namespace hourglass
