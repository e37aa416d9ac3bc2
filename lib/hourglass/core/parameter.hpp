#pragma once

#include <hourglass/core/array.hpp>

#include <memory>
#include <span>
#include <string>
#include <utility>

namespace HOURGLASS_API hourglass {

// Which parameter this is, to those that remember something about it: a tape for a step, an
// optimiser from step to step. It goes along where a parameter is moved; a copy is another one.
class Identity {
 public:
  // Lives as long as somebody remembers, so no two are ever alike.
  struct Mark {
    const Identity* place;  // null once the parameter is gone
  };

  // A copy is another one, and what is copied to stays the one it was.
  Identity() : mark_(std::make_shared<Mark>(Mark{this})) {}
  Identity(const Identity&) : Identity() {}
  Identity(Identity&& other) noexcept : mark_(std::move(other.mark_)) { settle(this); }
  Identity& operator=(const Identity&) { return *this; }
  Identity& operator=(Identity&& other) noexcept {
    if (this == &other) return *this;
    settle(nullptr);
    mark_ = std::move(other.mark_);
    settle(this);
    return *this;
  }
  ~Identity() { settle(nullptr); }

  // Only read, so that threads may share it; one that was moved from gets a new mark here.
  const std::shared_ptr<Mark>& mark() const {
    if (!mark_) mark_ = std::make_shared<Mark>(Mark{this});
    return mark_;
  }

 private:
  void settle(const Identity* place) {
    if (mark_) mark_->place = place;
  }
  mutable std::shared_ptr<Mark> mark_;
};

// What training changes: a named matrix and the gradient of the last backward() beside it. A tape
// borrows it from leaf() to the end of the step: until then keep it where it is, and change its
// numbers (after backward(), which reads them) but not its array; UsageError otherwise.
struct Parameter {
  std::string name;
  Array value;
  Array grad = {};  // the shape of `value` once a backward() has filled it
  // Filled by backward(), not yet used: an optimiser's step leaves parameters alone that no loss
  // since the step before involved, or whose last backward() threw.
  bool has_grad = false;
  bool bias = false;       // penalties leave biases alone unless asked
  double rate = 1;         // its learning rate, relative to the optimiser's
  Identity identity = {};  // which it is, to those that remember
};

// Those that a model has or a step changes; they stay where they are.
using Parameters = std::span<Parameter* const>;

}  // namespace hourglass
