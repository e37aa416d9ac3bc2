#include "npy_header.hpp"

#include "refuse.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace hourglass::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view blanks = " \t\n";

// The dictionary as NumPy writes it: {'key': value, ...}, a value being a string, a word, a tuple
// or a list. Values are kept as text.
class Dictionary {
 public:
  Dictionary(const fs::path& file, std::string_view text) : file_(file), rest_(text) {
    expect('{');
    for (skip_blanks(); !accept('}'); skip_blanks()) {
      const std::string key(take_value());
      expect(':');
      skip_blanks();
      if (!entries_.emplace(key, take_value()).second)
        refuse(file_, "header: " + key + " occurs twice");
      skip_blanks();
      if (!accept(',') && !rest_.starts_with('}')) unexpected("',' or '}'");
    }
    skip_blanks();
    if (!rest_.empty()) unexpected("nothing");
    if (entries_.size() > 3) refuse(file_, "header: found more than descr, fortran_order, shape");
  }

  std::string_view operator[](const std::string& key) const {
    const auto found = entries_.find("'" + key + "'");
    if (found == entries_.end()) refuse(file_, "header: has no '" + key + "'");
    return found->second;
  }

 private:
  [[noreturn]] void unexpected(const std::string& expected) const {
    refuse(file_, "header: found " + (rest_.empty() ? "its end" : in_quotes(rest_)) +
                      ", expected " + expected);
  }
  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
  }
  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    skip_blanks();
    if (!accept(c)) unexpected(std::string("'") + c + "'");
  }
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  // Up to the end of a string, a bracket or a word.
  std::string_view take_value() {
    if (rest_.empty()) unexpected("a value");
    const char first = rest_[0];
    const char last = first == '(' ? ')' : first == '[' ? ']' : first;
    if (first != '\'' && first != '(' && first != '[') {
      const std::size_t end = rest_.find_first_of(" \t\n,:}");
      if (end == 0 || end == rest_.npos) unexpected("a value");
      return take(end);
    }
    const std::size_t end = rest_.find(last, 1);
    if (end == rest_.npos) unexpected(std::string("a value that ends with ") + last);
    return take(end + 1);
  }

  fs::path file_;
  std::string_view rest_;
  std::map<std::string, std::string_view> entries_;
};

std::size_t item_size(const fs::path& file, std::string_view descr) {
  if (descr == "'|u1'") return 1;
  if (descr == "'<f4'") return 4;
  if (descr == "'<f8'") return 8;
  const std::string hint = descr.starts_with("'>")    ? " (big-endian numbers are not read)"
                           : descr.starts_with("'|O") ? " (Python objects are not read)"
                           : descr.starts_with("[")   ? " (records are not read)"
                                                      : "";
  refuse(file, "descr: found " + in_quotes(descr) + ", expected '<f4', '<f8' or '|u1'" + hint);
}

// "(3, 4)", "(3,)"
std::vector<std::uint64_t> shape(const fs::path& file, std::string_view text) {
  const auto fail = [&] {
    refuse(file, "shape: found " + in_quotes(text) + ", expected sizes like (3, 4)");
  };
  if (!text.starts_with('(') || !text.ends_with(')')) fail();
  std::string_view rest = text.substr(1, text.size() - 2);
  std::vector<std::uint64_t> sizes;
  const auto skip_blanks = [&] {
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  };
  for (skip_blanks(); !rest.empty(); skip_blanks()) {
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), sizes.emplace_back());
    if (error != std::errc{}) fail();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    skip_blanks();
    if (rest.empty()) break;
    if (rest[0] != ',') fail();
    rest.remove_prefix(1);
  }
  if (sizes.empty()) refuse(file, "shape: found no dimension, expected at least one");
  return sizes;
}

}  // namespace

NpyHeader parse_npy_header(const fs::path& file, const std::string& text) {
  const Dictionary entries(file, text);
  const std::string_view order = entries["fortran_order"];
  NpyHeader header{item_size(file, entries["descr"]), shape(file, entries["shape"])};
  if (order == "True")
    refuse(file, "fortran_order: found True, expected False (save with numpy.ascontiguousarray)");
  if (order != "False")
    refuse(file, "fortran_order: found " + in_quotes(order) + ", expected False");
  return header;
}

}  // namespace hourglass::data
