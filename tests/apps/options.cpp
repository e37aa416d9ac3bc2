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
  CHECK(set("count", {"-1"}) == "--count: found '-1', expected a whole number from 0 to 2^64 - 1");
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
  CHECK(checked([](Config& c) { c.count = 0; }) ==
        "--count: found 0, expected at least 1 and at most 1e9");
  CHECK(checked([](Config& c) { c.share = 1; }) == "--share: found 1, expected a number in [0, 1)");
  CHECK(checked([](Config& c) { c.rate = 0; }) == "--rate: found 0, expected a positive number");
  CHECK(checked([](Config& c) { c.rate = NAN; }).starts_with("--rate: found nan"));
  CHECK(checked([](Config& c) { c.sizes = {5, 101}; }) == "--sizes: found 101, expected 1 to 100");
  CHECK(checked([](Config& c) { c.spectra = {{1}, {2, 0}}; }).starts_with("--spectra: found 0"));
}

TEST_CASE("options: whole numbers may have an exponent, and lose nothing by it") {
  const auto whole = [](const char* text) {
    std::uint64_t value = 7;
    return parse(text, value) ? std::optional(value) : std::nullopt;
  };
  CHECK(whole("1e5") == 100000);
  CHECK(whole("1E1") == 10);
  CHECK(whole("1.50e+2") == 150);
  CHECK(whole("120e-1") == 12);
  CHECK(whole("3.0") == 3);
  CHECK(whole("0e9") == 0);
  CHECK(whole("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK(whole("1.8446744073709551615e19") == std::numeric_limits<std::uint64_t>::max());
  CHECK(whole("9007199254740993.0") == 9007199254740993);  // 2^53 + 1
  for (const char* text : {"1.5",
                           "1e-1",
                           "0.99999999999999999999",
                           "18446744073709551616",
                           "1e20",
                           "1e999999999",
                           "-1",
                           "-1e1",
                           "+1",
                           "1e",
                           "e1",
                           ".",
                           "1e1.0",
                           "1 0",
                           "0x10",
                           "1e+-1",
                           "",
                           "1_0",
                           "nan",
                           "inf"})
    CHECK_MESSAGE(!whole(text), text);
}

TEST_CASE("options: empty names and entries are refused on the command line and in files") {
  const Scratch scratch;
  const auto refused = [&](const std::string& arguments, const char* part) {
    const ProgramRun run = run_program(
        "train", arguments + " --out '" + (scratch.path() / "out").string() + "'", scratch);
    CAPTURE(arguments);
    CHECK(run.status == 2);
    CHECK_MESSAGE(run.err.find(part) != std::string::npos, run.err);
    CHECK_FALSE(std::filesystem::exists(scratch.path() / "out"));
  };
  refused("--data-dir ''", "--data-dir: found '', expected a name");
  refused("--config ''", "--config: found '', expected a name");
  refused("--encoder 784,,2", "--encoder: found '', expected a whole number");
  refused("--encoder 784,2,", "--encoder: found '', expected a whole number");
  refused("--epochs 1.5e0", "--epochs: found '1.5e0', expected a whole number");
  refused("--data '" + scratch.file("x.csv", "1\n2\n") + "' --data-dir .",
          "--data-dir: given, but it applies only to --data NAME");
  refused("--skip-columns 1", "--skip-columns: given, but it applies only to --data FILE.csv");
  const std::string file = scratch.file("options.toml", "encoder = [784, 2]\ndata-dir = ''\n");
  refused("--config '" + file + "'", "options.toml: line 2: --data-dir: found ''");
  const std::string large = scratch.file("large.toml", std::string(1100000, ' '));
  refused("--config '" + large + "'", "large.toml: is larger than 1 MiB");
}

TEST_CASE("options: lists may be empty in a file, counts have exponents, and columns are skipped") {
  const Scratch scratch;
  std::string rows = ",a,b,c\n";
  for (int k = 0; k < 20; ++k) {
    rows += 'r' + std::to_string(k) + ',' + std::to_string(k);
    rows += ',' + std::to_string(k * k % 7) + ',' + std::to_string(k * k % 5) + '\n';
  }
  const std::string data = scratch.file("x.csv", rows), out = (scratch.path() / "out").string();
  const std::string file = scratch.file(
      "options.toml", "data = '" + data + "'\nskip-columns = 1.0\nencoder = [3, 2e0]\n" +
                          "penalty = []\nepochs = 1e1\nseed = 1e5\nout = '" + out + "'\n");
  const ProgramRun run = run_program("train", "--quiet --config '" + file + "'", scratch);
  REQUIRE_MESSAGE(run.status == 0, run.err);
  const auto summary = nlohmann::json::parse(text_of(scratch.path() / "out/summary.json"));
  CHECK(summary["data"]["features"] == 3);
  const auto& config = summary["config"];
  CHECK(config["skip-columns"] == 1);
  CHECK(config["epochs"] == 10);
  CHECK(config["seed"] == 100000);
  CHECK(config["penalty"].empty());
}

TEST_CASE("no variable of the surroundings decides whether a run survives, nor its numbers") {
  const Scratch scratch;
  const char* apps = std::getenv("HOURGLASS_APPS");
  REQUIRE(apps);
  const std::string data = scratch.file("x.csv", "1,2\n3,5\n2,2\n4,1\n");
  scratch.file(".gnuplot", "this is no command\n");
  const auto trajectory = [&](const std::string& name, const std::string& variables) {
    const std::string said = (scratch.path() / "said").string();
    const std::string command = "env " + variables + " '" + apps + "/train' --data '" + data +
                                "' --encoder 2,1 --validation 0 --epochs 3 --quiet --out '" +
                                (scratch.path() / name).string() + "' > '" + said + "' 2>&1";
    CHECK_MESSAGE(std::system(command.c_str()) == 0, text_of(std::filesystem::path(said)));
    CHECK(std::filesystem::exists(scratch.path() / name / "report.html"));
    return text_of(scratch.path() / name / "trajectory.csv");
  };
  const std::string first = trajectory("a", "A=1");
  CHECK(first.size() > 50);
  CHECK(first == trajectory("b",
                            "OPENBLAS_CORETYPE=garbage OMP_NUM_THREADS=0 LC_ALL=de_DE.UTF-8 "
                            "OPENBLAS_NUM_THREADS=-5 LANG=xx TMPDIR=/nowhere GNUTERM=x11 "
                            "GNUPLOT_LIB=/nowhere GDFONTPATH=/nowhere HOME='" +
                                scratch.path().string() + "'"));
  CHECK(first == trajectory("c",
                            "-u TERM -u HOME -u LANG OPENBLAS_CORETYPE= GNUTERM= "
                            "OPENBLAS_NUM_THREADS=999999 HOURGLASS_DATA="));
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
  CHECK(message(head + "{\"hidden\": 3, \"steps\": 1, \"hidden\": 4}}")
            .find("found \"hidden\" twice") != std::string::npos);
  CHECK(message("{\"app\": " + std::string(100000, '[')).find("nested too deep") !=
        std::string::npos);
  CHECK(message(head + "{\"hidden\": 1.5}}").find("--hidden: found '1.5'") != std::string::npos);
  CHECK(message(head + "{\"hidden\": {}}}").find("hidden: expected a string") != std::string::npos);
}
