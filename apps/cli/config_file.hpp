#pragma once

#include "options.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace hourglass {

// One value of a --config file, and where it stands: "options.toml: line 3".
struct ConfigEntry {
  std::string name;
  std::vector<std::string> texts;
  std::string place;
};

struct ConfigFile {
  std::vector<ConfigEntry> entries = {};
  bool is_summary = false;  // every option of a run, not what somebody asked for
};

// Reads TOML whose keys are names of options (a list is an array), or the summary.json of an
// earlier run of `app`. Throws InputError with the file, the line, what was found and expected.
ConfigFile read_config(const std::filesystem::path& file, const std::string& app, Options& options);

}  // namespace hourglass
