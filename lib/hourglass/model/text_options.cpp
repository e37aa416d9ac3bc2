#include <hourglass/core/error.hpp>
#include <hourglass/model/text_options.hpp>

#include <charconv>
#include <cmath>
#include <sstream>

namespace hourglass {
namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> result;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find(':', start)) != std::string::npos; start = end + 1)
    result.push_back(text.substr(start, end - start));
  result.push_back(text.substr(start));
  return result;
}

}  // namespace

bool Interval::contains(double x) const {
  return (!whole || std::floor(x) == x) && (low_open ? x > low : x >= low) &&
         (high_open ? x < high : x <= high);
}

std::string Interval::str() const {
  std::ostringstream text;
  const bool from = low > any_number.low, to = high < any_number.high;
  if (!from && !to) return "a finite number";
  text << (whole ? "a whole number" : "a number");
  if (from) text << (low_open ? " > " : " >= ") << low;
  if (to) text << (from ? " and" : "") << (high_open ? " < " : " <= ") << high;
  return text.str();
}

void require_within(const char* who, const char* meaning, double value, Interval allowed) {
  if (!allowed.contains(value))
    throw ArgumentError(std::string(who) + ": " + meaning + " is " + std::to_string(value) +
                        ", expected " + allowed.str());
}

std::string name_in(const std::string& form) { return form.substr(0, form.find_first_of(":[")); }

std::string alternatives(const std::vector<std::string>& all) {
  std::string text;
  for (std::size_t k = 0; k < all.size(); ++k)
    text += (k == 0 ? "" : k + 1 < all.size() ? ", " : " or ") + all[k];
  return text;
}

namespace {

// A number in its shortest spelling; anything else, and whole numbers beyond those that a double
// tells apart, as it is.
std::string respelt(const std::string& word) {
  double value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end || std::abs(value) >= 0x1p53) return word;
  char shortest[32];
  return {shortest, std::to_chars(shortest, shortest + sizeof shortest, value).ptr};
}

}  // namespace

std::string canonical(const std::string& text) {
  std::string result, word;
  for (const char c : text)
    if (c == ':' || c == '=' || c == ',') {
      result += respelt(word) + c;
      word.clear();
    } else {
      word += c;
    }
  return result + respelt(word);
}

TextOptions::TextOptions(std::string what, std::string text)
    : what_(std::move(what)), text_(std::move(text)) {
  const std::vector<std::string> parts = split(text_);
  name_ = parts[0];
  for (std::size_t k = 1; k < parts.size(); ++k) {
    const std::size_t equals = parts[k].find('=');
    if (equals == std::string::npos)
      words_.push_back({"", parts[k]});
    else
      words_.push_back({parts[k].substr(0, equals), parts[k].substr(equals + 1)});
  }
}

double TextOptions::number(const std::string& meaning, Interval allowed) {
  Word* word = next_by_place();
  if (word == nullptr) refuse("nothing for " + meaning, allowed.str());
  return parse(word->value, meaning, allowed);
}

double TextOptions::number_or(double otherwise, const std::string& meaning, Interval allowed) {
  Word* word = next_by_place();
  return word == nullptr ? otherwise : parse(word->value, meaning, allowed);
}

std::vector<double> TextOptions::numbers(const std::string& meaning, Interval allowed) {
  std::vector<double> result{number(meaning, allowed)};
  while (Word* word = next_by_place()) result.push_back(parse(word->value, meaning, allowed));
  return result;
}

bool TextOptions::word(const std::string& expected) {
  for (Word& word : words_)
    if (word.key.empty() && !word.used) return word.used = word.value == expected;
  return false;
}

double TextOptions::keyed(const std::string& key, double otherwise, Interval allowed) {
  for (Word& word : words_)
    if (word.key == key && !word.used) {
      word.used = true;
      return parse(word.value, key, allowed);
    }
  return otherwise;
}

void TextOptions::finish() const {
  for (const Word& word : words_)
    if (!word.used)
      refuse("'" + (word.key.empty() ? "" : word.key + "=") + word.value + "'",
             "no further option of " + name_);
}

void TextOptions::unknown_name(const std::string& known) const { refuse("'" + name_ + "'", known); }

double TextOptions::parse(const std::string& value, const std::string& meaning,
                          Interval allowed) const {
  double result = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, result);
  if (error != std::errc() || stop != end || !allowed.contains(result))
    refuse("'" + value + "' for " + meaning, allowed.str());
  return result;
}

void TextOptions::refuse(const std::string& found, const std::string& expected) const {
  throw InputError(what_ + " '" + text_ + "': found " + found + ", expected " + expected);
}

TextOptions::Word* TextOptions::next_by_place() {
  for (Word& word : words_)
    if (word.key.empty() && !word.used) {
      word.used = true;
      return &word;
    }
  return nullptr;
}

}  // namespace hourglass
