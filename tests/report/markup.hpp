#pragma once

#include <set>
#include <string>
#include <vector>

namespace hourglass::testing {

// Whether tags are balanced and every & starts an entity; empty, or what is wrong. Stylesheets
// must not contain '<'.
inline std::string malformed(const std::string& text) {
  static const std::set<std::string> single{"meta", "br"};
  std::vector<std::string> open;
  for (std::size_t at = 0; (at = text.find_first_of("<&", at)) != std::string::npos; ++at) {
    if (text[at] == '&') {
      const std::size_t end =
          text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789#", at + 1);
      if (end == at + 1 || end == std::string::npos || text[end] != ';')
        return "stray & at " + text.substr(at, 20);
      continue;
    }
    if (text[at + 1] == '?' || text[at + 1] == '!') continue;
    const std::size_t end = text.find('>', at);
    if (end == std::string::npos) return "unclosed tag at " + text.substr(at, 20);
    const bool closing = text[at + 1] == '/';
    const std::size_t start = at + (closing ? 2 : 1);
    const std::string name = text.substr(start, text.find_first_of(" \t\n/>", start) - start);
    if (closing) {
      if (open.empty() || open.back() != name) return "unexpected </" + name + ">";
      open.pop_back();
    } else if (text[end - 1] != '/' && !single.contains(name)) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

// An id that two elements carry; empty if there is none.
inline std::string repeated_id(const std::string& text) {
  std::set<std::string> seen;
  for (const char quote : {'"', '\''}) {
    const std::string mark = std::string(" id=") + quote;
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) {
      at += mark.size();
      const std::string id = text.substr(at, text.find(quote, at) - at);
      if (!seen.insert(id).second) return id;
    }
  }
  return "";
}

}  // namespace hourglass::testing
