#pragma once

#include <hourglass/report/run.hpp>

#include <cmath>

namespace hourglass::testing {

inline Quantity half_time(double measured, double predicted) {
  return {"half time", "steps", measured, predicted, 0.01, true};
}

// Two modes that rise within 100 steps; the second is off by 0.25 at step 100 and unpredicted at
// step 1.
inline Comparison sample_comparison() {
  const std::vector<Column> columns{{"mode strength", 1}, {"mode strength", 2}};
  Trace measured(columns), predicted(columns);
  measured.add(0, {0, 0});
  predicted.add(0, {0, 0});
  measured.add(1, {0.1, 0.05});
  predicted.add(1, {0.1, NAN});
  measured.add(100, {1, 0.75});
  predicted.add(100, {1, 0.5});
  Comparison comparison = compare(std::move(measured), std::move(predicted), 0.125);
  comparison.agreements[0].quantities = {half_time(10, 10)};
  comparison.agreements[1].quantities = {half_time(NAN, 40),
                                         {"final value", "", 0.75, 0.5, NAN, false}};
  return comparison;
}

inline Figure sample_figure(const std::string& name) {
  Figure figure{.name = name, .x_label = "step", .y_label = "mode strength", .log_x = true};
  Panel panel{.title = "noise"};
  for (const double top : {1.0, 0.5}) {
    Curve curve{.label = "top " + std::to_string(top)};
    for (int step = 0; step <= 100; ++step) {
      curve.x.push_back(step);
      curve.predicted.push_back(top * step / (step + 10.0));
      curve.measured.push_back(curve.predicted.back() + 0.01);
    }
    panel.curves.push_back(curve);
  }
  figure.panels = {panel, panel};
  return figure;
}

inline Run sample_run() {
  Run run{.app = "tryout", .question = "Is 1 < 2?", .command = "tryout --title '<b>&\"'"};
  run.config = {{"samples", std::uint64_t{60000}},
                {"rate", 0.002},
                {"strict", false},
                {"title", std::string("<b>&\"'")},
                {"spectrum", std::vector<double>{2, 0.5}},
                {"limit", NAN}};
  run.data = {"digits", 100, 4, "cbf43926"};
  run.comparison = sample_comparison();
  run.wall_seconds = 1.5;
  return run;
}

}  // namespace hourglass::testing
