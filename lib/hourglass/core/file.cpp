#include <hourglass/core/error.hpp>
#include <hourglass/core/file.hpp>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const char* what, const std::string& why) {
  throw SystemError(file.string() + ": cannot be " + what + ": " + why);
}

fs::path parent_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

constexpr const char* staging_prefix = ".staging-";

// The process id keeps two programs that write into one folder apart.
fs::path temporary_name(const fs::path& file) {
  fs::path hidden = staging_prefix + std::to_string(getpid()) + "-";
  hidden += file.filename();
  return parent_of(file) / hidden;
}

bool write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Returns 0 or the error; a full disk may show only when the disk confirms or the file is closed.
int write_and_confirm(const fs::path& file, std::string_view content) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return errno;
  const int error = write_all(descriptor, content) && fsync(descriptor) == 0 ? 0 : errno;
  return close(descriptor) == 0 ? error : error ? error : errno;
}

}  // namespace

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    fail(folder, "made", error ? error.message() : "something else is in the way");
}

// The rename itself is on the disk once the folder is. Not every file system can confirm that.
void confirm_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

void replace_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(from, ignored);
  fail(to, "written", error.message());
}

std::string read_file(const fs::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) fail(file, "read", std::strerror(errno));
  return content.str();
}

void write_file(const fs::path& file, std::string_view content) {
  make_folder(parent_of(file));
  const fs::path temporary = temporary_name(file);
  if (const int error = write_and_confirm(temporary, content)) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    fail(file, "written", std::strerror(error));
  }
  replace_file(temporary, file);
  confirm_folder(parent_of(file));
}

void sweep_staging(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::path> left;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(staging_prefix)) left.push_back(entry.path());
  for (const fs::path& path : left) fs::remove_all(path, ignored);
}

FolderLock::FolderLock(const fs::path& folder) {
  make_folder(folder);
  descriptor_ = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // for a while, since a program that a killed run was about to start may still hold it
  for (int tries = 0; descriptor_ >= 0 && tries < 20; ++tries) {
    if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (descriptor_ < 0) return;
  close(descriptor_);
  throw InputError(folder.string() +
                   ": another run is writing there, expected a folder of its own");
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

StagingFolder::StagingFolder(const fs::path& parent) : parent_(parent) {
  make_folder(parent);
  std::string name = (parent / (staging_prefix + std::string("XXXXXX"))).string();
  if (!mkdtemp(name.data())) fail(parent, "written to", std::strerror(errno));
  path_ = name;
}

StagingFolder::~StagingFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void StagingFolder::publish(const std::string& name) const {
  replace_file(path_ / name, parent_ / name);
}

}  // namespace hourglass
