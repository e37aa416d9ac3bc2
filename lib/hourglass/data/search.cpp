#include <hourglass/core/input_error.hpp>
#include <hourglass/data/idx.hpp>
#include <hourglass/data/search.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

struct Known {
  std::string name, fetch;
};

const std::vector<Known>& known() {
  static const std::vector<Known> sets{
      {"fashion-mnist", "apt-get install dataset-fashion-mnist"},
      {"mnist", "datasets/download.sh mnist"},
  };
  return sets;
}

struct Part {
  const char *stem, *description;
};
constexpr std::array<Part, 2> parts{
    {{"train-images-idx3-ubyte", "training images"}, {"t10k-images-idx3-ubyte", "test images"}}};

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

// MNIST and Fashion-MNIST use the same file names: a folder called after the one holds no other.
bool belongs_to_another(const fs::path& folder, const std::string& name) {
  const fs::path plain = folder.has_filename() ? folder : folder.parent_path();
  const std::string last = plain.filename().string();
  return last != name && std::any_of(known().begin(), known().end(),
                                     [&](const Known& k) { return k.name == last; });
}

std::vector<fs::path> folders_for(const DataRequest& request) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& base) {
    folders.push_back(base / request.name);
    if (!belongs_to_another(base, request.name)) folders.push_back(base);
  };
  if (!request.directory.empty()) add(request.directory);
  if (const char* variable = std::getenv("HOURGLASS_DATA"); variable && *variable) add(variable);
  add("datasets");
  folders.push_back(fs::path("/usr/share/datasets") / request.name);
  return folders;
}

std::optional<Dataset> read_from(const fs::path& folder, const DataRequest& request) {
  for (const Part& part : parts) {
    for (const char* ending : {"", ".gz"}) {
      const fs::path file = folder / (part.stem + std::string(ending));
      if (!fs::is_regular_file(file)) continue;
      IdxValues values = read_idx(file, request.samples);
      return Dataset{request.name + ", " + part.description, std::move(values.x),
                     std::move(values.checksum)};
    }
  }
  return std::nullopt;
}

[[noreturn]] void fail_missing(const Known& set, const std::vector<fs::path>& folders) {
  std::vector<std::string> places;
  for (const auto& folder : folders) places.push_back(folder.string());
  throw InputError("data set " + set.name + ": found no " + parts[0].stem + "[.gz] or " +
                   parts[1].stem + "[.gz] in " + listed(places) + "; fetch it with: " + set.fetch);
}

Dataset load_known(const Known& set, const DataRequest& request) {
  if (!request.directory.empty() && !fs::is_directory(request.directory))
    throw InputError("data directory " + request.directory + ": no such folder");
  const auto folders = folders_for(request);
  for (const auto& folder : folders)
    if (auto found = read_from(folder, request)) return std::move(*found);
  fail_missing(set, folders);
}

}  // namespace

std::vector<std::string> known_datasets() {
  std::vector<std::string> names;
  for (const Known& set : known()) names.push_back(set.name);
  return names;
}

Dataset load_dataset(const DataRequest& request) {
  for (const Known& set : known())
    if (set.name == request.name) return load_known(set, request);
  if (!fs::exists(request.name))
    throw InputError("data set " + request.name + ": found no file and no data set of that name, " +
                     "expected the path of an IDX file or one of: " + listed(known_datasets()));
  IdxValues values = read_idx(request.name, request.samples);
  return {fs::path(request.name).filename().string(), std::move(values.x),
          std::move(values.checksum)};
}

}  // namespace hourglass::data
