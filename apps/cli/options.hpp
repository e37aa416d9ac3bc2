#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/report/run.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// The table of a config's options: name, member, unit, range and help, written once. The command
// line and its --help, --config files, range checks and the record in summary.json are made of it.
namespace hourglass {

// InputError "--modes: found 7, expected 1 to 4".
InputError refused(const std::string& option, double found, const std::string& expected);
InputError refused(const std::string& option, const std::string& found,
                   const std::string& expected);

// The finite numbers that an option takes; of a list, what each of its entries may be.
struct Range {
  double low = -INFINITY, high = INFINITY;
  bool without_low = false, without_high = false;
  std::string text = "a number";

  bool contains(double x) const;
};
inline Range positive() { return {.low = 0, .without_low = true, .text = "a positive number"}; }
inline Range not_negative() { return {.low = 0, .text = "a number that is not negative"}; }
Range at_least(double low);              // "at least 2"
Range up_to(double high);                // "a positive number up to 1000"
Range between(double low, double high);  // "1 to 1000"
Range below(double high);                // "a number in [0, 1)"
// Of whole numbers: what has a least one has a largest one too, 1e9, so that sizes do not overflow.
Range of_counts(Range range);

// Names of a choice's values, each with what it means in --help (or nothing).
template <class T>
struct Choice {
  std::string name;
  T value;
  std::string meaning = {};
};

// How the text of one value becomes a T and back; false where it is none. Whole numbers may be
// written as 1e5.
bool parse(const std::string& text, bool& value);
bool parse(const std::string& text, double& value);
bool parse(const std::string& text, std::uint64_t& value);
bool parse(const std::string& text, std::string& value);
std::string kind_of(const bool&);
std::string kind_of(const double&);
std::string kind_of(const std::uint64_t&);
std::string kind_of(const std::string&);

struct Option {
  std::string name, unit, help, group = {};
  bool is_flag = false, is_list = false;
  bool given = false;
  bool identifies = true;  // a checkpoint with another value is of another run
  std::string place = {};  // where: "options.toml: line 3"; empty: on the command line
  std::function<void(const std::vector<std::string>&)> assign;  // throws InputError
  std::function<SettingValue()> value;
  std::function<void()> check = [] {};  // throws InputError for what is out of range
  std::function<bool()> applies = [] { return true; };
  std::string where = {};  // the option applies: "--method sampled"

  // Given without need, the option is refused; it is recorded where it applies alone.
  Option& only(std::string with, std::function<bool()> when);
};

// References to the members of a config, which must outlive it.
class Options {
 public:
  // Those added from now on stand under this heading in --help.
  void group(std::string heading) { group_ = std::move(heading); }

  // A number, a text, or a list or optional of these; of a list of lists each is typed with colons
  // between its entries.
  template <class T>
  Option& add(std::string name, T& member, std::string unit, std::string help, Range range = {});
  // Without a value on the command line; `given` is what the member becomes then.
  Option& flag(std::string name, bool& member, std::string help, bool given = true);
  // A member that is a T or an optional one.
  template <class T, class Member>
  Option& choice(std::string name, Member& member, std::vector<Choice<T>> choices,
                 std::string help);
  // The name of a file or folder, which is not empty where it is given.
  Option& path(std::string name, std::string& member, std::string unit, std::string help);
  // A text that is read and written by functions of its own: `read` returns what was expected
  // where it cannot.
  Option& text(std::string name, std::string unit, std::string help,
               std::function<std::string()> write,
               std::function<std::string(const std::string&)> read);

  const std::vector<Option>& all() const { return options_; }
  Option* find(const std::string& name);
  // As typed, a list as its entries. Throws InputError for what is no such value; messages about
  // it begin with the place.
  void set(const std::string& name, const std::vector<std::string>& texts,
           const std::string& place = {});
  void check_ranges() const;    // throws InputError
  void check_applying() const;  // throws InputError where an option was given that does not apply
  std::vector<Setting> settings() const;  // of the options that apply

 private:
  Option& add(Option option);
  std::vector<Option> options_;
  std::string group_;
};

// Throws InputError where a value of the config is out of its option's range.
template <class Config>
void check_ranges(Config config) {
  Options options;
  add_options(options, config);
  options.check_ranges();
}

namespace detail {

template <class T>
struct member {
  using value = T;
  static constexpr bool is_list = false, is_optional = false;
};
template <class T>
struct member<std::vector<T>> : member<T> {
  static constexpr bool is_list = true;
};
template <class T>
struct member<std::optional<T>> : member<T> {
  static constexpr bool is_optional = true;
};

template <class T>
T parsed(const std::string& option, const std::string& text) {
  T value{};
  if (!parse(text, value)) throw refused(option, "'" + text + "'", kind_of(value));
  return value;
}
std::string single(const std::string& option, const std::vector<std::string>& texts);

template <class T>
void assign(const std::string& option, T& to, const std::vector<std::string>& texts) {
  to = parsed<T>(option, single(option, texts));
}
template <class T>
void assign(const std::string& option, std::vector<T>& to, const std::vector<std::string>& texts) {
  to.clear();
  for (const std::string& text : texts) to.push_back(parsed<T>(option, text));
}
std::vector<std::string> split(const std::string& text, char at);
template <class T>
void assign(const std::string& option, std::vector<std::vector<T>>& to,
            const std::vector<std::string>& texts) {
  to.clear();
  for (const std::string& text : texts) assign(option, to.emplace_back(), split(text, ':'));
}
template <class T>
void assign(const std::string& option, std::optional<T>& to,
            const std::vector<std::string>& texts) {
  assign(option, to.emplace(), texts);
}
template <class T>
SettingValue recorded(const T& value) {
  return value;
}
template <class T>
SettingValue recorded(const std::vector<std::vector<T>>& lists) {
  std::vector<std::string> texts;
  for (const auto& list : lists) texts.push_back(text_of(list, ":"));
  return texts;
}
template <class T>
SettingValue recorded(const std::optional<T>& value) {
  return value ? recorded(*value) : SettingValue{};
}

// f for every number in a member; texts have no range.
template <class T, class F>
void each_number(const T& value, F f) {
  if constexpr (requires { value.has_value(); }) {
    if (value) each_number(*value, f);
  } else if constexpr (std::is_arithmetic_v<T>) {
    f(static_cast<double>(value));
  } else if constexpr (!std::is_same_v<T, std::string>) {
    for (const auto& one : value) each_number(one, f);
  }
}

}  // namespace detail

template <class T>
Option& Options::add(std::string name, T& member, std::string unit, std::string help, Range range) {
  const std::string flag = name;
  if constexpr (std::is_same_v<typename detail::member<T>::value, std::uint64_t>)
    range = of_counts(range);
  return add({.name = std::move(name),
              .unit = std::move(unit),
              .help = std::move(help),
              .is_list = detail::member<T>::is_list,
              .assign = [flag, &member](const auto& texts) { detail::assign(flag, member, texts); },
              .value = [&member] { return detail::recorded(member); },
              .check =
                  [flag, range, &member] {
                    detail::each_number(member, [&](double x) {
                      if (!range.contains(x)) throw refused(flag, x, range.text);
                    });
                  }});
}

// Of names: "noise: gaussian, coloured (like the data) or masking".
std::string listed(const std::vector<std::pair<std::string, std::string>>& names);

template <class T, class Member>
Option& Options::choice(std::string name, Member& member, std::vector<Choice<T>> choices,
                        std::string help) {
  std::vector<std::pair<std::string, std::string>> names, plain;
  for (const auto& c : choices)
    names.emplace_back(c.name, c.meaning), plain.emplace_back(c.name, "");
  const auto write = [&member, choices] {
    for (const auto& c : choices)
      if (c.value == member) return c.name;
    return std::string();
  };
  const auto read = [&member, choices, plain](const std::string& text) -> std::string {
    for (const auto& c : choices)
      if (c.name == text) return member = c.value, "";
    return listed(plain);
  };
  return text(std::move(name), "NAME", help + (help.empty() ? "" : ": ") + listed(names), write,
              read);
}

}  // namespace hourglass
