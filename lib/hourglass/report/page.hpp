#pragma once

#include <hourglass/report/run.hpp>

#include <string>
#include <vector>

namespace hourglass {

// The run as one self-contained HTML page: the answer, the figures, the table of deviations, the
// settings and the command. `drawings` holds the SVG text of each of run.figures, which becomes
// part of the page; nothing is loaded from elsewhere.
// Throws ArgumentError unless there is one drawing a figure.
std::string to_html(const Run& run, const std::vector<std::string>& drawings);

}  // namespace hourglass
