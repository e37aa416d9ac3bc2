#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

// What reading the file complains about; empty if it does not.
std::string complaint(const std::filesystem::path& file, std::size_t samples = 0) {
  try {
    data::read_idx(file, samples);
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK(text.find(file.string()) == 0);  // names the file first
    return text;
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Three images of 2x2 pixels.
const std::string three_images =
    idx_header(8, {3, 2, 2}) + bytes({0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8});

}  // namespace

TEST_CASE("an IDX file becomes rows of values in [0, 1]") {
  const TemporaryFolder folder;
  for (const bool compressed : {false, true}) {
    const auto file = write(folder, "images", three_images, compressed);
    const data::FileValues values = data::read_idx(file);
    REQUIRE(shape_of(values.x) == Shape{3, 4});
    CHECK(values.x(0, 0) == Real{0});
    CHECK(values.x(0, 1) == Real{1});
    CHECK(values.x(0, 2) == doctest::Approx(0.2));
    CHECK(values.x(2, 3) == doctest::Approx(8 / 255.0));
    CHECK(values.checksum.size() == 8);
  }
}

TEST_CASE("the checksum is that of the bytes kept") {
  const TemporaryFolder folder;
  // CRC-32 of "123456789" is the standard's check value.
  const auto file = write(folder, "digits", idx_header(8, {10, 1}) + "1234567890");
  CHECK(data::read_idx(file, 9).checksum == "cbf43926");
  CHECK(data::read_idx(file).checksum != "cbf43926");
}

TEST_CASE("one to four dimensions are read, and samples limit the rows") {
  const TemporaryFolder folder;
  const std::string values = bytes({1, 2, 3, 4, 5, 6, 7, 8});
  const auto shape = [&](const std::vector<std::uint32_t>& dimensions, std::size_t samples) {
    return shape_of(
        data::read_idx(write(folder, "x", idx_header(8, dimensions) + values), samples).x);
  };
  CHECK(shape({8}, 0) == Shape{8, 1});
  CHECK(shape({2, 4}, 0) == Shape{2, 4});
  CHECK(shape({4, 2, 1}, 3) == Shape{3, 2});
  CHECK(shape({2, 2, 1, 2}, 1) == Shape{1, 4});
}

TEST_CASE("malformed IDX files are refused with the field, the found and the expected") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& content, const std::string& part) {
    for (const bool compressed : {false, true}) {
      const std::string found = complaint(write(folder, "bad", content, compressed));
      CHECK_MESSAGE(contains(found, part), "expected '" << part << "' in '" << found << "'");
    }
  };
  refused("", "magic number: the file ends after 0 of its 4 bytes");
  refused(bytes({0, 0}), "magic number: the file ends after 2");
  refused("some text, no IDX", "magic number: found bytes 73 6f, expected 00 00");
  refused(idx_header(0x0d, {2, 2}) + "abcd", "type code: found 0x0d, expected 0x08");
  refused(bytes({0, 0, 8, 0}), "number of dimensions: found 0, expected 1 to 4");
  refused(idx_header(8, {1, 1, 1, 1, 1}) + "a", "number of dimensions: found 5");
  refused(bytes({0, 0, 8, 2, 0, 0, 0, 1, 0}), "dimension 2: the file ends after 1");
  refused(idx_header(8, {2, 0}), "dimension 2: found 0, expected at least 1");
  refused(idx_header(8, {0}), "dimension 1: found 0");
  refused(three_images.substr(0, three_images.size() - 1),
          "values: found 11 bytes, expected 12 by the header");
  refused(three_images + "x", "values: found bytes after the 12");
}

TEST_CASE("a limit on the samples does not hide a damaged file") {
  const TemporaryFolder folder;
  CHECK(contains(complaint(write(folder, "a", three_images + "x"), 1), "bytes after"));
  const auto good = write(folder, "b", three_images);
  CHECK(complaint(good, 3).empty());
  CHECK(contains(complaint(good, 4), "samples: found 3, asked for 4"));
}

TEST_CASE("huge dimensions are refused without allocating for them") {
  const TemporaryFolder folder;
  const std::uint32_t most = 0xffffffff;
  CHECK(contains(complaint(write(folder, "a", idx_header(8, {most, most}))),
                 "dimension 2: found 4294967295, which makes more than 2^40"));
  CHECK(contains(complaint(write(folder, "b", idx_header(8, {most, most, most, most}))), "2^40"));
  // 256 GiB claimed, 4 bytes there
  CHECK(contains(complaint(write(folder, "c", idx_header(8, {1u << 30, 1u << 8}) + "abcd")),
                 "values: found 4 bytes, expected 274877906944"));
}

TEST_CASE("missing, cut off and corrupt files are told apart") {
  const TemporaryFolder folder;
  CHECK(contains(complaint(folder.path() / "nothing"), "No such file"));
  CHECK(contains(complaint(folder.path()), "is a folder"));

  const std::string whole = gzip(three_images);
  for (const std::size_t left : {whole.size() - 1, whole.size() - 9, std::size_t{15}})
    CHECK(contains(complaint(write(folder, "cut", whole.substr(0, left))), "cut off"));

  std::string flipped = whole;
  flipped[whole.size() - 6] ^= 1;  // in the CRC of the trailer
  const std::string found = complaint(write(folder, "crc", flipped));
  CHECK_MESSAGE(contains(found, "bytes: incorrect data check"), found);
}
