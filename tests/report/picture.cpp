#include "markup.hpp"
#include "sample.hpp"
#include <hourglass/report/picture.hpp>
#include <hourglass/report/write.hpp>

#include <stdexcept>
#include <string>

#include <doctest/doctest.h>
#include <zlib.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

std::size_t number_at(const std::string& text, std::size_t at) {
  std::size_t number = 0;
  for (std::size_t k = 0; k < 4; ++k)
    number = number << 8 | static_cast<std::uint8_t>(text[at + k]);
  return number;
}

// The content of a PNG's chunks by type, each with its checksum checked.
std::string chunk_of(const std::string& png, const std::string& wanted) {
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t size = number_at(png, at);
    const std::string body = png.substr(at + 4, size + 4);
    REQUIRE(body.size() == size + 4);
    CHECK(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())) ==
          number_at(png, at + 8 + size));
    if (body.starts_with(wanted)) return body.substr(4);
    at += 12 + size;
  }
  return "missing";
}

std::string pixels_of(const std::string& png, std::size_t size) {
  const std::string packed = chunk_of(png, "IDAT");
  std::string lines(size + 1, '?');
  uLongf found = lines.size();
  CHECK(uncompress(reinterpret_cast<Bytef*>(lines.data()), &found,
                   reinterpret_cast<const Bytef*>(packed.data()), packed.size()) == Z_OK);
  lines.resize(found);
  return lines;
}

}  // namespace

TEST_CASE("picture: a PNG holds the size and the pixels, each line after its filter") {
  const Picture picture{
      .width = 2, .height = 2, .channels = 3, .bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  const std::string png = to_png(picture);
  CHECK(png.starts_with("\x89PNG\r\n\x1a\n"));
  CHECK(png.ends_with("IEND\xae\x42\x60\x82"));
  CHECK(chunk_of(png, "IHDR") == std::string("\0\0\0\2\0\0\0\2\x08\2\0\0\0", 13));
  CHECK(pixels_of(png, 14) == std::string("\0\1\2\3\4\5\6\0\7\x08\x09\x0a\x0b\x0c", 14));
  CHECK(to_data_uri(picture).starts_with("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAI"));
  CHECK_THROWS_AS(to_png({.width = 2, .height = 2, .bytes = {1, 2, 3}}), std::invalid_argument);
}

TEST_CASE("picture: tiles lie two pixels apart, black is low and white is high, beyond cut off") {
  Array images = empty({3, 4});
  for (std::size_t k = 0; k < 12; ++k) images.data()[k] = static_cast<Real>(k) / 8;
  const Picture grid = tiled(images, {2, 2, 1}, 2, 0, 1);
  CHECK(grid.width == 2 + 2 * 4);
  CHECK(grid.height == 2 + 2 * 4);
  const auto at = [&](std::size_t x, std::size_t y) { return int(grid.bytes[y * grid.width + x]); };
  CHECK(at(0, 0) == 255);
  CHECK(at(2, 2) == 0);
  CHECK(at(3, 2) == 32);  // 255/8
  CHECK(at(2, 3) == 64);
  CHECK(at(6, 2) == 128);  // the second image
  CHECK(at(2, 6) == 255);  // the third: 8/8
  CHECK(at(3, 7) == 255);  // 11/8 is cut off
  CHECK(at(6, 6) == 255);  // no fourth image
  CHECK_THROWS_AS(tiled(images, {2, 3, 1}, 2, 0, 1), std::invalid_argument);
}

TEST_CASE("picture: colours come plane by plane; weights have zero in the middle") {
  Array image = empty({1, 3});
  image(0, 0) = -2, image(0, 1) = 0, image(0, 2) = 1;
  const Picture one = tiled_signed(image, {1, 1, 3}, 8);
  const std::size_t middle = (2 * 5 + 2) * 3;
  CHECK(int(one.bytes[middle]) == 0);
  CHECK(int(one.bytes[middle + 1]) == 128);
  CHECK(int(one.bytes[middle + 2]) == 191);
  CHECK(int(tiled_signed(filled({1, 1}, 0), {1, 1, 1}, 1).bytes[12]) == 128);
  CHECK(pixel_shape(3072)->channels == 3);
  CHECK_FALSE(pixel_shape(12).has_value());
}

TEST_CASE("picture: the page holds it and its caption, and loads nothing") {
  Run run = sample_run();
  run.pictures = {{.name = "pixels", .width = 1, .height = 1, .bytes = {7}, .caption = "A < B"}};
  const std::string page = to_html(run, {});
  CHECK(malformed(page) == "");
  CHECK(page.find("src=\"data:image/png;base64,iVBOR") != std::string::npos);
  CHECK(page.find("<figcaption>A &lt; B</figcaption>") != std::string::npos);
  CHECK(page.find("figures/pixels.png") != std::string::npos);
  CHECK(page.find("http") == std::string::npos);
}
