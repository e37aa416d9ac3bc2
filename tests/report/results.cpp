// Results of two runs in one folder: at no moment files of both.

#include "../temporary_folder.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/file.hpp>
#include <hourglass/report/results.hpp>

#include <set>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hourglass;

namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

Names names_in(const fs::path& folder) {
  Names names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_directory()) names.insert(fs::relative(entry.path(), folder).generic_string());
  return names;
}

// A whole set, of which every file says whose it is; the summary names `figure`.
void put_results(const fs::path& folder, const std::string& whose, const std::string& figure) {
  write_file(folder / "summary.json",
             R"({"of": ")" + whose + R"(", "files": ["report.html", "summary.json", "weights", )" +
                 R"("figures/)" + figure + R"(.svg", "../mine", "figures/../mine", "sub/mine"]})");
  for (const std::string& name :
       {std::string("report.html"), std::string("trajectory.csv"), "figures/" + figure + ".svg"})
    write_file(folder / name, whose);
}

}  // namespace

TEST_CASE("results: those of an earlier run are set aside whole, and nothing else is touched") {
  const testing::TemporaryFolder scratch;
  const fs::path out = scratch.path() / "out";
  scratch.write("mine", "x");
  put_results(out, "old", "f");
  write_file(out / "weights", "old");
  for (const char* name : {"mine", "figures/mine.pdf", "sub/mine"}) write_file(out / name, "x");
  set_aside_results(out, {"weights"});
  CHECK(names_in(out) == Names{"mine", "figures/mine.pdf", "sub/mine",
                               "previous-results/report.html", "previous-results/summary.json",
                               "previous-results/trajectory.csv", "previous-results/weights",
                               "previous-results/figures/f.svg"});
  // a run that was stopped left its weights alone: they go, what is set aside stays
  write_file(out / "weights", "stopped");
  set_aside_results(out, {"weights"});
  CHECK(read_file(out / "previous-results" / "weights") == "old");
  CHECK_FALSE(fs::exists(out / "weights"));

  put_results(scratch.path() / "prepared", "new", "g");
  publish_results(scratch.path() / "prepared", out);
  CHECK(names_in(out) == Names{"mine", "figures/mine.pdf", "sub/mine", "report.html",
                               "summary.json", "trajectory.csv", "figures/g.svg"});
  CHECK(fs::exists(scratch.path() / "mine"));
}

TEST_CASE("results: killed at any moment while they are published, a page has all of its run") {
  // as if killed there: a rename that fails because a folder is in the way
  for (const std::string blocked :
       {"figures/g.svg", "trajectory.csv", "summary.json", "report.html"}) {
    CAPTURE(blocked);
    const testing::TemporaryFolder scratch;
    const fs::path out = scratch.path() / "out", prepared = scratch.path() / "prepared";
    put_results(out, "old", "f");
    put_results(prepared, "new", "g");
    set_aside_results(out, {});
    fs::create_directories(out / blocked / "in the way");
    CHECK_THROWS_AS(publish_results(prepared, out), SystemError);
    CHECK_FALSE(fs::is_regular_file(out / "report.html"));
    for (const std::string& name : names_in(out))
      if (!name.starts_with("previous-results/")) {
        CAPTURE(name);
        const std::string text = read_file(out / name);
        CHECK(text.find("old") == std::string::npos);
      }
    const fs::path previous = out / "previous-results";
    CHECK(names_in(previous) ==
          Names{"figures/f.svg", "report.html", "summary.json", "trajectory.csv"});
  }
}

TEST_CASE("results: a move that was interrupted is finished by the next run") {
  const testing::TemporaryFolder scratch;
  const fs::path out = scratch.path() / "out", previous = out / "previous-results";
  put_results(out, "old", "f");
  fs::create_directories(previous);
  fs::rename(out / "report.html", previous / "report.html");
  set_aside_results(out, {});
  CHECK(names_in(out) == Names{"previous-results/report.html", "previous-results/summary.json",
                               "previous-results/trajectory.csv",
                               "previous-results/figures/f.svg"});
  // over those of a still earlier run, of which nothing is left
  put_results(out, "newer", "g");
  set_aside_results(out, {});
  CHECK(names_in(previous) ==
        Names{"report.html", "summary.json", "trajectory.csv", "figures/g.svg"});
  CHECK(read_file(previous / "report.html") == "newer");
}

TEST_CASE("a folder is locked by one process; what killed ones left goes") {
  const testing::TemporaryFolder scratch;
  const fs::path out = scratch.path() / "out";
  {
    const FolderLock lock(out);
    const pid_t child = fork();
    if (child == 0) {
      try {
        const FolderLock second(out);
      } catch (const InputError& problem) {
        _exit(std::string(problem.what()).find("another run") != std::string::npos ? 7 : 1);
      }
      _exit(0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 7);
  }
  const FolderLock again(out);
  write_file(out / ".staging-a1b2c3" / "figure.svg", "half");
  write_file(out / ".staging-77-summary.json", "half");
  write_file(out / "staging", "mine");
  sweep_staging(out);
  CHECK(names_in(out) == Names{"staging"});
}
