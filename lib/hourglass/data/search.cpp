#include "byte_reader.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/search.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <optional>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

// Where a folder has it: nothing otherwise.
using Finder = std::optional<Dataset> (*)(const fs::path& folder, const DataRequest& request);
std::optional<Dataset> find_idx(const fs::path& folder, const DataRequest& request);
std::optional<Dataset> find_cifar(const fs::path& folder, const DataRequest& request);

struct Known {
  std::string name;
  std::vector<std::string> folders;  // what its folder can be called
  std::string files, fetch;
  Finder find;
};

const std::vector<Known>& known() {
  static const std::string idx = "train-images-idx3-ubyte[.gz] or t10k-images-idx3-ubyte[.gz]";
  static const std::string batches = "data_batch_*.bin or test_batch.bin";
  static const std::vector<std::string> cifar{"cifar10", "cifar-10-batches-bin"};
  static const std::vector<Known> sets{
      {"fashion-mnist", {"fashion-mnist"}, idx, "apt-get install dataset-fashion-mnist", find_idx},
      {"mnist", {"mnist"}, idx, "datasets/download.sh mnist", find_idx},
      {"cifar10", cifar, batches, "datasets/download.sh cifar10", find_cifar},
      {"cifar10-gray", cifar, batches, "datasets/download.sh cifar10", find_cifar},
  };
  return sets;
}

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// MNIST and Fashion-MNIST use the same file names: a folder called after the one holds no other.
bool belongs_to_another(const fs::path& folder, const Known& set) {
  const fs::path plain = folder.has_filename() ? folder : folder.parent_path();
  const std::string last = plain.filename().string();
  return !is_one_of(last, set.folders) &&
         std::any_of(known().begin(), known().end(),
                     [&](const Known& k) { return is_one_of(last, k.folders); });
}

std::vector<fs::path> folders_for(const Known& set, const DataRequest& request) {
  std::vector<fs::path> folders;
  const auto add_subfolders = [&](const fs::path& base) {
    for (const std::string& name : set.folders) folders.push_back(base / name);
  };
  const auto add = [&](const fs::path& base) {
    add_subfolders(base);
    if (!belongs_to_another(base, set)) folders.push_back(base);
  };
  if (!request.directory.empty()) add(request.directory);
  if (const char* variable = std::getenv("HOURGLASS_DATA"); variable && *variable) add(variable);
  add("datasets");
  add_subfolders("/usr/share/datasets");
  return folders;
}

Dataset dataset(const std::string& name, FileValues values) {
  return {name, std::move(values.x), std::move(values.checksum)};
}

std::optional<Dataset> find_idx(const fs::path& folder, const DataRequest& request) {
  constexpr const char* parts[][2] = {{"train-images-idx3-ubyte", ", training images"},
                                      {"t10k-images-idx3-ubyte", ", test images"}};
  for (const auto& [stem, description] : parts)
    for (const char* ending : {"", ".gz"}) {
      const fs::path file = folder / (stem + std::string(ending));
      if (fs::is_regular_file(file))
        return dataset(request.name + description, read_idx(file, request.samples));
    }
  return std::nullopt;
}

std::optional<Dataset> find_cifar(const fs::path& folder, const DataRequest& request) {
  if (!fs::is_directory(folder)) return std::nullopt;
  const auto batches = cifar_batches(folder);
  if (batches.empty()) return std::nullopt;
  const bool test = batches.front().filename() == "test_batch.bin";
  const Cifar kind = request.name == "cifar10-gray" ? Cifar::grey : Cifar::colour;
  return dataset(request.name + (test ? ", test images" : ", training images"),
                 read_cifar(batches, kind, request.samples));
}

[[noreturn]] void fail_missing(const Known& set, const std::vector<fs::path>& folders) {
  std::vector<std::string> places;
  for (const auto& folder : folders) places.push_back(folder.string());
  throw InputError("data set " + set.name + ": found no " + set.files + " in " + listed(places) +
                   "; fetch it with: " + set.fetch);
}

Dataset load_known(const Known& set, const DataRequest& request) {
  if (!request.directory.empty() && !fs::is_directory(request.directory))
    throw InputError("data directory " + request.directory + ": no such folder");
  const auto folders = folders_for(set, request);
  for (const auto& folder : folders)
    if (auto found = set.find(folder, request)) return std::move(*found);
  fail_missing(set, folders);
}

FileValues read_folder(const fs::path& folder, std::size_t samples) {
  const auto batches = cifar_batches(folder);
  if (batches.empty())
    refuse(folder, "is a folder, found no data_batch_*.bin or test_batch.bin of CIFAR-10 in it");
  return read_cifar(batches, Cifar::colour, samples);
}

// In small letters, without .gz.
std::string ending_of(const fs::path& path) {
  const auto small = [](std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
  };
  const std::string last = small(path.extension().string());
  return last == ".gz" ? small(path.stem().extension().string()) : last;
}

// Files that others read, and what to do with them.
constexpr std::pair<const char*, const char*> unread[] = {
    {".npz", "is an archive of NumPy arrays, expected one array: save it with numpy.save"},
    {".tsv", "is separated by tabs, expected a .csv, separated by commas"},
    {".txt", "is a text file, expected a .csv, separated by commas"},
    {".zip", "is an archive, expected a file in it, or one compressed by gzip"},
    {".bz2", "is compressed by bzip2, expected a plain file or one compressed by gzip"},
    {".xz", "is compressed by xz, expected a plain file or one compressed by gzip"},
    {".zst", "is compressed by Zstandard, expected a plain file or one compressed by gzip"}};

// By the ending of its name; an IDX file has none.
FileValues read_path(const fs::path& path, const DataRequest& request) {
  if (fs::is_directory(path)) return read_folder(path, request.samples);
  const std::string ending = ending_of(path);
  if (ending == ".csv")
    return read_csv(path, request.samples, CsvHeader::detect, request.skip_columns);
  if (ending == ".npy") return read_npy(path, request.samples);
  if (ending == ".bin") return read_cifar({path}, Cifar::colour, request.samples);
  for (const auto& [other, what] : unread)
    if (ending == other) refuse(path, what);
  return read_idx(path, request.samples);
}

std::string last_name(const fs::path& path) {
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

}  // namespace

std::vector<std::string> known_datasets() {
  std::vector<std::string> names;
  for (const Known& set : known()) names.push_back(set.name);
  return names;
}

bool is_csv(const std::string& name) { return ending_of(name) == ".csv"; }

Dataset load_dataset(const DataRequest& request) try {
  if (request.skip_columns > 0 && !is_csv(request.name))
    throw InputError("data set " + request.name +
                     ": asked to skip columns, which a .csv alone has");
  for (const Known& set : known())
    if (set.name == request.name) return load_known(set, request);
  if (!fs::exists(request.name))
    throw InputError("data set " + request.name + ": found no file and no data set of that name, " +
                     "expected the path of an IDX, .npy, .csv or CIFAR file, a folder of CIFAR " +
                     "batches, or one of: " + listed(known_datasets()));
  return dataset(last_name(request.name), read_path(request.name, request));
} catch (const std::bad_alloc&) {
  throw InputError("data set " + request.name + ": does not fit into memory" +
                   (request.samples > 0 ? "" : "; fewer samples of it might"));
}

}  // namespace hourglass::data
