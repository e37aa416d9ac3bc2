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
// then. A process that is killed can leave a hidden file `.staging-PID-NAME` beside it, which
// sweep_staging() removes.
void write_file(const std::filesystem::path& file, std::string_view content);

// Makes a folder and those above it. Throws SystemError naming it.
void make_folder(const std::filesystem::path& folder);

// Has the disk confirm what was renamed in a folder, where it can.
void confirm_folder(const std::filesystem::path& folder);

// Renames over what is there. Removes `from` and throws SystemError where it cannot.
void replace_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes what killed processes left of the two below and of write_file in this folder, and what
// live ones have there: only for who holds the folder's lock.
void sweep_staging(const std::filesystem::path& folder);

// Keeps other processes that lock it too out of a folder, which is made if it is missing, until the
// object or the process ends. Where the file system knows no locks it does nothing.
class FolderLock {
 public:
  // Throws InputError naming the folder where another process holds it.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  int descriptor_;
};

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
