#pragma once

#include <hourglass/core/error.hpp>

#include <limits>
#include <string>
#include <vector>

namespace hourglass {

// The numbers a value may have; an end that is `open` is not one of them, nor is a fraction where
// only whole ones are.
struct Interval {
  double low = -std::numeric_limits<double>::max(), high = std::numeric_limits<double>::max();
  bool low_open = false, high_open = false, whole = false;

  bool contains(double x) const;
  std::string str() const;  // "a number >= 0 and < 1"
};
inline constexpr Interval any_number{}, positive{.low = 0, .low_open = true},
    not_negative{.low = 0}, below_one{.low = 0, .high = 1, .high_open = true},
    between_zero_and_one{.low = 0, .high = 1, .low_open = true, .high_open = true},
    up_to_one{.low = 0, .high = 1};

// Throws ArgumentError unless the value is allowed: "l2: gamma is -1, expected a number >= 0".
void require_within(const char* who, const char* meaning, double value, Interval allowed);

// A choice as command lines spell it: "adam:1e-3:decay=0.01" is a name, then numbers by place, then
// numbers by key. Whatever does not fit throws InputError with the whole text, what was found and
// what was expected.
class TextOptions {
 public:
  // what: "optimiser", for messages
  TextOptions(std::string what, std::string text);

  const std::string& name() const { return name_; }

  // The next number by place; `meaning`: "the learning rate".
  double number(const std::string& meaning, Interval allowed = any_number);
  // The same where it may be left out.
  double number_or(double otherwise, const std::string& meaning, Interval allowed = any_number);
  // All numbers by place that are left, at least one.
  std::vector<double> numbers(const std::string& meaning, Interval allowed = any_number);
  // Whether the next word by place is this one; left for number() if it is not.
  bool word(const std::string& expected);
  // key=...; `otherwise` where it is not given
  double keyed(const std::string& key, double otherwise, Interval allowed = any_number);

  // Refuses what nobody asked for.
  void finish() const;
  // Refuses the name; known: "sgd, adam or rmsprop".
  [[noreturn]] void unknown_name(const std::string& known) const;

 private:
  struct Word {
    std::string key, value;  // key: empty for a number by place
    bool used = false;
  };
  double parse(const std::string& value, const std::string& meaning, Interval allowed) const;
  [[noreturn]] void refuse(const std::string& found, const std::string& expected) const;
  Word* next_by_place();

  std::string what_, text_, name_;
  std::vector<Word> words_;
};

// The same choice however its numbers are spelt, "adam:0.001" for "adam:1e-3": to tell whether two
// are one. Of a list with commas too.
std::string canonical(const std::string& text);

// One row of a table of names: how it is written, which begins with its name, and what makes it.
template <class Made, class... Given>
struct NameRow {
  const char* form;  // in messages: "masking:P[:rescaled]"
  Made (*make)(TextOptions& options, Given... given);
  const char* more = "";  // behind the form in the help: "[:momentum=M]"
};

std::string name_in(const std::string& form);                   // "masking"
std::string alternatives(const std::vector<std::string>& all);  // "a, b or c"

// All that one kind of thing can be: what reads a text, complains of it, and says what there is.
template <class Made, class... Given>
class NameTable {
 public:
  NameTable(std::string what, std::vector<NameRow<Made, Given...>> rows)
      : what_(std::move(what)), rows_(std::move(rows)) {}

  Made named(const std::string& text, Given... given) const {
    TextOptions options(what_, text);
    Made made = make(options, given...);
    options.finish();
    return made;
  }
  // The same for a caller that reads options of its own after it.
  Made make(TextOptions& options, Given... given) const {
    std::vector<std::string> known;
    for (const auto& row : rows_) {
      if (name_in(row.form) == options.name()) return row.make(options, given...);
      known.push_back(row.form);
    }
    options.unknown_name(alternatives(known));
  }
  // For the help of a command line.
  std::string forms() const {
    std::vector<std::string> all;
    for (const auto& row : rows_) all.push_back(std::string(row.form) + row.more);
    return alternatives(all);
  }

 private:
  std::string what_;
  std::vector<NameRow<Made, Given...>> rows_;
};

}  // namespace hourglass
