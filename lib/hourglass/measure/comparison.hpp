#pragma once

#include <hourglass/measure/trace.hpp>

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// What comes of a comparison. Nothing is judged where there is no tolerance or no prediction.
enum class Verdict { agrees, disagrees, not_judged };

// How many comparisons there are and what came of them: a curve and each quantity is one, where
// there is a prediction.
struct Tally {
  std::size_t compared = 0, agree = 0, disagree = 0;
  // Those that have a verdict.
  std::size_t judged() const { return agree + disagree; }
  // Of all together: one that disagrees is enough, and one has to be judged.
  Verdict verdict() const;
  // One more with that verdict; `predicted`: whether there is a prediction.
  void count(Verdict verdict, bool predicted);
};

// One number that is compared beside a curve, such as a half time. NaN: it does not exist. A
// measured NaN where prediction and tolerance exist is a disagreement: what cannot be measured
// takes a tolerance of NaN.
struct Quantity {
  std::string name;  // "half time"
  std::string unit;  // "steps", or empty
  double measured, predicted;
  double tolerance;          // NaN: reported, not judged
  bool relative = false;     // tolerance times |predicted|, otherwise absolute
  double deviation() const;  // measured - predicted, divided by predicted if relative
  Verdict verdict() const;   // judged only where prediction and tolerance exist
};

// Quantities that several studies judge.
inline constexpr const char *half_time_name = "half time", *final_value_name = "final value";

// When a recorded strength first reaches limit/2 from below: ln(u/(limit - u)) is interpolated
// linearly between records, which is exact for a logistic rise (docs/theory/linear.md, section 7).
// NaN if limit <= 0 or it never does.
double half_time(const std::vector<double>& steps, const std::vector<double>& strengths,
                 double limit);

// A half time in steps, with a relative tolerance where one is expected within the run: there NaN,
// none measured, is a disagreement.
Quantity half_time_of(double measured, double predicted, bool expected, double tolerance);

// How well one series agrees with its prediction.
struct Agreement {
  Column column;
  double max_abs_deviation = 0, rms_deviation = 0, worst_step = 0;  // NaN: nothing is predicted
  double tolerance;  // on max_abs_deviation, in the units of the series; NaN: not judged
  std::vector<Quantity> quantities;
  Verdict curve_verdict() const;                         // by max_abs_deviation alone
  Tally tally() const;                                   // curve and quantities
  Verdict verdict() const { return tally().verdict(); }  // of all of these together
};

// Measurement beside prediction: the same columns at the same steps.
struct Comparison {
  Trace measured, predicted;  // predicted may lack columns: they are shown, not judged
  std::vector<Agreement> agreements;

  Tally tally() const;                                   // of all agreements
  Verdict verdict() const { return tally().verdict(); }  // of the whole run
  // Every series deviates at most by this, whatever the tolerances of `agreements`.
  bool within(double max_abs_deviation) const;
  // Throws LookupError naming the columns that were compared.
  const Agreement& agreement(const Column& column) const;
};

// One of its quantities by name; null where it has none of that name.
const Quantity* find_quantity(const Agreement& agreement, const std::string& name);

// The largest |deviation| of the quantities that `counts` says; NaN where there is none.
double largest_deviation(
    const Comparison& comparison,
    const std::function<bool(const Agreement& agreement, const Quantity& quantity)>& counts);

// The agreement of one column that both traces hold at the same steps.
// Throws LookupError naming the columns there are if it is missing, ArgumentError if the steps
// differ.
Agreement agreement_of(const Trace& measured, const Trace& predicted, const Column& column,
                       double tolerance);

// Compares every column that both traces hold. A measured NaN where there is a prediction is an
// infinite deviation. Throws ArgumentError if there is no such column or the steps differ.
Comparison compare(Trace measured, Trace predicted, double tolerance);

// A line a series: worst step, measured and predicted there, deviation, tolerance.
std::ostream& operator<<(std::ostream& out, const Comparison& comparison);

}  // namespace hourglass
