#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_CASE("noise_vs_decay: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const ProgramRun run = run_program("noise_vs_decay",
                                     "--strict --steps 1500 --paths 3 --scan 0.5,2 --records 60 "
                                     "--lambdas 2,1 --out " +
                                         out.string(),
                                     scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "noise_vs_decay");
  CHECK(summary["comparisons"].size() == 3 * 3 * 2 + 2 * 3 * 2 + 2 * 2 + 3 * 3 * 2 + 3);
  for (const char* name : {"paths", "noise_strengths", "decay_strengths", "optimal_rate_strengths",
                           "rates", "sharpness", "weight_norms", "network_sharpness"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("end in the same place") != std::string::npos);
}

TEST_CASE("noise_vs_decay: bad usage exits 2 and leaves nothing in --out") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  for (const char* arguments : {"--rate 1", "--lambdas 0", "--scan -1", "--steps 0", "--paths 0",
                                "--variances x", "--data fashion-mnist"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("noise_vs_decay", std::string(arguments) + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("noise_vs_decay: "));
    CHECK_FALSE(std::filesystem::exists(out));
  }
}
