#pragma once

#include <hourglass/report/run.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// Both traces as tidy CSV, `step,series,index,measured,predicted`: a row for each step and column
// that either of them holds, an empty cell where one does not exist; numbers read back exactly.
std::string to_csv(const Comparison& comparison);

// The run as JSON: app, version, config, environment, data, comparisons (each with its quantities),
// names of its files, timing. A number that does not exist is null. Bytes that are no UTF-8 are
// replaced.
std::string to_json(const Run& run);

// The run as one self-contained HTML page: the answer, the figures, the table of deviations, the
// settings and the command. `drawings` holds the SVG text of each of run.figures, which becomes
// part of the page; nothing is loaded from elsewhere.
// Throws ArgumentError unless there is one drawing a figure.
std::string to_html(const Run& run, const std::vector<std::string>& drawings);

// Writes trajectory.csv, summary.json, figures and pictures (into figures/) and report.html into
// `out`, which is made if it is missing, and returns the path of the page. All of it is prepared in
// a hidden folder and then moved, in the place of an earlier report: whenever the process is
// killed, `out` holds no files of two runs, and a page only with all that belongs to it. Where a
// figure fails the numbers are there without a page, and the earlier results in previous-results/.
// Throws SystemError or ArgumentError as the writers do.
std::filesystem::path write_report(const Run& run, const std::filesystem::path& out);

}  // namespace hourglass
