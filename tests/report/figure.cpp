#include "../temporary_folder.hpp"
#include "drawing.hpp"
#include "markup.hpp"
#include "sample.hpp"
#include <hourglass/core/file.hpp>
#include <hourglass/report/figure.hpp>
#include <hourglass/report/write.hpp>

#include <cstdlib>
#include <limits>
#include <locale>
#include <sstream>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

namespace fs = std::filesystem;

// Looks for programs in one folder only, until the test ends.
class SearchPath {
 public:
  explicit SearchPath(const fs::path& folder) : before_(std::getenv("PATH")) {
    setenv("PATH", folder.c_str(), 1);
  }
  ~SearchPath() { setenv("PATH", before_.c_str(), 1); }

 private:
  std::string before_;
};

fs::path fake_gnuplot(const TemporaryFolder& folder, const std::string& script) {
  const fs::path program = folder.write("bin/gnuplot", "#!/bin/sh\n" + script);
  fs::permissions(program, fs::perms::owner_all);
  return program.parent_path();
}

std::string complaint(const Figure& figure, const fs::path& folder) {
  try {
    write_figure(figure, folder);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a figure is drawn, with script and data beside it, whatever the path is called") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  const fs::path odd = folder.path() / "it's; $(touch hacked) \"odd\" `x` \u00e4";
  const fs::path svg = write_figure(sample_figure("modes"), odd);
  CHECK(svg == odd / "modes.svg");
  for (const char* name : {"modes.svg", "modes.gp", "modes.dat"}) CHECK(fs::exists(odd / name));
  CHECK(std::distance(fs::directory_iterator(odd), fs::directory_iterator()) == 3);
  CHECK(!fs::exists(odd / "hacked"));
  const std::string text = read_file(svg);
  CHECK(malformed(text) == "");
  CHECK(repeated_id(text) == "");
  CHECK(contains(text, "<title>modes</title>"));
  for (const char* part : {"theory", "measured", "step", "mode strength", "noise", "0, 114, 178"})
    CHECK_MESSAGE(contains(text, part), std::string(part));
}

TEST_CASE("the script draws the same figure again from its folder") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  const std::string first = read_file(write_figure(sample_figure("modes"), folder.path()));
  fs::remove(folder.path() / "modes.svg");
  const std::string command = "cd '" + folder.path().string() + "' && gnuplot -d modes.gp";
  REQUIRE(std::system(command.c_str()) == 0);
  CHECK(read_file(folder.path() / "modes.svg") == first);
}

TEST_CASE("the user's choice of a terminal for gnuplot does not matter") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  setenv("GNUTERM", "no such terminal", 1);
  CHECK(complaint(sample_figure("modes"), folder.path()) == "");
  unsetenv("GNUTERM");
}

TEST_CASE("odd text in labels is drawn literally and breaks nothing") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  Figure figure = sample_figure("odd");
  figure.y_label = "it's <b> & \"x_1^2\" `date` {a} \\n %d @ ~\nend";
  figure.panels[0].title = figure.panels[0].curves[0].label = figure.y_label;
  figure.x_label = "it's \\";
  figure.level_meaning = "PCA's {x_1}";
  figure.panels[0].levels = {{"''", 0.5}, {"@data", 0.6}};
  const std::string text = read_file(write_figure(figure, folder.path()));
  CHECK(malformed(text) == "");
  CHECK(contains(text, "x_1^2"));
  CHECK(contains(text, "`date` {a}"));
  CHECK(contains(text, "<text>it's \\</text>"));
  CHECK(contains(text, "PCA's {x_1}"));
  CHECK(contains(text, "<text>@data</text>"));
  CHECK(contains(text, "<text>''</text>"));
}

TEST_CASE("figures without measurement, prediction, positive values or any value are drawn") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  const auto drawn = [&](auto change) {
    Figure figure = sample_figure("partial");
    for (Panel& panel : figure.panels)
      for (Curve& curve : panel.curves) change(figure, curve);
    return malformed(read_file(write_figure(figure, folder.path())));
  };
  CHECK(drawn([](Figure&, Curve& c) { c.measured.clear(); }) == "");
  CHECK(drawn([](Figure&, Curve& c) { c.predicted.clear(); }) == "");
  CHECK(drawn([](Figure& f, Curve&) { f.log_y = true; }) == "");
  CHECK(drawn([](Figure&, Curve& c) { c.measured = c.predicted; }) == "");
  CHECK(drawn([](Figure&, Curve& c) { c.measured.assign(c.x.size(), NAN); }) == "");
  CHECK(drawn([](Figure&, Curve& c) {  // a range narrower than tics can be told apart
          c.measured.assign(c.x.size(), 1 + 2e-16);
          c.predicted.assign(c.x.size(), 1);
        }) == "");
  CHECK(drawn([](Figure&, Curve& c) {
          c.measured.assign(c.x.size(), std::numeric_limits<double>::infinity());
          c.predicted.assign(c.x.size(), NAN);
        }) == "");
  CHECK(drawn([](Figure&, Curve& c) { c.x.clear(), c.measured.clear(), c.predicted.clear(); }) ==
        "");
  CHECK(drawn([](Figure& f, Curve&) { f.panels[1].curves.resize(0); }) == "");
}

TEST_CASE("the largest and smallest numbers are drawn, and a decimal comma changes nothing") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  const auto drawn = [&](double low, double high, bool log) {
    Figure figure{.name = "range", .log_x = log, .log_y = log};
    const std::vector<double> values{low, high};
    figure.panels = {
        {.curves = {{.label = "one", .x = values, .measured = {low, low}, .predicted = values}}}};
    return read_file(write_figure(figure, folder.path()));
  };
  CHECK(malformed(drawn(-1e300, 1e300, false)) == "");
  CHECK(malformed(drawn(1e-300, 1e300, true)) == "");
  CHECK(malformed(drawn(1e-300, 3e-300, false)) == "");
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    std::string do_grouping() const override { return "\1"; }
  };
  const std::string plain = drawn(0.5, 12345.5, false);
  const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
  CHECK(drawn(0.5, 12345.5, false) == plain);
  std::locale::global(before);
}

TEST_CASE("bands, levels and relative deviations are drawn and widen the range") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  Figure figure = sample_figure("bands");
  figure.relative_deviation = true;
  figure.panels[0].levels = {{"PCA level", 1.5}};
  for (Curve& curve : figure.panels[0].curves)
    for (const double value : curve.measured) {
      curve.low.push_back(value - 0.1);
      curve.high.push_back(value + 0.1);
    }
  const std::string text = read_file(write_figure(figure, folder.path()));
  CHECK(malformed(text) == "");
  CHECK(contains(text, "PCA level"));
  CHECK(contains(text, "top 0.500000 band"));
  CHECK(contains(text, "1.5"));  // a tic: no curve reaches it
  const std::string data = read_file(folder.path() / "bands.dat");
  CHECK(contains(data, "\n10 0.51 0.5 0.02"));
  figure.panels[0].curves[0].high.clear();
  CHECK(contains(complaint(figure, folder.path()), "only one edge"));
}

TEST_CASE("figures that make no sense are refused") {
  const TemporaryFolder folder;
  for (const char* name : {"", "../up", "a b", "x;y", ".hidden"})
    CHECK_THROWS_AS(write_figure(sample_figure(name), folder.path()), std::invalid_argument);
  Figure figure = sample_figure("short");
  figure.panels[1].curves[0].measured.pop_back();
  CHECK_THROWS_AS(write_figure(figure, folder.path()), std::invalid_argument);
  figure = sample_figure("range");
  figure.y_min = 2, figure.y_max = 1;
  CHECK_THROWS_AS(write_figure(figure, folder.path()), std::invalid_argument);
  figure.y_min = 0, figure.log_y = true;
  CHECK_THROWS_AS(write_figure(figure, folder.path()), std::invalid_argument);
  figure.panels.clear();
  CHECK_THROWS_AS(write_figure(figure, folder.path()), std::invalid_argument);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a missing or failing gnuplot is reported and leaves nothing") {
  const TemporaryFolder folder;
  const fs::path figures = folder.path() / "figures";
  const auto nothing_left = [&] { return fs::is_empty(figures); };
  {
    const SearchPath none(folder.path());
    CHECK(contains(complaint(sample_figure("a"), figures), "apt-get install gnuplot"));
    CHECK(nothing_left());
  }
  {
    const SearchPath fake(fake_gnuplot(folder, "echo 'line 3: no' >&2; exit 1\n"));
    const std::string found = complaint(sample_figure("b"), figures);
    CHECK_MESSAGE(contains(found, "gnuplot failed on b.gp: line 3: no"), found);
    CHECK(nothing_left());
  }
  {
    const SearchPath fake(fake_gnuplot(folder, "echo '<svg>' > c.svg\n"));
    CHECK(contains(complaint(sample_figure("c"), figures), "half a drawing in c.svg"));
    CHECK(nothing_left());
  }
  {
    const SearchPath fake(fake_gnuplot(folder, "kill -9 $$\n"));
    CHECK(contains(complaint(sample_figure("d"), figures), "gnuplot failed"));
    CHECK(nothing_left());
  }
}

TEST_CASE("the numbers of a run survive a failing gnuplot") {
  const TemporaryFolder folder;
  Run run = sample_run();
  run.figures = {sample_figure("modes")};
  const SearchPath none(folder.path());
  const fs::path out = folder.path() / "out";
  CHECK_THROWS_AS(write_report(run, out), std::runtime_error);
  CHECK(fs::exists(out / "trajectory.csv"));
  CHECK(fs::exists(out / "summary.json"));
  CHECK(!fs::exists(out / "report.html"));
  CHECK(!fs::exists(out / "figures"));
}

TEST_CASE("a report is written whole into a folder that is made for it") {
  if (!gnuplot_found()) return;
  const TemporaryFolder folder;
  Run run = sample_run();
  run.figures = {sample_figure("modes"), sample_figure("again")};
  const fs::path page = write_report(run, folder.path() / "results" / "tryout");
  CHECK(page == folder.path() / "results" / "tryout" / "report.html");
  const std::string text = read_file(page);
  CHECK(malformed(text) == "");
  CHECK(repeated_id(text) == "");
  CHECK(contains(text, "figures/again.svg"));
  write_report(run, folder.path() / "results" / "tryout");  // over the first
}
