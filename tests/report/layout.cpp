#include "sample.hpp"
#include <hourglass/report/axis.hpp>
#include <hourglass/report/layout.hpp>
#include <hourglass/report/placement.hpp>

#include <algorithm>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> result;
  for (const Tic& tic : axis.tics)
    if (!tic.label.empty()) result.push_back(tic.label);
  return result;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("logarithmic axes are labelled with powers of ten") {
  CHECK(labels(log_axis(1, 1e4)) == Labels{"1", "10", "10^{2}", "10^{3}", "10^{4}"});
  CHECK(labels(log_axis(0.02, 3)) == Labels{"0.1", "1"});
  CHECK(labels(log_axis(1.5, 30)) == Labels{"2", "5", "10", "20"});
  CHECK(labels(log_axis(1e-9, 1e9)).size() <= 8);
  CHECK(log_axis(1, 100).fraction(10) == doctest::Approx(0.5));
  CHECK(std::isnan(log_axis(1, 100).fraction(0)));
}

TEST_CASE("linear axes are labelled with round numbers") {
  CHECK(labels(linear_axis(-0.1, 3.1, 5)) == Labels{"0", "0.5", "1", "1.5", "2", "2.5", "3"});
  CHECK(labels(linear_axis(0, 2e6, 5)) ==
        Labels{"0", "5\u00d710^{5}", "10^{6}", "1.5\u00d710^{6}", "2\u00d710^{6}"});
  CHECK(labels(linear_axis(-1, 1, 3)) == Labels{"\u22121", "0", "1"});
  CHECK(labels(linear_axis(1, 1 + 2e-7, 2)) == Labels{"1", "1.0000001", "1.0000002"});
  CHECK(labels(symmetric_axis(0.013)) == Labels{"\u22120.01", "0", "0.01"});
  CHECK(symmetric_axis(0).high == doctest::Approx(1.2));
}

TEST_CASE("labels are moved apart as little as possible") {
  CHECK(spread({10, 50}, 10, 0, 100) == std::vector<double>{10, 50});
  CHECK(spread({50, 50}, 10, 0, 100) == std::vector<double>{45, 55});
  CHECK(spread({52, 48, 50}, 10, 0, 100) == std::vector<double>{60, 40, 50});
  CHECK(spread({0, 0}, 10, 0, 100) == std::vector<double>{0, 10});
  CHECK(spread({100, 99}, 10, 0, 100) == std::vector<double>{100, 90});
  CHECK(spread({5, 5, 5}, 10, 0, 10) == std::vector<double>{0, 5, 10});
  CHECK(spread({}, 10, 0, 10).empty());
}

TEST_CASE("marks are thinned evenly") {
  std::vector<double> places;
  for (int k = 0; k < 1000; ++k) places.push_back(k / 999.0);
  const auto kept = thinned(places, 40);
  CHECK(kept.size() == 41);  // and the end
  for (std::size_t k = 2; k < kept.size(); ++k) CHECK(kept[k] - kept[k - 1] <= 26);
  CHECK(thinned({0.1, NAN, 0.9}, 40) == std::vector<std::size_t>{0, 2});
}

TEST_CASE("labels at the ends of many curves do not overlap") {
  Figure figure = sample_figure("many");
  figure.panels.resize(1);
  Curve curve = figure.panels[0].curves[0];
  for (int k = 0; k < 8; ++k) {
    curve.label = "copy " + std::to_string(k);
    figure.panels[0].curves.push_back(curve);
  }
  const Layout layout = layout_of(figure);
  std::vector<double> heights;
  for (const EndLabel& label : layout.panels[0].labels) heights.push_back(label.text_y);
  REQUIRE(heights.size() == 10);
  std::sort(heights.begin(), heights.end());
  for (std::size_t k = 1; k < heights.size(); ++k) CHECK(heights[k] - heights[k - 1] > 15);
  CHECK(heights.back() < layout.height);
}
