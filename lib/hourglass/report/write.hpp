#pragma once

#include <hourglass/report/run.hpp>

#include <filesystem>

namespace hourglass {

// Writes trajectory.csv, summary.json, figures and pictures (into figures/) and report.html into
// `out`, which is made if it is missing, and returns the path of the page. Every file is there as a
// whole or not at all; the numbers are written before the figures, so that a failing gnuplot does
// not lose them. Throws SystemError or ArgumentError as the writers do.
std::filesystem::path write_report(const Run& run, const std::filesystem::path& out);

}  // namespace hourglass
