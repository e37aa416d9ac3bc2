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
// timing. A number that does not exist is null. Bytes that are no UTF-8 are replaced.
std::string to_json(const Run& run);

// The run as one self-contained HTML page: the answer, the figures, the table of deviations, the
// settings and the command. `drawings` holds the SVG text of each of run.figures, which becomes
// part of the page; nothing is loaded from elsewhere.
// Throws ArgumentError unless there is one drawing a figure.
std::string to_html(const Run& run, const std::vector<std::string>& drawings);

// Writes trajectory.csv, summary.json, figures and pictures (into figures/) and report.html into
// `out`, which is made if it is missing, and returns the path of the page. Every file is there as a
// whole or not at all; the numbers are written before the figures, so that a failing gnuplot does
// not lose them. Throws SystemError or ArgumentError as the writers do.
std::filesystem::path write_report(const Run& run, const std::filesystem::path& out);

}  // namespace hourglass
