#include "declarations.hpp"

#include "paths.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace hourglass::gradients {

std::filesystem::path library() { return std::filesystem::path(SOURCE_DIR) / "lib/hourglass"; }

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> declared_names(const std::string& header) {
  static const std::regex type(R"((?:struct|class) (\w+)(?: final)?(?: :.*)? \{.*)");
  // a return type, then the name before the first bracket; no initialiser before it
  static const std::regex function(R"((?:[\w:<>,&*()\[\] ]+) \*?&?(operator[^ (]+|\w+)\(.*)");
  static const std::regex other(
      R"((?:using|namespace|template|enum|struct|class|typedef|static_assert|friend|requires)\b.*)");
  std::vector<std::string> result;
  std::istringstream lines(header);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    const std::string code = line.substr(0, line.find("//"));
    const std::string head = code.substr(0, code.find('('));
    const bool assigned =
        head.find('=') != std::string::npos && head.find("operator") > head.size();
    const bool named = std::regex_match(code, match, type) ||
                       (!assigned && !std::regex_match(code, other) &&
                        std::isalpha(static_cast<unsigned char>(code.empty() ? ' ' : code[0])) &&
                        std::regex_match(code, match, function));
    if (named && std::find(result.begin(), result.end(), match[1].str()) == result.end())
      result.push_back(match[1].str());
  }
  return result;
}

std::vector<std::pair<std::string, std::size_t>> op_lengths(const std::string& source) {
  static const std::regex start(R"(struct (\w+) \{)"), blank(R"(\s*(//.*)?)");
  std::vector<std::pair<std::string, std::size_t>> result;
  std::istringstream lines(source);
  std::string name;
  std::size_t count = 0;
  bool is_op = false;
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, start)) name = match[1], count = 0, is_op = false;
    if (!std::regex_match(line, blank)) ++count;
    if (line.find("static constexpr auto name = ") != std::string::npos) is_op = true;
    if (line == "};" && is_op) result.push_back({name, count}), is_op = false;
  }
  return result;
}

std::string absent(const std::vector<std::string>& names, const std::vector<std::string>& listed) {
  std::string result;
  for (const std::string& name : names)
    if (std::find(listed.begin(), listed.end(), name) == listed.end())
      result += (result.empty() ? "" : ", ") + name;
  return result;
}

}  // namespace hourglass::gradients
