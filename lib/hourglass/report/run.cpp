#include <hourglass/report/number.hpp>
#include <hourglass/report/run.hpp>

#include <algorithm>

namespace hourglass {
namespace {

// The agreement with the largest deviation; those that disagree go before the others, and those
// that are judged before those that are not.
const Agreement& worst_of(const std::vector<Agreement>& agreements) {
  return *std::max_element(agreements.begin(), agreements.end(),
                           [](const Agreement& a, const Agreement& b) {
                             if (a.agrees() != b.agrees()) return a.agrees();
                             const bool a_judged = !std::isnan(a.tolerance);
                             const bool b_judged = !std::isnan(b.tolerance);
                             if (a_judged != b_judged) return b_judged;
                             return a.max_abs_deviation < b.max_abs_deviation;
                           });
}

std::string worst_sentence(const Agreement& worst) {
  if (!std::isfinite(worst.max_abs_deviation))
    return name_of(worst.column) + " has no step at which both values exist.";
  std::string text = worst.agrees() ? "The" : "There the";
  text += " largest deviation along a curve is " + rounded(worst.max_abs_deviation, 3);
  text += " (" + name_of(worst.column) + ", step " + rounded(worst.worst_step, 6);
  if (!std::isnan(worst.tolerance)) text += "; tolerance " + rounded(worst.tolerance, 3);
  return text + ").";
}

std::string verdict(const std::vector<Agreement>& agreements) {
  const auto judged_count = std::count_if(agreements.begin(), agreements.end(), is_judged);
  const auto differ = std::count_if(agreements.begin(), agreements.end(),
                                    [](const Agreement& a) { return !a.agrees(); });
  const std::string all = std::to_string(judged_count);
  if (judged_count == 0) return "Measurement and theory are shown side by side, without a verdict.";
  if (differ > 0)
    return std::to_string(differ) + " of " + all + " judged series " +
           (differ == 1 ? "disagrees" : "disagree") + " with the theory.";
  if (judged_count == 1) return "The judged series agrees with the theory.";
  return "All " + all + " judged series agree with the theory.";
}

struct Text {
  std::string between;

  std::string operator()(std::monostate) const { return "none"; }
  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(std::uint64_t n) const { return std::to_string(n); }
  std::string operator()(double x) const { return std::isnan(x) ? "none" : round_trip(x); }
  std::string operator()(const std::string& text) const { return text; }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text;
    for (const T& x : values) text += (text.empty() ? "" : between) + (*this)(x);
    return text;
  }
};

}  // namespace

std::string text_of(const SettingValue& value, const std::string& between) {
  return std::visit(Text{between}, value);
}

bool is_judged(const Agreement& agreement) {
  return !std::isnan(agreement.tolerance) ||
         std::any_of(agreement.quantities.begin(), agreement.quantities.end(),
                     [](const Quantity& q) {
                       return !std::isnan(q.tolerance) && !std::isnan(q.predicted);
                     });
}

std::string answer_of(const Comparison& comparison) {
  const auto& agreements = comparison.agreements;
  if (agreements.empty()) return "There is no prediction to compare the measurement with.";
  return verdict(agreements) + " " + worst_sentence(worst_of(agreements));
}

std::vector<std::string> quantity_names(const Comparison& comparison) {
  std::vector<std::string> names;
  for (const Agreement& agreement : comparison.agreements)
    for (const Quantity& q : agreement.quantities)
      if (std::find(names.begin(), names.end(), q.name) == names.end()) names.push_back(q.name);
  return names;
}

Curve curve_of(const Comparison& comparison, const Column& column, const std::string& label) {
  Curve curve{
      .label = label, .x = comparison.measured.steps(), .measured = comparison.measured[column]};
  if (comparison.predicted.has(column)) curve.predicted = comparison.predicted[column];
  return curve;
}

}  // namespace hourglass
