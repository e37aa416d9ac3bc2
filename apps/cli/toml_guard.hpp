#pragma once

#include <string_view>

namespace hourglass {

// What toml++ 3.3 must not see: it asserts, reaches undefined behaviour or recurses without end on
// control characters, characters beyond ASCII outside of quotes and comments, keys of very many
// parts, dates and times, and brackets that do not match. All of that is no TOML, or none that an
// option takes; strings of several lines, in which it is hard to tell, are not let through either.
struct TomlProblem {
  std::size_t line = 0;   // from 1; 0: there is none
  const char* what = "";  // "found a control character"
};
TomlProblem toml_problem(std::string_view text);

}  // namespace hourglass
