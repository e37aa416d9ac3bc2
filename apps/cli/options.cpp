#include "options.hpp"

#include <hourglass/report/number.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>

namespace hourglass {
namespace {

// The six digits of a stream: enough to recognise what was found.
std::string shown(double x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

template <class Number>
bool parse_number(std::string_view text, Number& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size();
}

// "1e5", "2.50e3": decimal digits and an exponent that leave no fraction.
bool parse_scientific(std::string_view text, std::uint64_t& whole) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  std::string digits(text.substr(0, e));
  int exponent = 0;
  if (e < text.size()) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+') && !power.starts_with("+-")) power.remove_prefix(1);
    if (!parse_number(power, exponent) || std::abs(exponent) > 400) return false;
  }
  if (const std::size_t point = digits.find('.'); point != digits.npos) {
    exponent -= static_cast<int>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  while (exponent < 0 && digits.ends_with('0')) digits.pop_back(), ++exponent;
  if (exponent < 0 || digits.empty()) return false;
  digits.append(static_cast<std::size_t>(exponent), '0');
  return parse_number(digits, whole);
}

// Names the file and line that an option was given in, if something is wrong with it.
void at_its_place(const Option& option, const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& problem) {
    throw InputError((option.place.empty() ? "" : option.place + ": ") + problem.what());
  }
}

}  // namespace

InputError refused(const std::string& option, const std::string& found,
                   const std::string& expected) {
  return InputError("--" + option + ": found " + found + ", expected " + expected);
}
InputError refused(const std::string& option, double found, const std::string& expected) {
  return refused(option, shown(found), expected);
}

bool Range::contains(double x) const {
  return std::isfinite(x) && (without_low ? x > low : x >= low) &&
         (without_high ? x < high : x <= high);
}
Range at_least(double low) { return {.low = low, .text = "at least " + shown(low)}; }
Range up_to(double high) {
  return {.low = 0,
          .high = high,
          .without_low = true,
          .text = "a positive number up to " + shown(high)};
}
Range between(double low, double high) {
  return {.low = low, .high = high, .text = round_trip(low) + " to " + round_trip(high)};
}
Range below(double high) {
  return {
      .low = 0, .high = high, .without_high = true, .text = "a number in [0, " + shown(high) + ")"};
}

Range of_counts(Range range) {
  if (range.text == "a number") range.text = "a whole number";
  if (std::isinf(range.high) && range.low >= 0) range.high = 1e9, range.text += " and at most 1e9";
  return range;
}

bool parse(const std::string& text, bool& value) {
  value = text == "true";
  return value || text == "false";
}
bool parse(const std::string& text, double& value) { return parse_number(text, value); }
bool parse(const std::string& text, std::uint64_t& value) {
  return parse_number(text, value) || parse_scientific(text, value);
}
bool parse(const std::string& text, std::string& value) {
  value = text;
  return true;
}
std::string kind_of(const bool&) { return "true or false"; }
std::string kind_of(const double&) { return "a number"; }
std::string kind_of(const std::uint64_t&) { return "a whole number from 0 to 2^64 - 1"; }
std::string kind_of(const std::string&) { return "a text"; }

std::string detail::single(const std::string& option, const std::vector<std::string>& texts) {
  if (texts.size() == 1) return texts[0];
  throw refused(option, std::to_string(texts.size()) + " values", "one");
}

std::vector<std::string> detail::split(const std::string& text, char at) {
  std::vector<std::string> parts{""};
  for (const char c : text)
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

std::string listed(const std::vector<std::pair<std::string, std::string>>& names) {
  std::string text;
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (k > 0) text += k + 1 == names.size() ? " or " : ", ";
    text += names[k].first;
    if (!names[k].second.empty()) text += " (" + names[k].second + ")";
  }
  return text;
}

Option& Option::only(std::string with, std::function<bool()> when) {
  where = std::move(with);
  applies = std::move(when);
  return *this;
}

Option& Options::add(Option option) {
  option.group = group_;
  options_.push_back(std::move(option));
  return options_.back();
}

Option& Options::flag(std::string name, bool& member, std::string help, bool given) {
  const std::string option = name;
  return add({.name = std::move(name),
              .unit = {},
              .help = std::move(help),
              .is_flag = true,
              .assign =
                  [option, &member, given](const auto& texts) {
                    bool value = true;
                    detail::assign(option, value, texts);
                    member = value == given;
                  },
              .value = [&member, given] { return SettingValue(member == given); }});
}

Option& Options::text(std::string name, std::string unit, std::string help,
                      std::function<std::string()> write,
                      std::function<std::string(const std::string&)> read) {
  const std::string option = name;
  return add({.name = std::move(name),
              .unit = std::move(unit),
              .help = std::move(help),
              .assign =
                  [option, read](const auto& texts) {
                    const std::string found = detail::single(option, texts);
                    if (const std::string expected = read(found); !expected.empty())
                      throw refused(option, "'" + found + "'", expected);
                  },
              .value =
                  [write] {
                    const std::string text = write();
                    return text.empty() ? SettingValue() : SettingValue(text);
                  }});
}

Option& Options::path(std::string name, std::string& member, std::string unit, std::string help) {
  return text(
      std::move(name), std::move(unit), std::move(help), [&member] { return member; },
      [&member](const std::string& found) {
        member = found;
        return std::string(found.empty() ? "a name" : "");
      });
}

Option* Options::find(const std::string& name) {
  const auto found = std::find_if(options_.begin(), options_.end(),
                                  [&](const Option& option) { return option.name == name; });
  return found == options_.end() ? nullptr : &*found;
}

void Options::set(const std::string& name, const std::vector<std::string>& texts,
                  const std::string& place) {
  Option* option = find(name);
  if (!option) throw LookupError("no option '" + name + "'");
  option->place = place;
  at_its_place(*option, [&] { option->assign(texts); });
  option->given = true;
}

void Options::check_ranges() const {
  for (const Option& option : options_) at_its_place(option, option.check);
}

// A flag that is off asks for nothing.
void Options::check_applying() const {
  for (const Option& option : options_) {
    const bool off = option.is_flag && option.value() == SettingValue(false);
    if (!option.given || off || option.applies()) continue;
    at_its_place(option, [&] {
      throw InputError("--" + option.name + ": given, but it applies only to " + option.where);
    });
  }
}

std::vector<Setting> Options::settings() const {
  std::vector<Setting> settings;
  for (const Option& option : options_)
    if (option.applies()) settings.push_back({option.name, option.value()});
  return settings;
}

}  // namespace hourglass
