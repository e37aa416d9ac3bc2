#include "../temporary_folder.hpp"
#include "drawing.hpp"
#include "sample.hpp"
#include <hourglass/core/file.hpp>
#include <hourglass/report/placement.hpp>

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

using Labels = std::vector<std::string>;

std::vector<DrawnText> drawn(const Figure& figure) {
  const TemporaryFolder folder;
  return texts_of(read_file(write_figure(figure, folder.path())));
}

// Tics are the numbers: those along x are centred below the axis, those along y end left of it.
Labels tics(std::vector<DrawnText> texts, const std::string& anchor) {
  if (anchor == "middle")
    std::stable_sort(texts.begin(), texts.end(),
                     [](const DrawnText& a, const DrawnText& b) { return a.x < b.x; });
  Labels labels;
  for (const DrawnText& text : texts)
    if (text.anchor == anchor && text.text.find_first_of("0123456789") != std::string::npos)
      labels.push_back(text.text);
  return labels;
}

// A figure of one curve over x from `low` to `high`, or with y in that range.
Figure over_x(double low, double high, bool log, std::size_t panels = 1) {
  Figure figure{.name = "axis", .log_x = log};
  figure.panels.resize(panels, {.curves = {{.x = {low, high}, .predicted = {0, 1}}}});
  return figure;
}

Labels x_tics(double low, double high, bool log, std::size_t panels = 1) {
  return tics(drawn(over_x(low, high, log, panels)), "middle");
}

Figure over_y(double low, double high) {
  Figure figure = over_x(0, 1, false);
  figure.panels[0].curves[0].predicted = {low, high};
  figure.y_min = low, figure.y_max = high;
  return figure;
}

Labels y_tics(double low, double high) { return tics(drawn(over_y(low, high)), "end"); }

Labels deviation_tics(double deviation) {
  Figure figure = over_y(0, 1);
  figure.panels[0].curves[0].measured = {0, 1 + deviation};
  const Labels labels = tics(drawn(figure), "end");
  return {labels.end() - 3, labels.end()};
}

}  // namespace

TEST_CASE("logarithmic axes are labelled with powers of ten") {
  CHECK(Axis{1, 100, true}.fraction(10) == doctest::Approx(0.5));
  CHECK(Axis{1, 100, true}.value_at(0.5) == doctest::Approx(10));
  CHECK(std::isnan(Axis{1, 100, true}.fraction(0)));
  if (!gnuplot_found()) return;
  CHECK(x_tics(1, 1e4, true) == Labels{"10^0", "10^1", "10^2", "10^3", "10^4"});
  CHECK(x_tics(0.02, 3, true) == Labels{"0.1", "1"});
  CHECK(x_tics(1.5, 30, true) == Labels{"2", "5", "10", "20"});
  CHECK(x_tics(1e-9, 1e9, true).size() <= 8);
  CHECK(x_tics(1e-9, 1e9, true).size() >= 5);
}

TEST_CASE("linear axes are labelled with round numbers") {
  if (!gnuplot_found()) return;
  CHECK(y_tics(-0.1, 3.1) == Labels{"0", "0.5", "1", "1.5", "2", "2.5", "3"});
  CHECK(y_tics(0, 2e6) == Labels{"0", "500000", "1\u00d710^6", "1.5\u00d710^6", "2\u00d710^6"});
  CHECK(x_tics(-1, 1, false, 1) == Labels{"\u22121", "\u22120.5", "0", "0.5", "1"});
  CHECK(x_tics(-1, 1, false, 2) ==
        Labels{"\u22121", "0", "1", "\u22121", "0", "1"});  // in each of two narrow panels
  CHECK(deviation_tics(0.013) == Labels{"\u22120.01", "0", "0.01"});
  CHECK(deviation_tics(0) == Labels{"\u22121", "0", "1"});
}

TEST_CASE("tics of a narrow range are told apart and stay in the picture") {
  if (!gnuplot_found()) return;
  const std::vector<DrawnText> texts = drawn(over_y(1, 1 + 2e-7));
  const Labels labels = tics(texts, "end");
  CHECK(labels.size() > 2);
  CHECK(std::set<std::string>(labels.begin(), labels.end()).size() == labels.size());
  for (const DrawnText& text : texts)
    if (text.anchor == "end") CHECK(text.x - 8 * static_cast<double>(text.text.size()) > 0);
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
  if (!gnuplot_found()) return;
  Figure figure = sample_figure("many");
  figure.panels.resize(1);
  Curve curve = figure.panels[0].curves[0];
  for (int k = 0; k < 8; ++k) {
    curve.label = "copy " + std::to_string(k);
    figure.panels[0].curves.push_back(curve);
  }
  std::vector<double> heights;
  for (const DrawnText& text : drawn(figure))
    if (text.text.starts_with("copy") || text.text.starts_with("top")) heights.push_back(text.y);
  REQUIRE(heights.size() == 10);
  std::sort(heights.begin(), heights.end());
  for (std::size_t k = 1; k < heights.size(); ++k) CHECK(heights[k] - heights[k - 1] > 15);
  CHECK(heights.front() > 15);
}
