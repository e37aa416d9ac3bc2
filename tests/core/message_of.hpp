#pragma once

#include <exception>
#include <string>

namespace hourglass::testing {

// What a call says where it throws; empty where it does not.
std::string message_of(auto&& call) {
  try {
    call();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

}  // namespace hourglass::testing
