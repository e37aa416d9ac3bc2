#pragma once

// How the readers of this room complain. Not installed.

#include <filesystem>
#include <string>
#include <string_view>

namespace hourglass::data {

// Throws InputError: the file, then what is wrong with it.
[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what);

// What a file holds, fit for a message: shortened, in quotes, without control characters.
std::string in_quotes(std::string_view text);

}  // namespace hourglass::data
