#include "toml_guard.hpp"

#include <string>

namespace hourglass {
namespace {

// A key has more dots in a row than a number or a date can.
constexpr int most_dots = 16;

class Guard {
 public:
  explicit Guard(std::string_view text) : text_(text) {}

  TomlProblem run() {
    for (at_ = text_.starts_with("\xef\xbb\xbf") ? 3 : 0; at_ < text_.size(); ++at_)
      if (const char* what = problem_of(text_[at_])) return {line_, what};
    return {};
  }

 private:
  const char* problem_of(char c) {
    const auto code = static_cast<unsigned char>(c);
    if ((code < 0x20 && c != '\t' && c != '\n' && c != '\r') || code == 0x7f)
      return "found a control character";
    if (c == '\n') return ++line_, inside_ = '\0', dots_ = 0, blank_ = true, nullptr;
    if (inside_ == '#') return nullptr;
    if (inside_ != '\0') return within_quotes(c);
    if (c == '[' && blank_ && !begins_name(text_.substr(at_ + 1)))
      return "found a table without a name";
    blank_ = blank_ && (c == ' ' || c == '\t');
    if (code >= 0x80) return "found a character beyond ASCII outside of quotes";
    if (c == '"' || c == '\'') {
      if (text_.substr(at_).starts_with(std::string_view(c == '"' ? "\"\"\"" : "'''")))
        return "found a string of several lines";
      inside_ = c;
    }
    if (c == '#') inside_ = c;
    if (c == ',' || c == '=') dots_ = 0;
    if (c == '.' && ++dots_ > most_dots) return "found a key of too many parts";
    if (c == ':' || (c == '-' && begins_date(text_.substr(0, at_))))
      return "found a date or a time";
    return bracket(c);
  }
  // Before a -: four digits, which no number has there.
  static bool begins_date(std::string_view before) {
    if (before.size() < 4) return false;
    return before.find_first_not_of("0123456789", before.size() - 4) == before.npos;
  }
  // toml++ takes a } within an array for the beginning of a value.
  const char* bracket(char c) {
    if (c == '[' || c == '{') open_ += c;
    if (c != ']' && c != '}') return nullptr;
    if (open_.empty() || open_.back() != (c == ']' ? '[' : '{'))
      return c == ']' ? "found a ] that closes no [" : "found a } that closes no {";
    open_.pop_back();
    return nullptr;
  }
  // After the [ of a table, which a second one may follow.
  static bool begins_name(std::string_view rest) {
    if (rest.starts_with('[')) rest.remove_prefix(1);
    const std::size_t first = rest.find_first_not_of(" \t");
    if (first == rest.npos) return true;
    const char c = rest[first];
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-\"']").find(c) != std::string_view::npos;
  }
  const char* within_quotes(char c) {
    if (c == '\\' && inside_ == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
      const auto next = static_cast<unsigned char>(text_[at_ + 1]);
      if (next >= 0x20 && next < 0x7f) ++at_;  // \" does not end the string
    }
    if (c == inside_) inside_ = '\0';
    return nullptr;
  }

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  char inside_ = '\0';  // the quote or # that began what the text is in
  bool blank_ = true;   // the line so far
  int dots_ = 0;
  std::string open_;  // the brackets that are not closed yet
};

}  // namespace

TomlProblem toml_problem(std::string_view text) { return Guard(text).run(); }

}  // namespace hourglass
