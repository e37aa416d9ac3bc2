#include "out_folder.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/report/results.hpp>

#include <unistd.h>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

// More than a page with its figures needs; a disk without it shows before the work.
void require_room(const fs::path& folder) {
  const fs::path trial = folder / ".staging-room";
  write_file(trial, std::string(std::size_t{1} << 20, '\0'));
  fs::remove(trial);
}

bool is_writable_folder(const fs::path& path) {
  std::error_code failed;
  return fs::is_directory(path, failed) && access(path.c_str(), W_OK | X_OK) == 0;
}

}  // namespace

void require_writable(const std::string& folder, const std::string& option) {
  if (folder.empty()) throw InputError("--" + option + ": found an empty name, expected a folder");
  std::error_code ignored;
  auto place = fs::absolute(folder);  // down to what there is, be it a link that leads nowhere
  while (fs::symlink_status(place, ignored).type() == fs::file_type::not_found)
    place = place.parent_path();
  if (!is_writable_folder(place))
    throw InputError("--" + option + " " + folder + ": " + place.string() +
                     " is no folder one may write to");
}

void require_free_names(const fs::path& out, const std::vector<std::string>& saved) {
  std::vector<std::string> files{"report.html", "summary.json", "trajectory.csv",
                                 "checkpoint.safetensors"};
  files.insert(files.end(), saved.begin(), saved.end());
  const auto refuse = [&](const std::string& name, const std::string& expected) {
    throw InputError("--out " + out.string() + ": found " + (out / name).string() + ", expected " +
                     expected + " of that name or nothing");
  };
  std::error_code failed;
  for (const std::string& name : files)
    if (fs::is_directory(out / name, failed)) refuse(name, "a file");
  for (const std::string name : {"figures", "checkpoints", previous_results})
    if (fs::exists(fs::symlink_status(out / name, failed)) && !is_writable_folder(out / name))
      refuse(name, "a folder one may write to");
}

OutFolder::OutFolder(const fs::path& out, const std::vector<std::string>& saved) : lock_(out) {
  for (const char* folder : {"", "figures", "checkpoints"}) sweep_staging(out / folder);
  require_room(out);
  set_aside_results(out, saved);
}

}  // namespace hourglass
