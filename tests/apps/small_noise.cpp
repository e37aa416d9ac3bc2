#include "program.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_CASE("small_noise: a short run agrees and writes its results") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  const ProgramRun run =
      run_program("small_noise",
                  "--strict --steps 3000 --sigmas 1 --samples 16 --draws 100 --records 20 --out " +
                      out.string(),
                  scratch);
  CHECK_MESSAGE(run.status == 0, run.out, run.err);
  CHECK(run.err.empty());
  CHECK(run.out.ends_with(out.string() + "/report.html\n"));
  const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
  CHECK(summary["app"] == "small_noise");
  CHECK(summary["comparisons"].size() >= 2 + 4 + 1);
  for (const char* name :
       {"added_loss", "residuals", "coefficients", "denoisers", "denoising_losses"})
    CHECK(text_of(out / "figures" / (std::string(name) + ".svg")).ends_with("</svg>\n\n"));
  CHECK(text_of(out / "report.html").find("residuals scale as σ⁴") != std::string::npos);
}

TEST_CASE("small_noise: bad usage exits 2 and leaves nothing in --out") {
  const Scratch scratch;
  const auto out = scratch.path() / "out";
  for (const char* arguments : {"--sigmas 0", "--levels 2", "--init x", "--steps 0", "--batch 0"}) {
    CAPTURE(arguments);
    const ProgramRun run =
        run_program("small_noise", std::string(arguments) + " --out " + out.string(), scratch);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err.starts_with("small_noise: "));
  }
}
