#pragma once

#include <filesystem>
#include <string>

namespace hourglass {

// Runs gnuplot (found on PATH) on a script, with `folder` as its current folder and without the
// user's own gnuplot settings. No shell is involved: paths may contain anything.
// Throws SystemError with gnuplot's own message where it fails, or with what to install
// where it is missing.
void run_gnuplot(const std::filesystem::path& folder, const std::string& script);

}  // namespace hourglass
