#include <hourglass/core/file.hpp>
#include <hourglass/report/results.hpp>

#include <algorithm>

#include <nlohmann/json.hpp>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

constexpr const char *page = "report.html", *summary = "summary.json",
                     *trajectory = "trajectory.csv", *figures = "figures";

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

bool has_summary(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / summary, ignored);
}

// A name in the folder or in figures/, and nothing that leads elsewhere.
bool is_result_name(const fs::path& name) {
  const fs::path parent = name.parent_path();
  return name.has_filename() && name.filename() != "." && name.filename() != ".." &&
         (parent.empty() || parent == figures);
}

// As the summary says; the page first and the summary last, whatever it says.
std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> files{page, trajectory};
  if (has_summary(folder)) {
    using Json = nlohmann::json;
    const Json content = Json::parse(read_file(folder / summary), nullptr, false);
    const Json names = content.is_object() ? content.value("files", Json()) : Json();
    for (const Json& name : names.is_array() ? names : Json::array())
      if (name.is_string() && is_result_name(name.get<std::string>())) files.push_back(name);
  }
  std::erase(files, summary);
  files.push_back(summary);
  return files;
}

void remove_files(const fs::path& folder, const std::vector<std::string>& names) {
  std::error_code ignored;
  for (const std::string& name : names) fs::remove(folder / name, ignored);
  fs::remove(folder / figures, ignored);  // if it is empty
}

void discard(const fs::path& previous) {
  if (!is_there(previous)) return;
  remove_files(previous, files_in(previous));
  std::error_code ignored;
  fs::remove(previous, ignored);
}

void move_if_there(const fs::path& from, const fs::path& to) {
  if (!is_there(from)) return;
  make_folder(to.parent_path());
  replace_file(from, to);
}

}  // namespace

std::vector<std::string> result_files(const Run& run) {
  std::vector<std::string> files{page, summary, trajectory};
  files.insert(files.end(), run.saved.begin(), run.saved.end());
  for (const Figure& figure : run.figures)
    for (const char* ending : {".dat", ".gp", ".svg"})
      files.push_back(std::string(figures) + "/" + figure.name + ending);
  for (const Picture& picture : run.pictures)
    files.push_back(std::string(figures) + "/" + picture.name + ".png");
  return files;
}

void set_aside_results(const fs::path& out, const std::vector<std::string>& saved) {
  const fs::path previous = out / previous_results;
  std::vector<std::string> files = files_in(out);
  if (!has_summary(out)) {
    files.insert(files.begin(), saved.begin(), saved.end());
    return remove_files(out, files);
  }
  // one without a summary is of the same run: its move was interrupted
  if (has_summary(previous)) discard(previous);
  for (const std::string& name : files) move_if_there(out / name, previous / name);
  std::error_code ignored;
  fs::remove(out / figures, ignored);
}

void publish_results(const fs::path& prepared, const fs::path& out) {
  set_aside_results(out, {});
  if (is_there(prepared / figures)) {
    std::vector<fs::path> names;
    for (const auto& entry : fs::directory_iterator(prepared / figures))
      names.push_back(entry.path().filename());
    for (const fs::path& name : names)
      move_if_there(prepared / figures / name, out / figures / name);
  }
  for (const char* name : {trajectory, summary, page}) move_if_there(prepared / name, out / name);
  confirm_folder(out);
  if (is_there(out / page)) discard(out / previous_results);
}

}  // namespace hourglass
