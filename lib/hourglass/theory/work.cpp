#include <hourglass/core/error.hpp>
#include <hourglass/theory/domain.hpp>
#include <hourglass/theory/work.hpp>

#include <limits>

namespace hourglass::theory {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();
thread_local double whole = unlimited, left = unlimited;

}  // namespace

WorkLimit::WorkLimit(double operations) : outermost_(whole == unlimited) {
  if (outermost_) whole = left = operations;
}

WorkLimit::~WorkLimit() {
  if (outermost_) whole = left = unlimited;
}

void spend(double operations, const char* argument, double value) {
  if (operations <= left) {
    left -= operations;
    return;
  }
  throw DomainError(std::string(argument) + " = " + shortest(value) + ": takes more than " +
                    shortest(whole) + " operations");
}

}  // namespace hourglass::theory
