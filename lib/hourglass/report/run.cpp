#include <hourglass/report/number.hpp>
#include <hourglass/report/run.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hourglass {
namespace {

// What is farthest beyond its tolerance.
struct Farthest {
  double excess = 0;  // deviation over tolerance
  std::string text;

  void see(Verdict verdict, double deviation, double tolerance, const std::string& shown) {
    if (verdict != Verdict::disagrees) return;
    const double ratio = std::abs(deviation) / tolerance;
    if (text.empty() || !(ratio <= excess)) excess = ratio, text = shown;
  }
};

std::string percent_or_number(double value, bool relative) {
  return relative ? rounded(100 * value, 3) + " %" : rounded(value, 3);
}

std::string sentence_of(const Agreement& a) {
  return name_of(a.column) + ", by " + rounded(a.max_abs_deviation, 3) + " at step " +
         rounded(a.worst_step, 6) + " (tolerance " + rounded(a.tolerance, 3) + ")";
}

std::string sentence_of(const Agreement& a, const Quantity& q) {
  return "the " + q.name + " of " + name_of(a.column) + ": measured " + rounded(q.measured) +
         ", predicted " + rounded(q.predicted) + " (tolerance " +
         percent_or_number(q.tolerance, q.relative) + ")";
}

std::string farthest_sentence(const Comparison& comparison) {
  Farthest farthest;
  for (const Agreement& a : comparison.agreements) {
    farthest.see(a.curve_verdict(), a.max_abs_deviation, a.tolerance, sentence_of(a));
    for (const Quantity& q : a.quantities)
      farthest.see(q.verdict(), q.deviation(), q.tolerance, sentence_of(a, q));
  }
  return "Farthest off is " + farthest.text + ".";
}

// The largest deviation along a curve, of those that are judged if there are any; none: empty.
std::string largest_sentence(const std::vector<Agreement>& agreements) {
  const Agreement* largest = nullptr;
  const auto rank = [](const Agreement& a) {
    return std::pair(a.curve_verdict() != Verdict::not_judged, a.max_abs_deviation);
  };
  for (const Agreement& a : agreements)
    if (!std::isnan(a.max_abs_deviation) && (!largest || rank(*largest) < rank(a))) largest = &a;
  if (!largest) return "";
  std::string text = " The largest deviation along a curve is ";
  text += rounded(largest->max_abs_deviation, 3) + " (" + name_of(largest->column) + ", step " +
          rounded(largest->worst_step, 6);
  if (!std::isnan(largest->tolerance)) text += "; tolerance " + rounded(largest->tolerance, 3);
  return text + ").";
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

std::string judged_of(const Tally& tally) {
  return std::to_string(tally.judged()) + " of " + std::to_string(tally.compared) +
         (tally.compared == 1 ? " comparison" : " comparisons") + " judged";
}

std::string answer_of(const Comparison& comparison) {
  const Tally tally = comparison.tally();
  if (tally.compared == 0) return "There is no prediction to compare the measurement with.";
  const std::string count = judged_of(tally);
  switch (tally.verdict()) {
    case Verdict::agrees:
      return "All that is judged agrees with the theory (" + count + ")." +
             largest_sentence(comparison.agreements);
    case Verdict::disagrees:
      return std::to_string(tally.disagree) +
             (tally.disagree == 1 ? " comparison disagrees" : " comparisons disagree") +
             " with the theory (" + count + "). " + farthest_sentence(comparison);
    case Verdict::not_judged:
      break;
  }
  return "Nothing is judged: measurement and theory stand side by side (" + count + ")." +
         largest_sentence(comparison.agreements);
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
