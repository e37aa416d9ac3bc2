#include <hourglass/core/error.hpp>
#include <hourglass/report/file.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw SystemError(file.string() + ": cannot be " + what + ": " + std::strerror(errno));
}

}  // namespace

std::string read_file(const fs::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  if (!in) fail(file, "read");
  return content.str();
}

StagingFolder::StagingFolder(const fs::path& parent) : parent_(parent) {
  make_folder(parent);
  std::string name = (parent / ".staging-XXXXXX").string();
  if (!mkdtemp(name.data())) fail(parent, "written to");
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
