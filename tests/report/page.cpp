#include "markup.hpp"
#include "sample.hpp"
#include <hourglass/report/write.hpp>

#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

const std::string drawing =
    "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 1 1\">\n<title>modes</title>\n<defs><circle "
    "id='dot'/></defs><g id=\"modes_plot_1a\"><use xlink:href='#dot'/></g><g "
    "id=\"modes_plot_1b\"><text filter='url(#dot)'> href='#dot' </text></g></svg>\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Run run_with_figures() {
  Run run = sample_run();
  run.figures = {Figure{.name = "one", .caption = "A < B"}, Figure{.name = "two", .y_label = "y"}};
  return run;
}

}  // namespace

TEST_CASE("the page opens with the answer, then figure, table, settings, command") {
  const std::string page = to_html(run_with_figures(), {drawing, drawing});
  CHECK(malformed(page) == "");
  std::size_t last = 0;
  for (const char* part : {"<h1>tryout</h1>", "4 of 5 comparisons judged", "Is 1 &lt; 2?", "<svg",
                           "A &lt; B", "half time", "beyond 0.125", "Settings", "cbf43926",
                           "Command", "trajectory.csv", "figures/two.gp"}) {
    const std::size_t found = page.find(part, last);
    REQUIRE_MESSAGE(found != std::string::npos, std::string(part));
    last = found;
  }
}

TEST_CASE("free text is escaped wherever it appears") {
  Run run = run_with_figures();
  const std::string odd = "<script>\"&'\x01";
  run.title = run.app = run.version = run.answer = run.data.name = odd;
  run.notes = {odd};
  run.comparison.agreements[0].column.series = odd;
  run.comparison.agreements[0].quantities[0].name = odd;
  run.comparison.agreements[0].quantities[0].unit = odd;
  run.figures[0].caption = odd;
  const std::string page = to_html(run, {drawing, drawing});
  CHECK(malformed(page) == "");
  CHECK(!contains(page, "<script"));
  CHECK(!contains(page, "\x01"));
  CHECK(contains(page, "&lt;script&gt;&quot;&amp;&#39; "));
}

TEST_CASE("the page loads nothing from elsewhere") {
  const std::string page = to_html(run_with_figures(), {drawing, drawing});
  for (const char* part : {"http:", "https:", "src=", "@import", "<link", "<script"})
    CHECK_MESSAGE(!contains(page, part), std::string(part));
}

TEST_CASE("numbers that do not exist are dashes") {
  const std::string page = to_html(sample_run(), {});
  CHECK(!contains(page, "nan"));
  CHECK(contains(page, "<td>\u2013</td><td>40</td><td class=\"bad\">\u2013 "));
  CHECK(contains(page, "<th>limit</th><td>none</td>"));
}

TEST_CASE("each comparison has the colour and the words of its own verdict") {
  Run run = sample_run();
  run.comparison.agreements[0].tolerance = NAN;
  const std::string page = to_html(run, {});
  CHECK(contains(page, "<td class=\"good\">0&#8239;% <small>within 1&#8239;%</small></td>"));
  CHECK(contains(page, "<td class=\"open\">0 <small>not judged</small></td>"));
  CHECK(contains(page, "<td class=\"bad\">0.25 <small>beyond 0.125</small></td>"));
  CHECK(contains(page, "<td class=\"bad\">\u2013 <small>beyond"));  // expected, not measured
}

TEST_CASE("the headline counts what is judged, and is grey where nothing is") {
  Run run = sample_run();
  run.answer = "So it is.";
  const std::string bad =
      "<p class=\"answer bad\">So it is. <small>(4 of 5 comparisons judged)</small>";
  CHECK(contains(to_html(run, {}), bad));
  run.comparison.agreements.pop_back();
  CHECK(contains(to_html(run, {}), "<p class=\"answer good\">"));
  run.comparison.agreements[0].tolerance = NAN;
  run.comparison.agreements[0].quantities.clear();
  CHECK(contains(to_html(run, {}), "<p class=\"answer open\">So it is. <small>(0 of 1 comparison"));
  run.answer.clear();
  CHECK(contains(to_html(run, {}), "<p class=\"answer open\">Nothing is judged"));
}

TEST_CASE("two drawings in one page share no ids") {
  const std::string page = to_html(run_with_figures(), {drawing, drawing});
  CHECK(repeated_id(page) == "");
  CHECK(contains(page, "id='one-0-dot'"));
  CHECK(contains(page, "href='#two-1-dot'"));
}

TEST_CASE("a drawing stands in the page as it is, but for the prefix of its ids") {
  Run run = run_with_figures();
  run.figures[0].caption = "say \"it\"";
  const std::string page = to_html(run, {drawing, drawing});
  CHECK(contains(page, "role=\"img\" aria-label=\"say &quot;it&quot;\"><svg viewBox"));
  CHECK(contains(page,
                 "<g id=\"one-0-modes_plot_1b\"><text filter='url(#one-0-dot)'> href='#dot' "
                 "</text></g></svg>\n</div>"));
  CHECK(!contains(page, "<?xml"));
  CHECK_THROWS_AS(to_html(run, {"no drawing", drawing}), std::invalid_argument);
  CHECK_THROWS_AS(to_html(sample_run(), {drawing}), std::invalid_argument);
}
