#pragma once

// What the library's headers declare, read from their text.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace hourglass::gradients {

std::filesystem::path library();  // lib/hourglass
std::string text_of(const std::filesystem::path& file);

// Names of the functions, structs and classes at namespace scope, each once. Relies on the house's
// format: those lines are not indented.
std::vector<std::string> declared_names(const std::string& header);

// Those of `names` that are not in `listed`, separated by commas.
std::string absent(const std::vector<std::string>& names, const std::vector<std::string>& listed);

// The ops that a source defines (structs with a `name` of the tape's kind) and how many lines each
// has, without comments and empty lines.
std::vector<std::pair<std::string, std::size_t>> op_lengths(const std::string& source);

}  // namespace hourglass::gradients
