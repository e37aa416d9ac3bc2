#include "experiment.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace hourglass {
namespace {

using Runs = std::vector<Recovery>;
using Model = RecoverConfig::Model;
using Values = std::vector<double>;

// Section 8.1: contraction within 0.01 of the expected map, on a sparse model whose map has a floor
// of its own within 0.035; the final distance within 4 % of the prediction.
constexpr double contraction_tolerance = 0.01, incoherent_tolerance = 0.035;
constexpr double distance_tolerance = 0.04;
// Accuracy of the estimates of section 6, seen there for orthonormal dictionaries.
constexpr double mixture_consistency_tolerance = 0.01, consistency_tolerance = 0.03;
constexpr std::size_t judged_steps = 4;

bool is_near(const RecoverConfig& config) { return config.start == RecoverConfig::Start::near; }

template <class F>
MeanAndDeviation over(const Runs& runs, F value) {
  Values values;
  for (const Recovery& run : runs) values.push_back(value(run));
  return mean_and_deviation(values);
}

// Means over the runs.
Trace measured_trace(const Runs& runs) {
  const Trace& first = runs.front().measured;
  Trace trace(first.columns());
  for (std::size_t s = 0; s < first.steps().size(); ++s) {
    Values row;
    for (std::size_t c = 0; c < first.columns().size(); ++c)
      row.push_back(over(runs, [&](const Recovery& r) { return r.measured.values(c)[s]; }).mean);
    trace.add(first.steps()[s], row);
  }
  return trace;
}

// The distance of a start from anywhere has no prediction before the end.
Trace predicted_trace(const RecoverConfig& config, const Runs& runs) {
  std::vector<Column> columns{recover::bias()};
  if (is_near(config)) columns.push_back(recover::mean_distance());
  Trace trace(columns);
  for (std::size_t s = 0; s <= config.steps; ++s) {
    Values row{bias_at(config, s)};
    if (is_near(config))
      row.push_back(over(runs, [&](const Recovery& r) { return r.predicted.distance[s]; }).mean);
    trace.add(static_cast<double>(s), row);
  }
  return trace;
}

// From anywhere, the theory begins where every column is near its atom (a cosine above 0.95) and
// says where it ends if there are steps enough: a step leaves at most 1 - c/2 of the distance above
// the floor (section 8.1), which must become a fifth of the floor before the last ten steps begin.
bool ends_at_floor(const RecoverConfig& config, const Recovery& run) {
  const double near = std::sqrt(2 * (1 - 0.95)), floor = run.predicted.final_distance;
  const Values& farthest = run.measured[recover::max_distance()];
  std::size_t first = farthest.size();
  while (first > 0 && farthest[first - 1] < near) --first;
  const double left = double(farthest.size()) - 10 - double(first);
  return left > 0 && near * std::pow(std::abs(1 - config.contraction / 2), left) < 0.2 * floor;
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
Agreement contraction_of_step(const RecoverConfig& config, const Runs& runs, const Values& mean,
                              std::size_t step) {
  const auto at_step = [step](const Values& distances) {
    return floor_removed_contraction(distances, final_distance(distances))[step];
  };
  const MeanAndDeviation each =
      over(runs, [&](const Recovery& r) { return at_step(r.measured[recover::mean_distance()]); });
  const double predicted = over(runs, [&](const Recovery& r) {
                             return std::sqrt(r.predicted.squared_contraction[step]);
                           }).mean;
  const bool has_floor = final_distance(runs.front().predicted.expected_distance) > 1e-6;
  const double tolerance =
      config.model == Model::sparse && has_floor ? incoherent_tolerance : contraction_tolerance;
  const double error = each.deviation / std::sqrt(static_cast<double>(runs.size()));
  return number(recover::contraction(step + 1), at_step(mean), predicted,
                3 * error <= tolerance ? tolerance : NAN);
}

Agreement consistency(const RecoverConfig& config, const Runs& runs, bool at_start) {
  const MeanAndDeviation measured = over(runs, [=](const Recovery& r) {
    const Values& values = r.measured[recover::consistency()];
    return at_start ? values.front() : values.back();
  });
  const MeanAndDeviation predicted = over(runs, [=](const Recovery& r) {
    return at_start ? r.predicted.first_consistency : r.predicted.last_consistency;
  });
  double tolerance = NAN;
  if (is_near(config) && config.model == Model::mixture)
    tolerance = mixture_consistency_tolerance;
  else if (is_near(config) && is_orthonormal(runs.front().dictionary))
    tolerance = consistency_tolerance;
  return number(at_start ? recover::first_consistency() : recover::last_consistency(),
                measured.mean, predicted.mean, tolerance);
}

Comparison compared(const RecoverResult& result) {
  const RecoverConfig& config = result.config;
  const Runs& runs = result.runs;
  Comparison c{measured_trace(runs), predicted_trace(config, runs), {}};
  const auto show = [&](const Column& column) {
    c.agreements.push_back(agreement_of(c.measured, c.predicted, column, NAN));
  };
  if (is_near(config)) show(recover::mean_distance());
  if (config.bias_rate) show(recover::bias());
  const MeanAndDeviation end =
      over(runs, [](const Recovery& r) { return r.predicted.final_distance; });
  c.agreements.push_back(number(recover::final_distance(), result.final_distance.mean, end.mean,
                                result.reaches_theory ? distance_tolerance : NAN, true));
  if (is_near(config))
    for (std::size_t step = 0; step < judged_steps; ++step)
      c.agreements.push_back(
          contraction_of_step(config, runs, c.measured[recover::mean_distance()], step));
  for (const bool at_start : {true, false})
    c.agreements.push_back(consistency(config, runs, at_start));
  c.agreements.push_back(number(recover::recovered(), result.recovered.mean, NAN, NAN));
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

RecoverResult run_recover(const RecoverConfig& asked) {
  const auto start = std::chrono::steady_clock::now();
  RecoverResult result;
  result.config = settled(asked);
  const RecoverConfig& config = result.config;
  for (std::size_t k = 0; k < config.seeds; ++k) {
    RecoverConfig one = config;
    one.seed = config.seed + k;
    if (config.progress)
      one.progress = [&config, k](std::size_t done, std::size_t total) {
        config.progress(k * total + done, config.seeds * total);
      };
    result.runs.push_back(recover_once(one));
  }
  const Runs& runs = result.runs;
  const Column distance = recover::mean_distance();
  for (std::size_t s = 0; s <= config.steps; ++s)
    result.mean_distance.push_back(
        over(runs, [&](const Recovery& r) { return r.measured[distance][s]; }));
  result.final_distance =
      over(runs, [&](const Recovery& r) { return final_distance(r.measured[distance]); });
  result.recovered = over(runs, [](const Recovery& r) { return r.recovered; });
  result.reaches_theory =
      is_near(config) || std::all_of(runs.begin(), runs.end(), [&](const Recovery& run) {
        return ends_at_floor(config, run);
      });
  result.comparison = compared(result);
  result.steps = config.seeds * config.steps;
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  result.training_seconds = taken.count();
  return result;
}

}  // namespace hourglass
