#include <hourglass/report/file.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <unistd.h>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& what, const std::string& why) {
  throw std::runtime_error(file.string() + ": cannot be " + what + ": " + why);
}

std::string last_error() { return std::strerror(errno); }

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder))
    fail(folder, "made", error ? error.message() : "something else is in the way");
}

fs::path parent_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

// The process id keeps two programs that write into one folder apart.
fs::path temporary_name(const fs::path& file) {
  fs::path hidden = ".";
  hidden += file.filename();
  hidden += ".";
  hidden += std::to_string(getpid());
  return parent_of(file) / hidden;
}

void rename_over(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(from, ignored);
  fail(to, "written", error.message());
}

}  // namespace

void write_file(const fs::path& file, std::string_view content) {
  make_folder(parent_of(file));
  const fs::path temporary = temporary_name(file);
  errno = 0;
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();  // a full disk may show only here
  if (!out) {
    const std::string why = last_error();
    std::error_code ignored;
    fs::remove(temporary, ignored);
    fail(file, "written", why);
  }
  rename_over(temporary, file);
}

std::string read_file(const fs::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) fail(file, "read", last_error());
  return content.str();
}

StagingFolder::StagingFolder(const fs::path& parent) : parent_(parent) {
  make_folder(parent);
  std::string name = (parent / ".staging-XXXXXX").string();
  if (!mkdtemp(name.data())) fail(parent, "written to", last_error());
  path_ = name;
}

StagingFolder::~StagingFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void StagingFolder::publish(const std::string& name) const {
  rename_over(path_ / name, parent_ / name);
}

}  // namespace hourglass
