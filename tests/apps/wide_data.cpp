#include "program.hpp"
#include <hourglass/core/array.hpp>
#include <hourglass/random/stream.hpp>

#include <cmath>
#include <sstream>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

// `rows` lines of `columns` numbers: standard normals times `deviation`, about `mean`.
std::string csv(std::size_t rows, std::size_t columns, double mean, double deviation) {
  const hourglass::Array x = hourglass::Stream{.seed = 4}.normals({rows, columns});
  std::ostringstream text;
  text.precision(12);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      text << mean + deviation * double(x(r, c)) << (c + 1 < columns ? "," : "\n");
  return text.str();
}

ProgramRun run(const Scratch& scratch, const std::string& app, const std::string& arguments) {
  return run_program(app, "--quiet --out " + (scratch.path() / "out").string() + " " + arguments,
                     scratch);
}

double least_error(const Scratch& scratch) {
  const auto summary = nlohmann::json::parse(text_of(scratch.path() / "out" / "summary.json"));
  return summary["comparisons"][0]["quantities"][0]["predicted"];
}

}  // namespace

TEST_CASE("apps: 20 rows of 40,000 features") {
  const Scratch scratch;
  const std::string data = "--data " + scratch.file("wide.csv", csv(20, 40000, 0, 1)) + " ";
  const ProgramRun train = run(scratch, "train",
                               data +
                                   "--encoder 40000,2 --activation linear --epochs 1 "
                                   "--batch 5 --validation 0");
  CHECK_MESSAGE(train.status == 0, train.err);
  CHECK(std::filesystem::file_size(scratch.path() / "out/weights.safetensors") > 4 * 160000);
  // two of 19 directions are kept, of variances near 1/20 each
  CHECK(least_error(scratch) == doctest::Approx(0.84).epsilon(0.02));
  // a matrix of 40,000 x 40,000 is refused before anything is computed
  const ProgramRun rotated = run(scratch, "linear_dae", data + "--hidden 2");
  CHECK(rotated.status == 2);
  CHECK_MESSAGE(rotated.err.find("--method: found expected or eigenbasis with 40000 features") !=
                    std::string::npos,
                rotated.err);
  const ProgramRun online = run(scratch, "online_sgd", data);
  CHECK(online.status == 2);
  CHECK_MESSAGE(
      online.err.find("found 40000 features, expected at most 20000") != std::string::npos,
      online.err);
  // where only the modes are needed, it runs
  const ProgramRun sampled =
      run(scratch, "linear_dae", data + "--hidden 2 --method sampled --steps 3 --records 3");
  CHECK_MESSAGE(sampled.status == 0, sampled.err);
}

TEST_CASE("train: the least error of pressures in pascal") {
  const Scratch scratch;
  const double mean = HOURGLASS_SINGLE ? 1e3 : 101325e2;
  const std::string file = scratch.file("pressures.csv", csv(300, 3, mean, 0.8));
  const ProgramRun pressures =
      run(scratch, "train",
          "--data " + file + " --encoder 3,1 --epochs 1 --validation 0 --activation linear");
  REQUIRE_MESSAGE(pressures.status == 0, pressures.err);
  CHECK(least_error(scratch) > 0.6 * 0.64);
  CHECK(least_error(scratch) < 0.67 * 0.64);
}

TEST_CASE("train: cross-entropy is of probabilities") {
  const Scratch scratch;
  const std::string shares = "--data " + scratch.file("shares.csv", csv(40, 4, 0.5, 0.1)) +
                             " --encoder 4,2 --epochs 1 --batch 10 ";
  for (const char* output : {"linear", "tanh", "relu"}) {
    const ProgramRun refused =
        run(scratch, "train", shares + "--loss cross_entropy --output-activation " + output);
    CHECK(refused.status == 2);
    CHECK(refused.err == std::string("train: --loss: found cross_entropy with "
                                     "--output-activation ") +
                             output + ", expected --output-activation sigmoid\n");
  }
  const ProgramRun logits = run(scratch, "train", shares + "--loss cross_entropy_with_logits");
  CHECK(logits.status == 2);
  const ProgramRun accepted =
      run(scratch, "train", shares + "--loss cross_entropy --output-activation sigmoid");
  CHECK_MESSAGE(accepted.status == 0, accepted.err);
  const ProgramRun help = run_program("train", "--help", scratch);
  CHECK(help.out.find("cross_entropy") != std::string::npos);
  CHECK(help.out.find("cross_entropy_with_logits") == std::string::npos);
}
