#pragma once

#include <hourglass/config.hpp>

namespace HOURGLASS_API hourglass {
namespace theory {

// A bound on what theory computes in this thread while it lives: in operations, of half a
// nanosecond or so. Within another it changes nothing: the outermost one counts all. Without one
// only loops that wait for something are bounded, each by a number of steps of its own.
class WorkLimit {
 public:
  explicit WorkLimit(double operations);  // from here on
  ~WorkLimit();
  WorkLimit(const WorkLimit&) = delete;
  WorkLimit& operator=(const WorkLimit&) = delete;

 private:
  bool outermost_;
};

// Counts operations, where possible before they begin. Throws DomainError, e.g. "steps = 1e+12:
// takes more than 1e+10 operations", where the bound is passed.
void spend(double operations, const char* argument, double value);

}  // namespace theory
}  // namespace hourglass
