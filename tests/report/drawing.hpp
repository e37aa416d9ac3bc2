#pragma once

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace hourglass::testing {

inline bool gnuplot_found() {
  std::istringstream path(std::getenv("PATH"));
  for (std::string folder; std::getline(path, folder, ':');)
    if (std::filesystem::exists(std::filesystem::path(folder) / "gnuplot")) return true;
  MESSAGE("skipped: gnuplot is not installed");
  return false;
}

// A text in gnuplot's SVG: where it is anchored (y downwards), at its "start", "middle" or "end".
struct DrawnText {
  double x, y;
  std::string anchor, text;  // raised text after a ^
};

inline std::string without_tags(const std::string& markup) {
  std::string text;
  for (std::size_t at = 0; at < markup.size(); ++at) {
    if (markup[at] != '<') {
      text += markup[at];
      continue;
    }
    const std::size_t end = markup.find('>', at);
    if (markup.substr(at, end - at).find("dy=\"-") != std::string::npos) text += '^';
    at = end;
  }
  return text;
}

inline std::vector<DrawnText> texts_of(const std::string& svg) {
  std::vector<DrawnText> texts;
  for (std::size_t at = 0; (at = svg.find("translate(", at)) != std::string::npos; ++at) {
    DrawnText text{};
    std::istringstream place(svg.substr(at + 10, 40));
    char comma = 0;
    place >> text.x >> comma >> text.y;
    const std::size_t anchor = svg.find("text-anchor=\"", at) + 13;
    text.anchor = svg.substr(anchor, svg.find('"', anchor) - anchor);
    const std::size_t start = svg.find("<text>", at) + 6;
    text.text = without_tags(svg.substr(start, svg.find("</text>", start) - start));
    texts.push_back(text);
  }
  return texts;
}

}  // namespace hourglass::testing
