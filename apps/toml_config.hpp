#pragma once

#include <memory>

#include <CLI/CLI.hpp>

namespace hourglass {

// Reads --config files: keys are the names of the app's options, values are what the options take
// (a flag takes true or false, a list an array). CLI11's own reader takes broken TOML for something
// else. Throws InputError with the file, the line, what was found and what was expected. The app
// must outlive it.
std::shared_ptr<CLI::Config> toml_config(const CLI::App& app);

}  // namespace hourglass
