#include "../data/files.hpp"
#include "program.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <spawn.h>

extern char** environ;

namespace {

// An IDX file of `count` images of height x width pixels, dark and smooth, no two alike.
std::string images(std::uint32_t count, std::uint32_t height, std::uint32_t width) {
  std::string file = hourglass::testing::idx_header(8, {count, height, width});
  std::uint32_t state = 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    for (std::uint32_t y = 0; y < height; ++y)
      for (std::uint32_t x = 0; x < width; ++x)
        file += static_cast<char>((state >> 26) * (x + 1) / width +
                                  (state >> 20 & 63) * y / height + (state >> (x + y) % 24 & 7));
  }
  return file;
}

const std::string tiny =
    "--encoder 12,6,3 --noise gaussian:0.01 --penalty l2:1e-4 --optimiser adam:2e-3 --batch 30 "
    "--validation 0.2 ";

ProgramRun train(const Scratch& scratch, const std::string& arguments,
                 const std::string& out = "out") {
  return run_program("train", "--out " + (scratch.path() / out).string() + " " + arguments,
                     scratch);
}

// Starts train, sends the signal once a checkpoint is there, and returns the wait status.
int interrupted(const Scratch& scratch, const std::string& arguments, const std::string& out,
                int signal) {
  const std::string program = std::string(std::getenv("HOURGLASS_APPS")) + "/train";
  const std::string command = "exec '" + program + "' " + arguments + " --out " +
                              (scratch.path() / out).string() + " > " +
                              (scratch.path() / "killed").string() + " 2>&1";
  std::vector<std::string> words{"/bin/sh", "-c", command};
  std::vector<char*> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, "/bin/sh", nullptr, nullptr, argv.data(), environ) == 0);
  const auto file = scratch.path() / out / "checkpoint.safetensors";
  for (int k = 0; k < 60000 && !std::filesystem::exists(file); ++k)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(child, signal);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

nlohmann::json summary_of(const Scratch& scratch, const std::string& out = "out") {
  return nlohmann::json::parse(text_of(scratch.path() / out / "summary.json"));
}

}  // namespace

TEST_CASE("train: killed in the middle and resumed, the end is that of an undisturbed run") {
  const Scratch scratch;
  const std::string arguments = tiny + "--epochs 3000 --checkpoint-every 0.05 --data " +
                                scratch.file("images", images(400, 4, 3));
  const ProgramRun whole = train(scratch, arguments, "whole");
  REQUIRE_MESSAGE(whole.status == 0, whole.err);
  const auto same = [&](const std::string& out, const char* file) {
    const std::string expected = text_of(scratch.path() / "whole" / file);
    CHECK(expected.size() > 500);
    CHECK_MESSAGE(text_of(scratch.path() / out / file) == expected, out, " ", file);
  };
  for (const int signal : {SIGTERM, SIGKILL}) {
    CAPTURE(signal);
    const std::string out = "signal" + std::to_string(signal);
    const int status = interrupted(scratch, arguments, out, signal);
    if (signal == SIGTERM) {
      CHECK(WIFEXITED(status));
      CHECK(WEXITSTATUS(status) == 128 + SIGTERM);
      CHECK(text_of(scratch.path() / "killed").find("--resume") != std::string::npos);
    } else {
      CHECK(WIFSIGNALED(status));
    }
    CHECK_FALSE(std::filesystem::exists(scratch.path() / out / "report.html"));
    const ProgramRun resumed = train(scratch, arguments + " --resume --threads 2", out);
    CHECK_MESSAGE(resumed.status == 0, resumed.err);
    CHECK(resumed.out.starts_with("resuming from "));
    same(out, "checkpoint.safetensors");
    same(out, "weights.safetensors");
    same(out, "trajectory.csv");
  }
}

TEST_CASE("train: longer in two runs is the same as at once; --resume alone begins anew") {
  const Scratch scratch;
  const std::string arguments = tiny + "--data " + scratch.file("images", images(100, 4, 3));
  CHECK(train(scratch, arguments + " --epochs 7", "whole").status == 0);
  const ProgramRun first = train(scratch, arguments + " --resume --epochs 3");
  CHECK_MESSAGE(first.status == 0, first.err);
  CHECK(first.out.starts_with("beginning anew"));
  CHECK(train(scratch, arguments + " --resume --epochs 7").status == 0);
  CHECK(text_of(scratch.path() / "out" / "checkpoint.safetensors") ==
        text_of(scratch.path() / "whole" / "checkpoint.safetensors"));
  const ProgramRun fewer = train(scratch, arguments + " --resume --epochs 5");
  CHECK(fewer.status == 2);
  CHECK_MESSAGE(fewer.err.find("--epochs: found 5, expected at least 7") != std::string::npos,
                fewer.err);
}

extern "C" [[gnu::weak]] void __asan_init();  // there where addresses are checked

TEST_CASE("train: the weights are there whatever becomes of the comparison") {
  if (&__asan_init) return;  // needs terabytes of addresses
  const Scratch scratch;
  std::string rows;
  for (std::uint32_t n = 0, state = 1; n < 20; ++n)
    for (int d = 0; d < 12000; ++d) {
      state = state * 1664525u + 1013904223u;
      rows += std::to_string(state >> 30) + (d + 1 < 12000 ? "," : "\n");
    }
  const std::string out = (scratch.path() / "out").string();
  // room for the rows, the network and a matrix of 20 x 20, but not for one of 12000 x 12000
  const std::string command =
      "ulimit -v 1000000; exec '" + std::string(std::getenv("HOURGLASS_APPS")) +
      "/train' --encoder 12000,2 --batch 5 --epochs 2 --threads 1 --data '" +
      scratch.file("wide.csv", rows) + "' --out '" + out + "' 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  char said[4096] = "";
  const std::size_t size = fread(said, 1, sizeof said - 1, pipe);
  CHECK_MESSAGE(pclose(pipe) == 0, std::string(said, size));
  CHECK(std::filesystem::exists(scratch.path() / "out" / "weights.safetensors"));
  CHECK(std::filesystem::exists(scratch.path() / "out" / "report.html"));
}

TEST_CASE("train: images in the page, options from TOML, the command line wins") {
  const Scratch scratch;
  const std::string config = scratch.file(
      "train.toml",
      "encoder = [784, 8, 4]\nactivation = \"sigmoid\"\ntied = true\nepochs = 9\nbatch = 10\n"
      "penalty = [\"l2:1e-4\"]\n");
  const ProgramRun run = train(scratch, "--config " + config + " --epochs 2 --data " +
                                            scratch.file("images", images(40, 28, 28)));
  REQUIRE_MESSAGE(run.status == 0, run.err);
  const auto summary = summary_of(scratch);
  CHECK(summary["config"]["epochs"] == 2);
  CHECK(summary["config"]["tied"] == true);
  CHECK(summary["config"]["activation"] == "sigmoid");
  CHECK(summary["config"]["encoder"] == std::vector<double>{784, 8, 4});
  CHECK(summary["comparisons"].size() == 2);
  const std::string page = text_of(scratch.path() / "out" / "report.html");
  CHECK(page.find("src=\"data:image/png;base64,") != std::string::npos);
  for (const char* file : {"reconstructions.png", "encoder_features.png", "learning_curve.svg"})
    CHECK(std::filesystem::exists(scratch.path() / "out" / "figures" / file));
}

TEST_CASE("train: a linear network meets principal components, or --strict says so") {
  const Scratch scratch;
  const std::string linear =
      "--encoder 12,3 --batch 80 --validation 0 --strict "
      "--optimiser adam:1e-2 --data " +
      scratch.file("images", images(400, 4, 3));
  const ProgramRun good =
      train(scratch, linear + " --activation linear --epochs 2000 --schedule cosine:10000");
  CHECK_MESSAGE(good.status == 0, good.out, good.err);
  const auto quantities = summary_of(scratch)["comparisons"][0]["quantities"];
  CHECK(std::abs(quantities[0]["deviation"].get<double>()) < 0.02);
  CHECK(text_of(scratch.path() / "out" / "report.html").find("There are no images") !=
        std::string::npos);
  CHECK(train(scratch, linear + " --activation linear --epochs 1").status == 3);
  // a decoder that is linear may not end below principal components, whatever the rest
  CHECK(train(scratch, linear + " --epochs 1 --activation tanh").status == 0);
  CHECK(train(scratch, linear + " --activation linear --epochs 1 --noise gaussian:0.1").status ==
        0);
  CHECK(summary_of(scratch)["verdict"]["judged"] == 1);
  const ProgramRun free = train(scratch, linear + " --epochs 1 --output-activation tanh");
  CHECK(free.status == 3);
  CHECK(summary_of(scratch)["verdict"]["agrees"].is_null());
  CHECK(free.out.find("not judged") != std::string::npos);
}

TEST_CASE(
    "train: texts of options are read before data are, and the batch is the one that is used") {
  const Scratch scratch;
  for (const char* option :
       {"--code-noise", "--noise", "--hidden-noise", "--activation", "--loss", "--code-activation",
        "--output-activation", "--penalty", "--optimiser", "--schedule"}) {
    CAPTURE(option);
    const ProgramRun run =
        train(scratch, std::string(option) + " foo --encoder 12,6,3 --data no-such-file");
    CHECK(run.status == 2);
    CHECK(run.err.starts_with(std::string("train: ") + option));
  }
  const std::string data = scratch.file("images", images(50, 4, 3));
  CHECK(train(scratch, "--encoder 12,3 --epochs 1 --batch 1000 --data " + data).status == 0);
  CHECK(summary_of(scratch)["config"]["batch"] == 45);
  const ProgramRun one = train(scratch, "--encoder 12,3 --samples 1 --data " + data);
  CHECK(one.status == 2);
  CHECK(one.err.find("--validation: found 0.1, expected a share that leaves rows") !=
        std::string::npos);
}

TEST_CASE("train: weights that the last step of all made NaN are a divergence") {
  const Scratch scratch;
  const std::string diverging =
      "--encoder 12,4,3 --activation linear --optimiser sgd:1e80 --batch 40 --validation 0 "
      "--strict --data " +
      scratch.file("images", images(40, 4, 3));
  for (const char* epochs : {" --epochs 1", " --epochs 2", " --epochs 3"}) {
    CAPTURE(epochs);
    const ProgramRun run = train(scratch, diverging + epochs);
    CHECK(run.status == 1);
    CHECK_MESSAGE(run.err.find("diverged") != std::string::npos, run.err);
  }
}

TEST_CASE("train: data that components describe exactly are no disagreement") {
  const Scratch scratch;
  std::string rows;
  for (int k = 1; k <= 40; ++k) {
    const std::string x = std::to_string(k % 7 - 3 + 0.01 * k);
    rows += x + "," + x + "," + x + "," + x + "\n";
  }
  const ProgramRun run =
      train(scratch,
            "--encoder 4,2 --activation linear --batch 20 --validation 0 --epochs 200 "
            "--optimiser adam:1e-2 --strict --data " +
                scratch.file("rows.csv", rows));
  CHECK_MESSAGE(run.status == 3, run.out, run.err);  // nothing that is judged
  CHECK(summary_of(scratch)["verdict"]["agrees"].is_null());
  CHECK(text_of(scratch.path() / "out" / "report.html").find("of the same rank leave none") !=
        std::string::npos);
  CHECK(run.out.find("e+") == std::string::npos);  // no ratio to rounding
}

TEST_CASE("train: bad usage and bad input exit 2 with one line") {
  const Scratch scratch;
  const std::string good = "--data " + scratch.file("images", images(50, 4, 3)) + " --epochs 1 ";
  const std::string small = good + "--encoder 12,3 ";
  struct Case {
    std::string arguments, expected;
  };
  const std::vector<Case> cases{
      {good, "--encoder: found an input of 784, expected 12"},
      {good + "--encoder 12", "--encoder: found sizes 12"},
      {good + "--encoder 12,0", "--encoder: found sizes 12,0"},
      {good + "--encoder 12,x", "--encoder"},
      {good + "--encoder 12,-1", "--encoder"},
      {small + "--decoder 4,12", "--decoder: found 4,12"},
      {small + "--decoder 3,11", "--decoder: found 3,11"},
      {small + "--decoder 3,5,12 --tied", "--tied"},
      {small + "--activation magic", "magic"},
      {small + "--code-activation magic", "magic"},
      {small + "--output-activation magic", "magic"},
      {small + "--noise gaussian:-1", "gaussian:-1"},
      {good + "--encoder 12,6,3 --hidden-noise gaussian", "gaussian"},
      {small + "--hidden-noise gaussian:1", "--hidden-noise: given"},
      {small + "--activation relu --code-activation tanh", "--activation: given"},
      {small + "--code-noise masking:2", "masking:2"},
      {small + "--loss magic", "magic"},
      {small + "--penalty l2", "l2"},
      {small + "--penalty magic:1", "magic"},
      {small + "--optimiser adam", "adam"},
      {small + "--optimiser adam:-1", "adam:-1"},
      {small + "--schedule cosine:0", "cosine:0"},
      {small + "--initialiser magic", "magic"},
      {small + "--batch 0", "--batch: found 0"},
      {small + "--batch -1", "--batch"},
      {"--encoder 12,3 --epochs 0 --data " + scratch.file("images", images(50, 4, 3)),
       "--epochs: found 0"},
      {small + "--validation 1", "--validation: found 1"},
      {small + "--validation nan", "--validation: found nan"},
      {small + "--validation 0.999", "--validation: found 0.999"},
      {small + "--config " + scratch.file("bad.toml", "epoch = 5\n"), "epoch"},
      {small + "--config " + scratch.file("type.toml", "batch = \"many\"\n"), "batch"},
      {good + "--config " + scratch.file("cut.toml", "encoder = [12,\n"), "cut.toml: line 1"},
      {small + "--config " + (scratch.path() / "missing.toml").string(), "missing.toml"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = train(scratch, c.arguments);
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CAPTURE(run.err);
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    CHECK(run.err.starts_with("train: "));
    CHECK(run.err.find(c.expected) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  }
}

TEST_CASE("train: a checkpoint of another run or a damaged one is refused, and left alone") {
  const Scratch scratch;
  const std::string data = " --data " + scratch.file("images", images(50, 4, 3));
  const std::string small = "--encoder 12,3 ", base = "--batch 10 --resume --epochs 2 ";
  REQUIRE(train(scratch, base + small + data).status == 0);
  const auto file = scratch.path() / "out" / "checkpoint.safetensors";
  const std::string saved = text_of(file);
  struct Case {
    std::string arguments, expected;
  };
  const std::vector<Case> cases{
      {base + "--encoder 12,4" + data, "decoder: found '3,12', expected '4,12'"},
      {base + small + "--optimiser sgd:0.1" + data, "optimiser: found 'adam:1e-3'"},
      {base + small + "--seed 2" + data, "seed: found '1', expected '2'"},
      {base + small + "--noise gaussian:1" + data, "noise: found 'none'"},
      {base + small + "--data " + scratch.file("other", images(51, 4, 3)),
       "data: found '50 samples"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.arguments);
    const ProgramRun run = train(scratch, c.arguments + " --quiet");
    CHECK(run.status == 2);
    CAPTURE(run.err);
    CHECK(run.err.find("checkpoint.safetensors: " + c.expected) != std::string::npos);
    CHECK(text_of(file) == saved);
  }
  for (const std::string& bad :
       {saved.substr(0, saved.size() - 8), std::string("{}"), saved + "x",
        saved.substr(0, saved.size() - 9) + "x" + saved.substr(saved.size() - 8)}) {
    std::ofstream(file, std::ios::binary) << bad;
    const ProgramRun run = train(scratch, base + small + data + " --quiet");
    CHECK(run.status == 2);
    CHECK_MESSAGE(run.err.find("checkpoint.safetensors: ") != std::string::npos, run.err);
    CHECK(text_of(file) == bad);
  }
}
