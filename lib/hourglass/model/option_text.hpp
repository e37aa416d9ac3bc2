#pragma once

#include <string>
#include <vector>

namespace hourglass {

// An option as a command line spells it: "name:parameter:...", e.g. "masking:0.3:rescaled".
class OptionText {
 public:
  // `what` is what the text describes, for messages: "noise".
  OptionText(const char* what, const std::string& text);

  const std::string& name() const { return fields_[0]; }
  std::size_t parameters() const { return fields_.size() - 1; }

  // Parameter i (from 0), a finite number; without one, `otherwise`.
  double number(std::size_t i, const char* meaning) const;
  double number(std::size_t i, const char* meaning, double otherwise) const;
  // Whether parameter i is there; throws if it is any other than `word`.
  bool word(std::size_t i, const char* word) const;
  // Throws if there are more.
  void at_most(std::size_t parameters) const;

  // Throws InputError: "noise: found 'TEXT', expected EXPECTED".
  [[noreturn]] void refuse(const std::string& expected) const;

 private:
  const char* what_;
  std::string text_;
  std::vector<std::string> fields_;
};

}  // namespace hourglass
