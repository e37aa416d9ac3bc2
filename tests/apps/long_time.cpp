#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_CASE("long_time: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const ProgramRun run =
      run_program("long_time",
                  "--strict --dimensions 200 --simulated-until 1000 --erf-spectra 0.7 "
                  "--tied-dimensions 50 --relu-units 1 --out " +
                      out.string(),
                  scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "long_time");
  CHECK(summary["comparisons"].size() == 3 + 3 + 2 + 1 + 2);
  for (const char* name : {"erf_laws", "training", "tied", "relu", "bias"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("have exponents within") != std::string::npos);
}

TEST_CASE("long_time: bad usage exits 2") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  for (const char* arguments :
       {"--lr 0", "--until 10", "--erf-spectra 0.6:x", "--tied-dimensions 1", "--records 2"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("long_time", std::string(arguments) + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("long_time: "));
  }
}
