// What kills, signals and failing disks do to the apps: nothing is lost, and nothing is mixed up.

#include "program.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <spawn.h>

extern char** environ;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// An app that runs beside the test; `arguments` and settings of the environment as for a shell.
class Running {
 public:
  Running(const std::string& name, const std::string& arguments, const Scratch& scratch,
          const std::string& environment = "") {
    const char* apps = std::getenv("HOURGLASS_APPS");
    REQUIRE(apps);
    std::vector<std::string> words{"/bin/sh", "-c",
                                   environment + " exec '" + apps + "/" + name + "' " + arguments +
                                       " > '" + (scratch.path() / "stdout").string() + "' 2> '" +
                                       (scratch.path() / "stderr").string() + "'"};
    std::vector<char*> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
    REQUIRE(posix_spawn(&child_, "/bin/sh", nullptr, nullptr, argv.data(), environ) == 0);
  }
  void send(int signal) const { kill(child_, signal); }
  // The exit status as a shell gives it.
  int wait() const {
    int status = 0;
    REQUIRE(waitpid(child_, &status, 0) == child_);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t child_ = 0;
};

void sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

// Rows that no formula finds degenerate.
std::string rows(std::size_t count, std::size_t features) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  std::string text;
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t d = 0; d < features; ++d)
      text += std::to_string(normal(random) / std::sqrt(1 + double(d))) +
              (d + 1 < features ? "," : "\n");
  return text;
}

nlohmann::json without_timing(const fs::path& summary) {
  auto json = nlohmann::json::parse(text_of(summary));
  json.erase("timing");
  json["config"].erase("out");
  return json;
}

void require_same(const fs::path& whole, const fs::path& other) {
  CHECK(text_of(whole / "trajectory.csv").size() > 300);
  for (const std::string file :
       {"trajectory.csv", "weights.safetensors", "checkpoint.safetensors"}) {
    const bool same = text_of(whole / file) == text_of(other / file);
    CHECK_MESSAGE(same, file);
  }
  CHECK(without_timing(whole / "summary.json") == without_timing(other / "summary.json"));
  CHECK(fs::exists(other / "report.html"));
  CHECK_FALSE(fs::exists(other / "checkpoints"));
  CHECK_FALSE(fs::exists(other / "previous-results"));
  for (const auto& entry : fs::directory_iterator(other))
    CHECK_FALSE(entry.path().filename().string().starts_with(".staging-"));
}

struct Work {
  std::string app, arguments;
};

// About a second of each.
std::vector<Work> works(const Scratch& scratch) {
  const std::string data = " --data '" + scratch.file("rows.csv", rows(120, 12)) + "'";
  return {
      {"train", "--encoder 12,6,3 --noise gaussian:0.01 --batch 30 --epochs 3000" + data},
      {"linear_dae", "--hidden 8 --method sampled --steps 3000 --gamma 0.01 --records 50" + data},
      {"linear_dae", "--hidden 8 --depth 3 --steps 8000 --gamma 0.01 --records 50" + data},
      {"relu_dae", "--samples 0 --hidden 16 --steps 3000 --rate 0.05 --gamma 0.01" + data},
      {"landscape", "--hidden 2 --dimensions 5 --steps 4000" + data},
      {"online_sgd", "--features 60 --seeds 3 --time 150 --records 20"},
      {"long_time",
       "--dimensions 100 --until 1e5 --simulated-until 200 --erf-spectra 0.7 --tied-dimensions 20 "
       "--relu-units 1 --relu-starts 1 --records 15"},
      {"small_noise", "--samples 8 --draws 20 --sigmas 0.5 --steps 1500 --records 10"},
      {"noise_vs_decay", "--lambdas 2,1 --variances 1 --scan 0.5 --steps 6000 --paths 2"},
      {"recover", "--n 16 --m 16 --batch 512 --steps 200 --seeds 3"},
  };
}

std::string out(const Scratch& scratch, const std::string& name) {
  return " --quiet --checkpoint-every 0.05 --out '" + (scratch.path() / name).string() + "' ";
}

}  // namespace

TEST_CASE("survival: stopped and resumed, every app ends as if it had not been") {
  const Scratch scratch;
  for (const Work& work : works(scratch)) {
    CAPTURE(work.app);
    CAPTURE(work.arguments);
    const auto start = Clock::now();
    const ProgramRun whole = run_program(work.app, work.arguments + out(scratch, "whole"), scratch);
    REQUIRE_MESSAGE(whole.status == 0, whole.err);
    const double taken = seconds_since(start);
    const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    std::size_t stops = 0;
    double wait = 0.3 * taken;
    for (int tries = 0; tries < 12 && stops < 3; ++tries) {
      const Running running(work.app, work.arguments + " --resume" + out(scratch, "stopped"),
                            scratch);
      sleep(wait);
      running.send(signals[stops]);
      const auto sent = Clock::now();
      const int status = running.wait();
      CHECK(seconds_since(sent) < 10);  // on a loaded machine; a step takes milliseconds
      if (status == 0) {                // ended before
        if (stops > 0) break;
        fs::remove_all(scratch.path() / "stopped");
        wait *= 0.6;
        continue;
      }
      CHECK_MESSAGE(status == 128 + signals[stops], text_of(scratch.path() / "stderr"));
      const std::string said = text_of(scratch.path() / "stdout");
      if (said.empty()) {  // had not begun to listen
        wait *= 1.5;
        continue;
      }
      CHECK(said.find("--resume") != std::string::npos);
      CHECK_FALSE(fs::exists(scratch.path() / "stopped" / "report.html"));
      ++stops;
    }
    CHECK(stops > 0);
    const ProgramRun resumed =
        run_program(work.app, work.arguments + " --resume" + out(scratch, "stopped"), scratch);
    CHECK_MESSAGE(resumed.status == 0, resumed.err);
    require_same(scratch.path() / "whole", scratch.path() / "stopped");
    fs::remove_all(scratch.path() / "whole");
    fs::remove_all(scratch.path() / "stopped");
  }
}

TEST_CASE("survival: killed twenty times at random, train and linear_dae end the same") {
  const Scratch scratch;
  const auto all = works(scratch);
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  for (const Work& work : {all[0], all[1]}) {
    CAPTURE(work.app);
    const auto start = Clock::now();
    REQUIRE(run_program(work.app, work.arguments + out(scratch, work.app), scratch).status == 0);
    const double taken = seconds_since(start);
    const std::string killed = work.app + "-killed";
    for (int k = 0; k < 20; ++k) {
      const int signal = k % 2 == 0 ? SIGKILL : SIGTERM;
      const Running running(work.app, work.arguments + " --resume" + out(scratch, killed), scratch);
      sleep(std::uniform_real_distribution(0.0, 0.25 * taken)(random));
      running.send(signal);
      const int status = running.wait();
      CHECK_MESSAGE((status == 128 + signal || status == 0), text_of(scratch.path() / "stderr"));
    }
    const ProgramRun end =
        run_program(work.app, work.arguments + " --resume" + out(scratch, killed), scratch);
    CHECK_MESSAGE(end.status == 0, end.err);
    require_same(scratch.path() / work.app, scratch.path() / killed);
  }
}

TEST_CASE("survival: a write, fsync or rename that fails loses nothing and mixes nothing") {
  const Scratch scratch;
  const fs::path shim =
      fs::path(std::getenv("HOURGLASS_APPS")).parent_path() / "tests" / "libfailing_calls.so";
  REQUIRE(fs::exists(shim));
  const std::string train =
      "--encoder 12,3 --batch 30 --data '" + scratch.file("rows.csv", rows(60, 12)) + "' --epochs ";
  REQUIRE(run_program("train", train + "3" + out(scratch, "old"), scratch).status == 0);
  REQUIRE(run_program("train", train + "2" + out(scratch, "new"), scratch).status == 0);
  const auto of = [&](const fs::path& folder) {  // of which run a summary is
    return nlohmann::json::parse(text_of(folder / "summary.json"))["config"]["epochs"];
  };
  std::size_t failures = 0;
  for (const std::string call : {"write", "fsync", "rename"})
    for (const std::string how : {"28", "kill"})  // ENOSPC
      for (int nth = 1; nth <= 13; nth += 3) {
        const std::string failing = call + ":" + std::to_string(nth) + ":" + how;
        CAPTURE(failing);
        const fs::path folder = scratch.path() / "out";
        fs::remove_all(folder);
        fs::copy(scratch.path() / "old", folder, fs::copy_options::recursive);
        const Running running("train", train + "2" + out(scratch, "out"), scratch,
                              "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 LD_PRELOAD='" +
                                  shim.string() + "' FAILING_CALL=" + failing);
        const int status = running.wait();
        if (status == 0) continue;
        ++failures;
        const std::string said = text_of(scratch.path() / "stderr");
        CHECK_MESSAGE(status == (how == "kill" ? 128 + SIGKILL : 1), said);
        if (how != "kill") CHECK(std::count(said.begin(), said.end(), '\n') == 1);
        // a page has its own numbers; the old ones are somewhere as long as there are no new ones
        if (fs::exists(folder / "report.html"))
          CHECK(text_of(folder / "trajectory.csv") ==
                text_of(scratch.path() / (of(folder) == 2 ? "new" : "old") / "trajectory.csv"));
        else
          CHECK(fs::exists(folder / "previous-results" / "report.html"));
        const ProgramRun again =
            run_program("train", train + "2 --resume" + out(scratch, "out"), scratch);
        CHECK_MESSAGE((again.status == 0 || again.err.find("--epochs") != std::string::npos),
                      again.err);
        if (again.status == 0) require_same(scratch.path() / "new", folder);
      }
  CHECK(failures > 15);
}

TEST_CASE("survival: what would fail at the end is refused before the work") {
  const Scratch scratch;
  const std::string long_run = "--features 50 --seeds 1000 --quiet --out ";
  const std::string folder = (scratch.path() / "out").string();
  const auto refused = [&](const std::string& arguments, int status, const std::string& why) {
    const auto start = Clock::now();
    const ProgramRun run = run_program("online_sgd", arguments, scratch);
    CHECK_MESSAGE(run.status == status, run.err);
    CHECK_MESSAGE(run.err.find(why) != std::string::npos, run.err);
    CHECK(seconds_since(start) < 5);
  };
  for (const char* name : {"report.html", "summary.json", "trajectory.csv"}) {
    fs::create_directories(fs::path(folder) / name);
    refused(long_run + folder, 2, std::string(name) + ", expected a file");
    fs::remove_all(folder);
  }
  scratch.file("out/figures", "no folder");
  refused(long_run + folder, 2, "figures, expected a folder");
  fs::remove_all(folder);
  fs::create_symlink(scratch.path() / "nowhere", folder);
  refused(long_run + folder, 2, "no folder one may write to");
  fs::remove(folder);
  fs::create_directories(scratch.path() / "bin");
  const ProgramRun plain = run_program("online_sgd", "--help", scratch);
  CHECK(plain.out.find("--resume") != std::string::npos);
  const Running without("online_sgd", long_run + folder, scratch,
                        "PATH='" + (scratch.path() / "bin").string() + "'");
  CHECK(without.wait() == 1);
  CHECK(text_of(scratch.path() / "stderr").find("gnuplot cannot be started") != std::string::npos);
  CHECK_FALSE(fs::exists(folder));
  if (!fs::exists("/dev/full")) return;
  // two runs in one folder
  const Running first("online_sgd", long_run + folder, scratch);
  for (int k = 0; k < 2000 && !fs::exists(fs::path(folder) / "checkpoints"); ++k) sleep(0.005);
  refused(long_run + folder, 2, "another run is writing there");
  first.send(SIGTERM);
  CHECK(first.wait() == 143);
}

TEST_CASE("survival: a checkpoint of other kernels is refused, naming both") {
  const Scratch scratch;
  const std::string train = "--encoder 12,3 --batch 30 --data '" +
                            scratch.file("rows.csv", rows(60, 12)) + "' --epochs 2" +
                            out(scratch, "out");
  const Running first("train", train, scratch, "OPENBLAS_CORETYPE=Nehalem");
  REQUIRE(first.wait() == 0);
  const std::string before = text_of(scratch.path() / "out" / "report.html");
  const Running other("train", train + " --resume", scratch, "OPENBLAS_CORETYPE=Prescott");
  const int status = other.wait();
  const std::string said = text_of(scratch.path() / "stderr");
  if (said.empty()) {  // a machine whose BLAS knows no other kernels
    CHECK(status == 0);
    return;
  }
  CHECK(status == 2);
  CHECK_MESSAGE(said.find("kernels: found 'Nehalem") != std::string::npos, said);
  CHECK_MESSAGE(said.find("expected 'Prescott") != std::string::npos, said);
  CHECK(text_of(scratch.path() / "out" / "report.html") == before);
}

TEST_CASE("survival: output that nobody reads is an error, when the results are there") {
  const Scratch scratch;
  const fs::path folder = scratch.path() / "out", status = scratch.path() / "status";
  const std::string command = "('" + std::string(std::getenv("HOURGLASS_APPS")) +
                              "/recover' --n 16 --m 16 --batch 64 --steps 12 --seeds 2 --out '" +
                              folder.string() + "' 2> /dev/null; echo $? > '" + status.string() +
                              "') | true";
  REQUIRE(std::system(command.c_str()) == 0);
  for (int k = 0; k < 2000 && text_of(status).empty(); ++k) sleep(0.005);
  CHECK(text_of(status) == "1\n");
  CHECK(fs::exists(folder / "report.html"));
}
