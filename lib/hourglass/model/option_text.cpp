#include <hourglass/core/input_error.hpp>
#include <hourglass/model/option_text.hpp>

#include <charconv>
#include <cmath>

namespace hourglass {

OptionText::OptionText(const char* what, const std::string& text) : what_(what), text_(text) {
  std::size_t from = 0;
  for (std::size_t colon; (colon = text.find(':', from)) != std::string::npos; from = colon + 1)
    fields_.push_back(text.substr(from, colon - from));
  fields_.push_back(text.substr(from));
}

double OptionText::number(std::size_t i, const char* meaning) const {
  const std::string wanted = name() + ":NUMBER with " + meaning + ", a finite number";
  if (i >= parameters()) refuse(wanted);
  const std::string& field = fields_[i + 1];
  double value = 0;
  const char* end = field.data() + field.size();
  const auto read = std::from_chars(field.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value)) refuse(wanted);
  return value;
}

double OptionText::number(std::size_t i, const char* meaning, double otherwise) const {
  return i < parameters() ? number(i, meaning) : otherwise;
}

bool OptionText::word(std::size_t i, const char* word) const {
  if (i >= parameters()) return false;
  if (fields_[i + 1] != word) refuse("'" + std::string(word) + "' or nothing there");
  return true;
}

void OptionText::at_most(std::size_t parameters) const {
  if (this->parameters() > parameters)
    refuse(parameters == 0 ? name() + " without a parameter"
                           : "at most " + std::to_string(parameters) + " parameters");
}

void OptionText::refuse(const std::string& expected) const {
  throw InputError(std::string(what_) + ": found '" + text_ + "', expected " + expected);
}

}  // namespace hourglass
