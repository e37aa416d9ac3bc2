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

std::string described(const Interval& interval) {
  std::ostringstream text;
  const bool low = interval.low > any_number.low, high = interval.high < any_number.high;
  if (!low && !high) return "a finite number";
  text << (interval.whole ? "a whole number" : "a number");
  if (low) text << (interval.low_open ? " > " : " >= ") << interval.low;
  if (high) text << (low ? " and" : "") << (interval.high_open ? " < " : " <= ") << interval.high;
  return text.str();
}

bool contains(const Interval& interval, double x) {
  return (!interval.whole || std::floor(x) == x) &&
         (interval.low_open ? x > interval.low : x >= interval.low) &&
         (interval.high_open ? x < interval.high : x <= interval.high);
}

}  // namespace

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
  if (word == nullptr) refuse("nothing for " + meaning, described(allowed));
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
  if (error != std::errc() || stop != end || !contains(allowed, result))
    refuse("'" + value + "' for " + meaning, described(allowed));
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
