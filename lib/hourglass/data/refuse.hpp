#pragma once

// How the readers of this room complain. Not installed.

#include <hourglass/core/input_error.hpp>

#include <filesystem>
#include <string>

namespace hourglass::data {

[[noreturn]] inline void refuse(const std::filesystem::path& file, const std::string& what) {
  throw InputError(file.string() + ": " + what);
}

}  // namespace hourglass::data
