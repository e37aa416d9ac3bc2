#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/safetensors.hpp>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Array awkward() {
  Array x = empty({2, 3});
  using Limits = std::numeric_limits<Real>;
  const Real values[] = {Real(0.1),      -Real{0},           Limits::denorm_min(),
                         -Limits::max(), Limits::infinity(), Limits::quiet_NaN()};
  std::copy(std::begin(values), std::end(values), x.begin());
  return x;
}

bool same_bits(const Array& a, const Array& b) {
  return shape_of(a) == shape_of(b) &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(Real)) == 0;
}

Tensors sample() {
  Tensors tensors;
  tensors.metadata = {{"step", "12"}, {"format", "pt"}};
  tensors.add("encoder.W", awkward());
  tensors.add("counts", {std::uint64_t{1} << 63, 7});
  return tensors;
}

template <class Attempt>
std::string complaint(Attempt attempt) {
  try {
    attempt();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("safetensors give back the same bits, names and strings") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "new/weights.safetensors";
  data::write_safetensors(file, sample());
  const Tensors found = data::read_safetensors(file);
  CHECK(found.metadata == sample().metadata);
  CHECK(found.text("step") == "12");
  CHECK(found.tensors.size() == 2);
  CHECK(same_bits(found.array("encoder.W"), awkward()));
  CHECK(same_bits(found.array("encoder.W", {2, 3}), awkward()));
  CHECK(found.list("counts") == std::vector<std::uint64_t>{std::uint64_t{1} << 63, 7});
  CHECK(found.holds("counts"));
  CHECK(!found.holds("count"));
}

TEST_CASE("a safetensors file is laid out as the format says") {
  const TemporaryFolder folder;
  Tensors tensors;
  tensors.metadata = {{"a", "b"}};
  tensors.tensors = {{"small", Dtype::u8, {3}, "xyz"},
                     {"z", Dtype::f32, {1}, std::string("\0\0\x80\x3f", 4)},
                     {"empty", Dtype::i64, {0, 5}, ""},
                     {"b", Dtype::f32, {}, "abcd"}};
  const auto file = folder.path() / "x";
  data::write_safetensors(file, tensors);
  const std::string json = R"({"__metadata__":{"a":"b"},)"
                           R"("empty":{"dtype":"I64","shape":[0,5],"data_offsets":[0,0]},)"
                           R"("b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                           R"("z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                           R"("small":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}})";
  const std::size_t padded = (json.size() + 7) / 8 * 8;
  CHECK(content(file) == std::string{static_cast<char>(padded & 255),
                                     static_cast<char>(padded >> 8), 0, 0, 0, 0, 0, 0} +
                             json + std::string(padded - json.size(), ' ') +
                             std::string("abcd\0\0\x80\x3fxyz", 11));
}

TEST_CASE("safetensors are the same bytes in whatever order they were added") {
  const TemporaryFolder folder;
  Tensors turned = sample();
  std::swap(turned.tensors[0], turned.tensors[1]);
  data::write_safetensors(folder.path() / "a", sample());
  data::write_safetensors(folder.path() / "b", turned);
  CHECK(content(folder.path() / "a") == content(folder.path() / "b"));
  data::write_safetensors(folder.path() / "b", data::read_safetensors(folder.path() / "a"));
  CHECK(content(folder.path() / "a") == content(folder.path() / "b"));
}

TEST_CASE("a new file replaces the old one, and nothing is left beside it") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x";
  data::write_safetensors(file, {});
  CHECK(data::read_safetensors(file).tensors.empty());
  data::write_safetensors(file, sample());
  CHECK(data::read_safetensors(file).tensors.size() == 2);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("a writer that is killed leaves the old file or the new one") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x";
  const auto save = [&](Real value) {
    Tensors tensors;
    tensors.add("W", filled({256, 512}, value));
    data::write_safetensors(file, tensors);
  };
  save(0);
  for (int attempt = 0; attempt < 12; ++attempt) {
    const pid_t writer = fork();
    REQUIRE(writer >= 0);
    if (writer == 0)
      for (int k = 0;; ++k) save(static_cast<Real>(k));
    usleep(static_cast<useconds_t>(1000 + 1700 * attempt));
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    const Array found = data::read_safetensors(file).array("W", {256, 512});
    CHECK(found == filled({256, 512}, found(0, 0)));
  }
}

TEST_CASE("the other precision is refused, or converted on request") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "x";
  const double wide = 0.1;
  const float narrow = 0.1f;
  Tensors tensors;
  tensors.tensors = {{"f64", Dtype::f64, {1}, std::string(8, ' ')},
                     {"f32", Dtype::f32, {}, std::string(4, ' ')},
                     {"u8", Dtype::u8, {1}, "x"},
                     {"cube", Dtype::f32, {1, 1, 1}, "abcd"}};
  std::memcpy(tensors.tensors[0].bytes.data(), &wide, 8);
  std::memcpy(tensors.tensors[1].bytes.data(), &narrow, 4);
  data::write_safetensors(file, tensors);
  const Tensors found = data::read_safetensors(file);
  const bool single = sizeof(Real) == 4;
  const std::string own = single ? "f32" : "f64", other = single ? "f64" : "f32";
  CHECK(complaint([&] { found.array(own); }).empty());
  CHECK(contains(complaint([&] { found.array(other); }), "tensor " + other + ": dtype: found F"));
  CHECK(found.array("f32", true)(0, 0) == static_cast<Real>(narrow));
  CHECK(found.array("f64", true)(0, 0) == static_cast<Real>(wide));
  CHECK(contains(complaint([&] { found.array("u8", true); }), "found U8, expected F32 or F64"));
  CHECK(contains(complaint([&] { found.array("cube", true); }), "shape: found [1, 1, 1]"));
}

TEST_CASE("what is not in the file is named") {
  Tensors tensors = sample();
  tensors.source = "weights.safetensors";
  const auto starts = [](const std::string& text, const std::string& part) {
    CHECK_MESSAGE(text.find("weights.safetensors: " + part) == 0, text);
  };
  starts(complaint([&] { tensors.find("decoder.W"); }), "tensor decoder.W: not there");
  starts(complaint([&] { tensors.text("epoch"); }), "__metadata__: found no epoch");
  starts(complaint([&] { tensors.list("encoder.W"); }), "tensor encoder.W: dtype: found F");
  starts(complaint([&] {
           tensors.array("encoder.W", {3, 2});
         }),
         "tensor encoder.W: shape: found 2x3, expected 3x2");
}

TEST_CASE("tensors that no file can hold are refused") {
  const TemporaryFolder folder;
  const auto refused = [&](std::vector<Tensor> tensors) {
    Tensors all;
    all.tensors = std::move(tensors);
    CHECK_THROWS_AS(data::write_safetensors(folder.path() / "x", all), std::invalid_argument);
    CHECK(!fs::exists(folder.path() / "x"));
  };
  refused({{"a", Dtype::u8, {1}, "x"}, {"a", Dtype::u8, {1}, "y"}});
  refused({{"a", Dtype::u8, {2}, "x"}});
  refused({{"a", Dtype::f32, {1ull << 62, 1}, ""}});
  refused({{"__metadata__", Dtype::u8, {1}, "x"}});
  refused({{"\xff", Dtype::u8, {1}, "x"}});
}

TEST_CASE("tensors made by hand whose bytes do not fit their shape are refused") {
  Tensors tensors;
  tensors.tensors = {{"list", Dtype::u64, {1}, std::string(80000, 'x')},
                     {"array", Dtype::f64, {2, 2}, std::string(8, 'x')}};
  CHECK_THROWS_AS(tensors.list("list"), InputError);
  CHECK_THROWS_AS(tensors.array("array", true), InputError);
}
