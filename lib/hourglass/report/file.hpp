#pragma once

#include <hourglass/core/file.hpp>

#include <filesystem>
#include <string>

namespace hourglass {

// The content of a file. Throws SystemError naming the path.
std::string read_file(const std::filesystem::path& file);

// A new, empty folder inside `parent` (made if it is missing) in which files are prepared; it goes
// with everything still in it when the object does.
class StagingFolder {
 public:
  explicit StagingFolder(const std::filesystem::path& parent);
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;
  ~StagingFolder();

  const std::filesystem::path& path() const { return path_; }
  // Moves a finished file into the parent folder, over an older one of that name.
  void publish(const std::string& name) const;

 private:
  std::filesystem::path parent_, path_;
};

}  // namespace hourglass
