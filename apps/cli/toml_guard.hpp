#pragma once

#include <string_view>

namespace hourglass {

// What toml++ 3.3 must not see: it asserts, reaches undefined behaviour or recurses without end on
// control characters, on characters beyond ASCII outside of quotes and comments, and on keys of
// very many parts, dates, and a } that closes no {. All of that is no TOML, or none that names an
// option; strings of several lines, in which it is hard to tell, are not let through either.
struct TomlProblem {
  std::size_t line = 0;   // from 1; 0: there is none
  const char* what = "";  // "found a control character"
};
TomlProblem toml_problem(std::string_view text);

}  // namespace hourglass
