#include "cli/options.hpp"

#include "program.hpp"

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace hourglass;

namespace {

enum class Kind { one, other };

struct Config {
  std::size_t count = 3;
  double share = 0.1;
  std::optional<double> rate = {};
  std::vector<std::size_t> sizes = {4, 2};
  std::vector<std::vector<double>> spectra = {{0.6, 0.25}, {0.1}};
  bool tied = false, biases = true;
  Kind kind = Kind::one;
  std::string name = "x";
};

void add_options(Options& options, Config& config) {
  options.add("count", config.count, "N", "how many", at_least(1));
  options.add("share", config.share, "SHARE", "of all", below(1));
  options.add("rate", config.rate, "RATE", "by default none", positive());
  options.add("sizes", config.sizes, "LIST", "sizes", between(1, 100));
  options.add("spectra", config.spectra, "X:...,...", "lists", positive());
  options.flag("tied", config.tied, "tied");
  options.flag("no-bias", config.biases, "without biases", false);
  options.choice<Kind>("kind", config.kind, {{"one", Kind::one}, {"other", Kind::other}}, "kind");
  options.add("name", config.name, "NAME", "a name").only("--kind other", [&config] {
    return config.kind == Kind::other;
  });
}

std::string message_of(auto action) {
  try {
    action();
  } catch (const InputError& problem) {
    return problem.what();
  }
  return {};
}

std::string setting(const Options& options, const std::string& name) {
  for (const Setting& s : options.settings())
    if (s.name == name) return text_of(s.value);
  return "not recorded";
}

}  // namespace

TEST_CASE("options: what is recorded is the value that is used, not the text that was typed") {
  Config config;
  Options options;
  add_options(options, config);
  CHECK(setting(options, "rate") == "none");
  options.set("count", {"010"});
  options.set("rate", {"1e-3"});
  options.set("sizes", {"7", "8", "9"});
  CHECK(setting(options, "spectra") == "0.6:0.25, 0.1");
  options.set("spectra", {"0.5", "1:2"});
  options.set("tied", {"false"});
  options.set("no-bias", {"true"});
  options.set("kind", {"other"});
  options.set("name", {"0123"});
  CHECK(config.count == 10);
  CHECK(config.sizes == std::vector<std::size_t>{7, 8, 9});
  CHECK(config.spectra == std::vector<std::vector<double>>{{0.5}, {1, 2}});
  CHECK_FALSE(config.biases);
  CHECK(setting(options, "count") == "10");
  CHECK(setting(options, "rate") == "0.001");
  CHECK(setting(options, "sizes") == "7, 8, 9");
  CHECK(setting(options, "tied") == "false");
  CHECK(setting(options, "no-bias") == "true");
  CHECK(setting(options, "kind") == "other");
  CHECK(setting(options, "name") == "0123");
  options.set("count", {"18446744073709551615"});
  CHECK(config.count == std::numeric_limits<std::size_t>::max());
  options.set("sizes", {});
  CHECK(config.sizes.empty());
}

TEST_CASE("options: what is no such value, or out of range, is refused by name") {
  Config config;
  Options options;
  add_options(options, config);
  const auto set = [&](const char* name, std::vector<std::string> texts) {
    return message_of([&] { options.set(name, texts); });
  };
  CHECK(set("count", {"-1"}) ==
        "--count: found '-1', expected a whole number that is not negative");
  CHECK(set("count", {"1.5"}).starts_with("--count: found '1.5'"));
  CHECK(
      set("count", {"18446744073709551616"}).starts_with("--count: found '18446744073709551616'"));
  CHECK(set("count", {"1", "2"}) == "--count: found 2 values, expected one");
  CHECK(set("rate", {"fast"}) == "--rate: found 'fast', expected a number");
  CHECK(set("sizes", {"1", ""}).starts_with("--sizes: found ''"));
  CHECK(set("spectra", {"1", "2::3"}) == "--spectra: found '', expected a number");
  CHECK(set("tied", {"maybe"}) == "--tied: found 'maybe', expected true or false");
  CHECK(set("kind", {"third"}) == "--kind: found 'third', expected one or other");
  CHECK_THROWS_AS(options.set("nothing", {"1"}), LookupError);
  const auto checked = [&](auto change) {
    Config wrong;
    change(wrong);
    return message_of([&] { check_ranges(wrong); });
  };
  CHECK(checked([](Config&) {}).empty());
  CHECK(checked([](Config& c) { c.count = 0; }) == "--count: found 0, expected at least 1");
  CHECK(checked([](Config& c) { c.share = 1; }) == "--share: found 1, expected a number in [0, 1)");
  CHECK(checked([](Config& c) { c.rate = 0; }) == "--rate: found 0, expected a positive number");
  CHECK(checked([](Config& c) { c.rate = NAN; }).starts_with("--rate: found nan"));
  CHECK(checked([](Config& c) { c.sizes = {5, 101}; }) == "--sizes: found 101, expected 1 to 100");
  CHECK(checked([](Config& c) { c.spectra = {{1}, {2, 0}}; }).starts_with("--spectra: found 0"));
}

TEST_CASE("options: one that does not apply is refused where it is given, and not recorded") {
  Config config;
  Options options;
  add_options(options, config);
  CHECK(setting(options, "name") == "not recorded");
  CHECK_NOTHROW(options.check_applying());
  options.set("name", {"y"});
  CHECK(message_of([&] { options.check_applying(); }) ==
        "--name: given, but it applies only to --kind other");
  options.set("kind", {"other"});
  CHECK_NOTHROW(options.check_applying());
  CHECK(setting(options, "name") == "y");
}

namespace {

// A short run of every app.
const std::vector<std::pair<std::string, std::string>> short_runs{
    {"linear_dae", "--samples 60 --hidden 6 --steps 40 --gamma 0.1"},
    {"linear_dae", "--samples 60 --hidden 6 --steps 40 --method sampled --batch 30"},
    {"linear_dae", "--samples 60 --hidden 6 --steps 40 --depth 3"},
    {"landscape", "--samples 60 --hidden 2 --dimensions 4 --steps 500 --rho 0.3"},
    {"noise_vs_decay", "--lambdas 2 --variances 0.3,1 --scan 0.7 --steps 50 --paths 2 --seed 3"},
    {"small_noise", "--samples 8 --draws 5 --sigmas 0.3,1 --steps 30 --denoiser-hidden 4"},
    {"long_time",
     "--lr 0.9 --dimensions 100 --simulated-until 200 --erf-spectra 0.7,0.55:0.35 "
     "--tied-dimensions 20 --relu-units 1 --relu-starts 2 --records 15 --seed 3"},
    {"online_sgd", "--features 20 --hidden 3 --rule truncated --bias encoder --seeds 2"},
    {"online_sgd", "--features 20 --hidden 1 --tied --data random --time 2 --lr 0.7"},
    {"online_sgd", "--data fashion-mnist --samples 60 --lr 0.1 --centring scalar --records 9"},
    {"online_sgd", "--data fashion-mnist --samples 60 --lr 0.1 --surrogate --time 0.5"},
    {"relu_dae", "--samples 30 --hidden 8 --steps 20 --preset mnist --data fashion-mnist"},
    {"train",
     "--samples 60 --encoder 784,8,4 --decoder 4,6,784 --no-bias --hidden-noise masking:0.1 "
     "--penalty l2:1e-4,l1:1e-5 --batch 20 --epochs 2"},
    {"train", "--samples 60 --encoder 784,4 --activation relu --schedule cosine:9 --epochs 2"},
    {"recover", "--n 16 --m 16 --batch 64 --steps 12 --seeds 2"},
    {"recover", "--model sparse --start random --n 16 --m 16 --batch 64 --steps 12 --seed 3"},
    {"recover", "--preset P6 --n 16 --m 16 --batch 64 --steps 12 --keep-norms"},
    {"recover", "--bias-rate 0.05 --n 16 --m 16 --batch 64 --steps 12"},
};

}  // namespace

TEST_CASE("every app repeats a run from its summary.json, to the same trajectory") {
  for (const auto& pair : short_runs) {  // clang captures no structured binding
    const auto &app = pair.first, &arguments = pair.second;
    CAPTURE(app);
    CAPTURE(arguments);
    const Scratch scratch;
    const auto first = scratch.path() / "first", second = scratch.path() / "second";
    const ProgramRun run =
        run_program(app, arguments + " --quiet --out '" + first.string() + "'", scratch);
    REQUIRE_MESSAGE(run.status == 0, run.err);
    const ProgramRun again = run_program(
        app, "--config '" + (first / "summary.json").string() + "' --out '" + second.string() + "'",
        scratch);
    REQUIRE_MESSAGE(again.status == 0, again.err);
    const std::string trajectory = text_of(first / "trajectory.csv");
    CHECK(trajectory.size() > 100);
    CHECK(trajectory == text_of(second / "trajectory.csv"));
    auto one = nlohmann::json::parse(text_of(first / "summary.json"))["config"];
    auto two = nlohmann::json::parse(text_of(second / "summary.json"))["config"];
    one.erase("out"), two.erase("out");
    CHECK(one == two);
  }
}

TEST_CASE("the summary of another app, or JSON that is none, is refused as --config") {
  const Scratch scratch;
  const auto message = [&](const std::string& text) {
    const std::string file = scratch.file("summary.json", text);
    const ProgramRun run = run_program("linear_dae", "--config '" + file + "'", scratch);
    CHECK(run.status == 2);
    CHECK(run.err.starts_with("linear_dae: " + file + ": "));
    return run.err;
  };
  CHECK(message("{\"app\": \"train\", \"config\": {}}")
            .find("found a summary of \"train\", expected one of \"linear_dae\"") !=
        std::string::npos);
  CHECK(message("{").find("expected TOML or the summary.json") != std::string::npos);
  CHECK(message("{\"config\": 3}").find("found no 'config'") != std::string::npos);
  const std::string head = "{\"app\": \"linear_dae\", \"config\": ";
  CHECK(message(head + "{\"hiden\": 3}}").find("found 'hiden'") != std::string::npos);
  CHECK(message(head + "{\"hidden\": 1.5}}").find("--hidden: found '1.5'") != std::string::npos);
  CHECK(message(head + "{\"hidden\": {}}}").find("hidden: expected a string") != std::string::npos);
}
