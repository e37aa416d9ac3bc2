#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hourglass {

// Writes `content` under a temporary name in the same folder (made if it is missing), then renames
// it, so that the file is there as a whole or not at all. Throws std::runtime_error naming the
// path; nothing is left behind then.
void write_file(const std::filesystem::path& file, std::string_view content);

// The content of a file. Throws std::runtime_error naming the path.
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
