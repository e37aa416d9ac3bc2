#pragma once

#include <string>

namespace hourglass {

// A whole SVG file as an element for an HTML page: without what stands before <svg>, and with all
// its ids (and the references to them) starting with `prefix`, so that several fit into one page.
// `prefix` consists of letters, digits, '-' and '_'; `description` is for readers who cannot see.
// Throws ArgumentError if there is no <svg> element.
std::string inline_svg(const std::string& file, const std::string& prefix,
                       const std::string& description);

}  // namespace hourglass
