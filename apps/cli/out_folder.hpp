#pragma once

#include <hourglass/core/file.hpp>

#include <filesystem>
#include <string>
#include <vector>

// The folder of results: what would fail at the end of a run is to fail before it.
namespace hourglass {

// Throws InputError if the folder cannot be made or written to.
void require_writable(const std::string& folder, const std::string& option);

// Throws InputError where results (those of a report and `saved`) could not be written because
// something else is in their place.
void require_free_names(const std::filesystem::path& out, const std::vector<std::string>& saved);

// The folder while a run works in it: no other run may, what killed runs left there is gone, and
// the results of an earlier run are set aside.
class OutFolder {
 public:
  // Throws InputError where another run is in it, SystemError.
  OutFolder(const std::filesystem::path& out, const std::vector<std::string>& saved);

 private:
  FolderLock lock_;
};

}  // namespace hourglass
