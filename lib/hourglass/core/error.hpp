#pragma once

#include <hourglass/config.hpp>

#include <stdexcept>

namespace HOURGLASS_API hourglass {

// The base of all that hourglass throws of its own accord: one type for each kind of mistake, each
// also the standard exception of that kind.
class Error {
 public:
  virtual ~Error() = default;
  // The message.
  virtual const char* what() const noexcept = 0;
};

namespace detail {
template <class Standard>
class ErrorOf : public Standard, public Error {
 public:
  using Standard::Standard;
  const char* what() const noexcept override { return Standard::what(); }
};
}  // namespace detail

// Bad usage or bad input from outside: the message names the file or parameter, the field, what was
// found and what was expected. Apps print it on one line and exit with status 2.
struct InputError : detail::ErrorOf<std::runtime_error> {
  using ErrorOf::ErrorOf;
};
// An argument of a call that does not fit: shapes, ranges.
struct ArgumentError : detail::ErrorOf<std::invalid_argument> {
  using ErrorOf::ErrorOf;
};
// A name or number of something that is not there; the message says what is.
struct LookupError : detail::ErrorOf<std::out_of_range> {
  using ErrorOf::ErrorOf;
};
// A call at the wrong time: a stale Var, an op without the rule that is asked for.
struct UsageError : detail::ErrorOf<std::logic_error> {
  using ErrorOf::ErrorOf;
};
// Outside the domain of a formula; the message gives the reason.
struct DomainError : detail::ErrorOf<std::domain_error> {
  using ErrorOf::ErrorOf;
};
// Training whose loss is no longer finite.
struct Divergence : detail::ErrorOf<std::runtime_error> {
  using ErrorOf::ErrorOf;
};
// What the system refuses: a file that cannot be written, a program that cannot be run.
struct SystemError : detail::ErrorOf<std::runtime_error> {
  using ErrorOf::ErrorOf;
};

}  // namespace hourglass
