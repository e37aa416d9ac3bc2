#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hourglass {

// The content of a file. Throws SystemError naming the path.
std::string read_file(const std::filesystem::path& file);

// Writes `content` under a temporary name in the same folder (made if it is missing), has the disk
// confirm it, then renames it: whenever the program or the machine stops, the file is the old one
// or the new one as a whole. Throws SystemError naming the path; nothing is left behind
// then. A process that is killed can leave a hidden file `.NAME.PID` beside it.
void write_file(const std::filesystem::path& file, std::string_view content);

// Makes a folder and those above it. Throws SystemError naming it.
void make_folder(const std::filesystem::path& folder);

// Renames over what is there. Removes `from` and throws SystemError where it cannot.
void replace_file(const std::filesystem::path& from, const std::filesystem::path& to);

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
