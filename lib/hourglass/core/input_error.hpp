#pragma once

#include <stdexcept>

namespace hourglass {

// Bad usage or bad input: the message names the file or option, the field, what was found and what
// was expected. Apps print it on one line and exit with status 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace hourglass
