// A run that is stopped and continued, and checkpoints that are not of the run.

#include "../temporary_folder.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/safetensors.hpp>
#include <hourglass/data/synthetic.hpp>
#include <hourglass/measure/fit.hpp>
#include <hourglass/model/initialisers.hpp>

#include <cmath>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

const RunIdentity identity{{"encoder", "4,2"}, {"seed", "5"}};

// 23 rows in batches of 5: 4 steps an epoch, 3 rows left over.
struct Sample {
  GaussianDataset data = data::gaussian({.spectrum = {3, 2, 1, .5}, .samples = 23, .seed = 1});
  GaussianDataset held_out = data::gaussian({.spectrum = {3, 2, 1, .5}, .samples = 7, .seed = 2});
  Autoencoder model = shallow_autoencoder(4, 2, {.activation = Activation::tanh, .biases = true});
  Optimiser optimiser = optimiser_named("adam:0.01");
  RunState state{.curve = Trace(learning_curve(true))};

  Sample() {
    init::gaussian(model.parameters(), 0.5, {.seed = 5});
    model.corrupt = GaussianNoise{.variance = 0.3, .stream = {.seed = 5, .id = 16}};
  }
  FitResult go(Part* part = nullptr) {
    return fit({.training = data.x,
                .validation = held_out.x,
                .epochs = 3,
                .batch = 5,
                .order = {.seed = 5, .id = 1},
                .part = part},
               model, optimiser, state);
  }
  void go_until(std::uint64_t step) {
    Journal journal({.stop = [&] { return state.step >= step; }});
    Part part(&journal, "", state, model.parameters(), optimiser);
    CHECK_THROWS_AS(go(&part), Stopped);
  }
  void save(const std::filesystem::path& file) const {
    save_checkpoint(file, identity, state, model.parameters(), optimiser);
  }
  void load(const std::filesystem::path& file, const RunIdentity& expected = identity) {
    state = load_checkpoint(file, expected, learning_curve(true), model.parameters(), optimiser);
  }
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const InputError& problem) {
    return problem.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("fit: epochs of equal batches, a record before the first and after each") {
  Sample sample;
  const FitResult result = sample.go();
  CHECK(result.steps == 12);
  CHECK(sample.state.curve.steps() == std::vector<double>{0, 4, 8, 12});
  CHECK(std::isnan(sample.state.curve.values(0)[0]));
  CHECK(sample.state.curve.values(1)[3] < sample.state.curve.values(1)[0]);
  CHECK(sample.state.curve.values(2)[3] > 0);
}

TEST_CASE("checkpoint: stopped after any step and continued, the end is the same byte for byte") {
  const testing::TemporaryFolder folder;
  Sample whole;
  whole.go();
  whole.save(folder.path() / "whole");
  const std::string expected = content_of(folder.path() / "whole");
  REQUIRE(expected.size() > 1000);
  for (std::uint64_t step = 1; step < 12; ++step) {
    CAPTURE(step);
    const auto file = folder.path() / "part";
    Sample first, second;
    first.go_until(step);
    CHECK(first.state.step == step);
    first.save(file);
    init::gaussian(second.model.parameters(), 3, {.seed = 9});  // must not matter
    second.load(file);
    second.go();
    second.save(file);
    CHECK(content_of(file) == expected);
  }
}

TEST_CASE("checkpoint: of another run it is refused with what differs, and nothing changes") {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "checkpoint";
  Sample saved, other;
  saved.go_until(5);
  saved.save(file);
  const auto difference = [&](const RunIdentity& expected) {
    return refusal([&] { other.load(file, expected); });
  };
  CHECK(difference({{"encoder", "4,1"}, {"seed", "5"}}) ==
        file.string() + ": encoder: found '4,2', expected '4,1'");
  CHECK(difference({{"seed", "6"}}).ends_with("seed: found '5', expected '6'"));
  CHECK(difference({{"data", "x"}}).ends_with("data: found nothing, expected 'x'"));
  other.optimiser = optimiser_named("rmsprop:0.01");
  CHECK(difference({{"encoder", "4.0,2"}, {"seed", "5"}}).find("optimiser state") !=
        std::string::npos);  // the same numbers
  CHECK(difference(identity).find("optimiser state") != std::string::npos);
  Sample shape;
  shape.model = shallow_autoencoder(4, 3, {.biases = true});
  CHECK(refusal([&] { shape.load(file); }).find("parameter.encoder") != std::string::npos);
  CHECK(other.state.step == 0);
  CHECK(other.model.parameters()[0]->value == Sample().model.parameters()[0]->value);
}

TEST_CASE("checkpoint: damaged anywhere it is refused, naming the file") {
  const testing::TemporaryFolder folder;
  Sample sample;
  sample.go_until(5);
  const auto file = folder.path() / "checkpoint";
  sample.save(file);
  const std::string good = content_of(file);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); at += 7) {
    CAPTURE(at);
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    folder.write("bad", bad);
    const std::string what = refusal([&] { Sample().load(folder.path() / "bad"); });
    CHECK(what.find("bad: ") != std::string::npos);
    ++refused;
  }
  CHECK(refused > 200);
  for (const std::size_t size :
       {std::size_t(0), std::size_t(7), good.size() / 2, good.size() - 1}) {
    folder.write("bad", good.substr(0, size));
    CHECK(refusal([&] { Sample().load(folder.path() / "bad"); }).find("bad: ") !=
          std::string::npos);
  }
}

TEST_CASE("checkpoint: before the first record the curve is empty") {
  const testing::TemporaryFolder folder;
  Sample().save(folder.path() / "checkpoint");
  Sample other;
  other.go();
  other.load(folder.path() / "checkpoint");
  CHECK(other.state.step == 0);
  CHECK(other.state.curve.steps().empty());
}

TEST_CASE("checkpoint: a file with other things in it is refused") {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "weights";
  Tensors weights;
  weights.add("encoder.1.W", filled({3, 4}, 1));
  data::write_safetensors(file, weights);
  CHECK(refusal([&] { Sample().load(file); }).find("kind: found nothing") != std::string::npos);
}
