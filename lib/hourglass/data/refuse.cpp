#include "refuse.hpp"

#include <hourglass/core/error.hpp>

#include <algorithm>

namespace hourglass {

void data::refuse(const std::filesystem::path& file, const std::string& what) {
  throw InputError(file.string() + ": " + what);
}

std::string data::in_quotes(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string shown(text.substr(0, most));
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return '"' + shown + (text.size() > most ? "...\"" : "\"");
}

}  // namespace hourglass
