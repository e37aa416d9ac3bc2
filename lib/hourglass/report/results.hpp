#pragma once

#include <hourglass/report/run.hpp>

#include <filesystem>
#include <string>
#include <vector>

// The files of a run in the folder of its results: report.html, summary.json, trajectory.csv,
// figures/ and what its study saves, all of which the summary names. Files of two runs never stand
// side by side: those of an earlier one move to previous-results/, page first and summary last,
// before the first new one appears; the new ones come with the summary and the page last; then the
// earlier ones go. So whenever a process is killed, a folder with a page has all of one run.
namespace hourglass {

inline constexpr const char* previous_results = "previous-results";

// Names of all the files, relative to the folder.
std::vector<std::string> result_files(const Run& run);

// Moves the results that a folder holds to previous-results/, over those of a still earlier run.
// What an interrupted run left, without a summary, is removed: of `saved` and of the report's own.
// Throws SystemError.
void set_aside_results(const std::filesystem::path& out, const std::vector<std::string>& saved);

// Moves a report from where it was prepared into `out`, after setting aside what is there. The
// earlier results stay where the new ones have no page. Throws SystemError.
void publish_results(const std::filesystem::path& prepared, const std::filesystem::path& out);

}  // namespace hourglass
