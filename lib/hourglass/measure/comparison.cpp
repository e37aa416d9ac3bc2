#include <hourglass/core/error.hpp>
#include <hourglass/measure/comparison.hpp>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace hourglass {
namespace {

// The two values of a column at the step where they differ most.
struct Worst {
  double step = NAN, measured = NAN, predicted = NAN;
};

Worst worst_of(const Trace& measured, const Trace& predicted, const Agreement& a) {
  const auto& steps = measured.steps();
  const auto at = std::find(steps.begin(), steps.end(), a.worst_step) - steps.begin();
  const auto k = static_cast<std::size_t>(at);
  if (k >= steps.size()) return {};
  return {a.worst_step, measured[a.column][k], predicted[a.column][k]};
}

// ln(u/(limit - u)), kept finite for values that noise or overshoot puts outside (0, limit)
double logit(double u, double limit) {
  const double fraction = std::fmin(std::fmax(u / limit, 1e-12), 1 - 1e-12);
  return std::log(fraction / (1 - fraction));
}

const char* word_of(Verdict verdict) {
  return verdict == Verdict::agrees      ? ""
         : verdict == Verdict::disagrees ? " DISAGREES"
                                         : " not judged";
}

Verdict verdict_of(double deviation, double tolerance) {
  return std::abs(deviation) <= tolerance ? Verdict::agrees : Verdict::disagrees;
}

}  // namespace

Verdict Tally::verdict() const {
  if (disagree > 0) return Verdict::disagrees;
  return agree > 0 ? Verdict::agrees : Verdict::not_judged;
}

void Tally::count(Verdict verdict, bool predicted) {
  compared += predicted ? 1 : 0;
  agree += verdict == Verdict::agrees ? 1 : 0;
  disagree += verdict == Verdict::disagrees ? 1 : 0;
}

double Quantity::deviation() const {
  return relative ? (measured - predicted) / predicted : measured - predicted;
}

// A measurement that went missing disagrees.
Verdict Quantity::verdict() const {
  if (std::isnan(tolerance) || std::isnan(predicted)) return Verdict::not_judged;
  return verdict_of(deviation(), tolerance);
}

double half_time(const std::vector<double>& steps, const std::vector<double>& strengths,
                 double limit) {
  if (!(limit > 0)) return NAN;
  for (std::size_t k = 1; k < steps.size(); ++k) {
    if (!(strengths[k - 1] < limit / 2 && strengths[k] >= limit / 2)) continue;
    const double before = logit(strengths[k - 1], limit), after = logit(strengths[k], limit);
    return steps[k - 1] + (steps[k] - steps[k - 1]) * (-before) / (after - before);
  }
  return NAN;
}

Quantity half_time_of(double measured, double predicted, bool expected, double tolerance) {
  return {half_time_name,
          "steps",
          expected && std::isnan(measured) ? INFINITY : measured,
          predicted,
          expected ? tolerance : NAN,
          true};
}

Verdict Agreement::curve_verdict() const {
  if (std::isnan(tolerance) || std::isnan(max_abs_deviation)) return Verdict::not_judged;
  return verdict_of(max_abs_deviation, tolerance);
}

Tally Agreement::tally() const {
  Tally tally;
  tally.count(curve_verdict(), !std::isnan(max_abs_deviation));
  for (const Quantity& q : quantities) tally.count(q.verdict(), !std::isnan(q.predicted));
  return tally;
}

Tally Comparison::tally() const {
  Tally all;
  for (const Agreement& a : agreements) {
    const Tally one = a.tally();
    all.compared += one.compared, all.agree += one.agree, all.disagree += one.disagree;
  }
  return all;
}

bool Comparison::within(double max_abs_deviation) const {
  return !agreements.empty() &&
         std::all_of(agreements.begin(), agreements.end(),
                     [&](const Agreement& a) { return a.max_abs_deviation <= max_abs_deviation; });
}

const Agreement& Comparison::agreement(const Column& column) const {
  std::string known;
  for (const Agreement& a : agreements) {
    if (a.column == column) return a;
    known += (known.empty() ? "" : ", ") + name_of(a.column);
  }
  throw LookupError("comparison: '" + name_of(column) + "' was not compared; there are " + known);
}

const Quantity* find_quantity(const Agreement& agreement, const std::string& name) {
  for (const Quantity& q : agreement.quantities)
    if (q.name == name) return &q;
  return nullptr;
}

double largest_deviation(const Comparison& comparison,
                         const std::function<bool(const Agreement&, const Quantity&)>& counts) {
  double largest = NAN;  // fmax(NAN, x) is x
  for (const Agreement& a : comparison.agreements)
    for (const Quantity& q : a.quantities)
      if (counts(a, q)) largest = std::fmax(largest, std::abs(q.deviation()));
  return largest;
}

Agreement agreement_of(const Trace& measured, const Trace& predicted, const Column& column,
                       double tolerance) {
  const std::vector<double>&found = measured[column], &expected = predicted[column];
  if (measured.steps() != predicted.steps())
    throw ArgumentError("compare: measured and predicted steps differ");
  Agreement result{.column = column, .tolerance = tolerance, .quantities = {}};
  double squares = 0;
  std::size_t count = 0;
  for (std::size_t k = 0; k < measured.steps().size(); ++k) {
    if (std::isnan(expected[k])) continue;
    double deviation = std::abs(found[k] - expected[k]);
    if (std::isnan(deviation)) deviation = INFINITY;  // predicted, but not measured
    squares += deviation * deviation;
    if (count++ == 0 || deviation > result.max_abs_deviation) {
      result.max_abs_deviation = deviation;
      result.worst_step = measured.steps()[k];
    }
  }
  if (count == 0)  // nothing is predicted
    result.max_abs_deviation = result.rms_deviation = result.worst_step = NAN;
  else
    result.rms_deviation = std::sqrt(squares / static_cast<double>(count));
  return result;
}

Comparison compare(Trace measured, Trace predicted, double tolerance) {
  Comparison result{std::move(measured), std::move(predicted), {}};
  for (const Column& column : result.measured.columns())
    if (result.predicted.find(column) < result.predicted.columns().size())
      result.agreements.push_back(
          agreement_of(result.measured, result.predicted, column, tolerance));
  if (result.agreements.empty()) throw ArgumentError("compare: the traces share no column");
  return result;
}

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) {
  const auto precision = out.precision(6);
  for (const Agreement& a : comparison.agreements) {
    const Worst worst = worst_of(comparison.measured, comparison.predicted, a);
    out << a.column.series << ' ' << a.column.index << ": worst at step " << worst.step
        << ", measured " << worst.measured << ", predicted " << worst.predicted << ", deviation "
        << a.max_abs_deviation << " (tolerance " << a.tolerance << ')' << word_of(a.verdict())
        << '\n';
  }
  out.precision(precision);
  return out;
}

}  // namespace hourglass
