#include <hourglass/core/error.hpp>
#include <hourglass/data/dictionaries.hpp>
#include <hourglass/measure/recovery_seeds.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

using Runs = std::vector<Recovery>;
using Model = RecoveryConfig::Model;
using Values = std::vector<double>;

// Section 8.1: contraction within 0.01 of the expected map, on a sparse model whose map has a floor
// of its own within 0.035; the final distance within 4 % of the prediction.
constexpr double contraction_tolerance = 0.01, incoherent_tolerance = 0.035;
constexpr double distance_tolerance = 0.04;
// Accuracy of the estimates of section 6, seen there for orthonormal dictionaries.
constexpr double mixture_consistency_tolerance = 0.01, consistency_tolerance = 0.03;
constexpr std::size_t judged_steps = 4;

template <class F>
MeanAndDeviation over(const Runs& runs, F value) {
  Values values;
  for (const Recovery& run : runs) values.push_back(value(run));
  return mean_and_deviation(values);
}

// The mean over the runs of a curve, at each step.
template <class F>
Values mean_curve(const Runs& runs, F curve) {
  Values mean(curve(runs.front()).size(), 0);
  for (const Recovery& run : runs) {
    const Values& values = curve(run);
    for (std::size_t s = 0; s < mean.size(); ++s)
      mean[s] += values[s] / static_cast<double>(runs.size());
  }
  return mean;
}

// Squared contraction of each step: that of the expected map without its floor, and the growth of
// the noise; 0 once the map is at its floor.
Values squared_contraction(const Recovery& run) {
  const Values& map = run.predicted.expected_distance;
  const double floor = final_distance(map);
  Values result;
  for (const double ratio : floor_removed_contraction(map, floor))
    result.push_back((std::isnan(ratio) ? 0 : ratio * ratio) + run.predicted.noise_growth);
  return result;
}

// The same recursion from the start to the predicted end, or where there is no formula for the
// noise to that of the expected map.
Values predicted_distances(const Recovery& run) {
  const double start = run.predicted.expected_distance.front();
  const double floor = run.predicted.final_distance;
  const double end = std::isnan(floor) ? final_distance(run.predicted.expected_distance) : floor;
  double above = start * start - end * end;
  Values distances{start};
  for (const double ratio : squared_contraction(run)) {
    above *= ratio;
    distances.push_back(std::sqrt(std::max(0.0, end * end + above)));
  }
  return distances;
}

Trace trace_of(const std::vector<Column>& columns, const std::vector<Values>& curves) {
  Trace trace(columns);
  for (std::size_t s = 0; s < curves.front().size(); ++s) {
    Values row;
    for (const Values& curve : curves) row.push_back(curve[s]);
    trace.add(static_cast<double>(s), row);
  }
  return trace;
}

Trace measured_trace(const Runs& runs) {
  const auto mean = [&](Values RecoveryTrace::*series) {
    return mean_curve(runs, [=](const Recovery& r) -> const Values& { return r.measured.*series; });
  };
  return trace_of(
      {{"mean distance"},
       {"max distance"},
       {"loss"},
       {"consistency"},
       {"missed gates"},
       {"raised gates"},
       {"bias"}},
      {mean(&RecoveryTrace::mean_distance), mean(&RecoveryTrace::max_distance),
       mean(&RecoveryTrace::loss), mean(&RecoveryTrace::consistency), mean(&RecoveryTrace::missed),
       mean(&RecoveryTrace::raised), mean(&RecoveryTrace::bias)});
}

// The distance of a start from anywhere has no prediction before the end.
Trace predicted_trace(const RecoveryConfig& config, const Runs& runs) {
  std::vector<Column> columns{{"bias"}};
  std::vector<Values> curves{Values(config.steps + 1)};
  for (std::size_t s = 0; s <= config.steps; ++s) curves[0][s] = config.bias(s);
  if (config.start == RecoveryConfig::Start::near) {
    columns.push_back({"mean distance"});
    curves.push_back(mean_curve(runs, predicted_distances));
  }
  return trace_of(columns, curves);
}

// A number that is no curve.
Agreement number(const Column& column, double measured, double predicted, double tolerance,
                 bool is_relative = false) {
  const Quantity value{"value", "", measured, predicted, tolerance, is_relative};
  return {.column = column,
          .max_abs_deviation = NAN,
          .rms_deviation = NAN,
          .worst_step = NAN,
          .tolerance = NAN,
          .quantities = {value}};
}

// Judged where the runs can tell: three standard errors of their mean are within the tolerance.
Agreement contraction_of_step(const RecoveryConfig& config, const Runs& runs, std::size_t step) {
  const auto at_step = [step](const Values& distances) {
    return floor_removed_contraction(distances, final_distance(distances))[step];
  };
  const Values mean =
      mean_curve(runs, [](const Recovery& r) -> const Values& { return r.measured.mean_distance; });
  const MeanAndDeviation each =
      over(runs, [&](const Recovery& r) { return at_step(r.measured.mean_distance); });
  const double predicted =
      over(runs, [&](const Recovery& r) { return std::sqrt(squared_contraction(r)[step]); }).mean;
  const bool has_floor = final_distance(runs.front().predicted.expected_distance) > 1e-6;
  const double tolerance =
      config.model == Model::sparse && has_floor ? incoherent_tolerance : contraction_tolerance;
  const double error = each.deviation / std::sqrt(static_cast<double>(runs.size()));
  return number({"contraction of step", static_cast<int>(step) + 1}, at_step(mean), predicted,
                3 * error <= tolerance ? tolerance : NAN);
}

Agreement consistency(const RecoveryConfig& config, const Runs& runs, bool at_start) {
  const MeanAndDeviation measured = over(runs, [=](const Recovery& r) {
    return at_start ? r.measured.consistency.front() : r.measured.consistency.back();
  });
  const MeanAndDeviation predicted = over(runs, [=](const Recovery& r) {
    return at_start ? r.predicted.first_consistency : r.predicted.last_consistency;
  });
  const bool orthonormal = data::coherence(runs.front().dictionary).mean_square < 1e-20;
  const bool is_near = config.start == RecoveryConfig::Start::near;
  const double tolerance = !is_near                         ? NAN
                           : config.model == Model::mixture ? mixture_consistency_tolerance
                           : orthonormal                    ? consistency_tolerance
                                                            : NAN;
  return number({at_start ? "consistency at the start" : "consistency at the end"}, measured.mean,
                predicted.mean, tolerance);
}

Comparison compared(const RecoveryConfig& config, const SeededRecovery& result) {
  const Runs& runs = result.runs;
  const bool is_near = config.start == RecoveryConfig::Start::near;
  Comparison c{measured_trace(runs), predicted_trace(config, runs), {}};
  if (is_near)
    c.agreements.push_back(agreement_of(c.measured, c.predicted, {"mean distance"}, NAN));
  if (config.bias_rate > 0)
    c.agreements.push_back(agreement_of(c.measured, c.predicted, {"bias"}, NAN));
  const MeanAndDeviation end =
      over(runs, [](const Recovery& r) { return r.predicted.final_distance; });
  c.agreements.push_back(number({"final mean distance"}, result.final_distance.mean, end.mean,
                                is_near ? distance_tolerance : NAN, true));
  if (is_near)
    for (std::size_t step = 0; step < judged_steps; ++step)
      c.agreements.push_back(contraction_of_step(config, runs, step));
  for (const bool at_start : {true, false})
    c.agreements.push_back(consistency(config, runs, at_start));
  c.agreements.push_back(number({"atoms recovered"}, result.recovered.mean, NAN, NAN));
  return c;
}

}  // namespace

MeanAndDeviation mean_and_deviation(const Values& values) {
  const auto count = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double x : values) mean += x / count;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (count - 1)) : NAN};
}

SeededRecovery recover_seeds(const RecoveryConfig& config, std::size_t seeds) {
  if (seeds == 0) throw InputError("seeds is 0; expected at least 1");
  SeededRecovery result;
  for (std::size_t k = 0; k < seeds; ++k) {
    RecoveryConfig one = config;
    one.seed = config.seed + k;
    if (config.progress)
      one.progress = [&config, k, seeds](std::size_t done, std::size_t total) {
        config.progress(k * total + done, seeds * total);
      };
    result.runs.push_back(recover(one));
  }
  for (std::size_t s = 0; s <= config.steps; ++s)
    result.mean_distance.push_back(
        over(result.runs, [s](const Recovery& r) { return r.measured.mean_distance[s]; }));
  result.final_distance =
      over(result.runs, [](const Recovery& r) { return final_distance(r.measured.mean_distance); });
  result.recovered = over(result.runs, [](const Recovery& r) { return r.recovered; });
  result.comparison = compared(config, result);
  return result;
}

}  // namespace hourglass
