#include <hourglass/core/error.hpp>
#include <hourglass/report/picture.hpp>

#include <algorithm>
#include <cmath>

#include <zlib.h>

namespace hourglass {
namespace {

std::string big_endian(std::size_t number) {
  std::string text;
  for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(number >> shift & 255);
  return text;
}

// Length, type, content and checksum, as PNG (ISO 15948, section 5.3) wants each part.
std::string chunk(const std::string& type, const std::string& content) {
  const std::string body = type + content;
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(content.size()) + body + big_endian(sum);
}

std::string deflated(const std::string& content) {
  uLongf size = compressBound(content.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(content.data()), content.size(), 9) != Z_OK)
    throw SystemError("picture: zlib could not compress it");
  packed.resize(size);
  return packed;
}

std::string base64(const std::string& bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - k);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < there ? static_cast<std::uint8_t>(bytes[k + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i)
      text += i <= there ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

constexpr std::size_t gap = 2;  // pixels around each image

Picture blank(std::size_t count, PixelShape shape, std::size_t per_line) {
  const std::size_t across = std::min(count, per_line), down = (count + per_line - 1) / per_line;
  Picture picture{.width = across * (shape.width + gap) + gap,
                  .height = down * (shape.height + gap) + gap,
                  .channels = shape.channels};
  picture.bytes.assign(picture.width * picture.height * picture.channels, 255);
  return picture;
}

std::uint8_t shade(double value, double low, double high) {
  const double share = (value - low) / (high - low);
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

// Draws image `k`, whose pixels are `values`, with the range of shades that range(values) gives.
template <class Range>
Picture tiled_by(const Array& images, PixelShape shape, std::size_t per_line, Range range) {
  const std::size_t plane = shape.width * shape.height;
  if (shape_of(images).columns != plane * shape.channels || per_line == 0)
    throw ArgumentError("picture: images of " + std::to_string(plane * shape.channels) +
                        " values expected, found " + shape_of(images).str());
  Picture picture = blank(shape_of(images).rows, shape, per_line);
  for (std::size_t k = 0; k < shape_of(images).rows; ++k) {
    const Real* values = images.data() + k * plane * shape.channels;
    const auto [low, high] = range(values, plane * shape.channels);
    const std::size_t left = gap + k % per_line * (shape.width + gap);
    const std::size_t top = gap + k / per_line * (shape.height + gap);
    for (std::size_t i = 0; i < plane * shape.channels; ++i) {
      const std::size_t c = i / plane, y = i % plane / shape.width, x = i % shape.width;
      picture.bytes[((top + y) * picture.width + left + x) * shape.channels + c] =
          shade(static_cast<double>(values[i]), low, high);
    }
  }
  return picture;
}

}  // namespace

std::string to_png(const Picture& picture) {
  const std::size_t line = picture.width * picture.channels;
  if (line == 0 || picture.height == 0 || picture.bytes.size() != line * picture.height ||
      (picture.channels != 1 && picture.channels != 3))
    throw ArgumentError("picture " + picture.name + ": found " +
                        std::to_string(picture.bytes.size()) + " bytes for " +
                        std::to_string(picture.width) + "x" + std::to_string(picture.height) +
                        " pixels of " + std::to_string(picture.channels));
  std::string lines;
  for (std::size_t y = 0; y < picture.height; ++y) {
    lines += '\0';  // no filter
    lines.append(reinterpret_cast<const char*>(picture.bytes.data()) + y * line, line);
  }
  const char colour = picture.channels == 3 ? 2 : 0;
  const std::string header = big_endian(picture.width) + big_endian(picture.height) + '\x08' +
                             colour + std::string(3, '\0');
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", deflated(lines)) +
         chunk("IEND", "");
}

std::string to_data_uri(const Picture& picture) {
  return "data:image/png;base64," + base64(to_png(picture));
}

std::optional<PixelShape> pixel_shape(std::size_t features) {
  if (features == 784) return PixelShape{28, 28, 1};
  if (features == 1024) return PixelShape{32, 32, 1};
  if (features == 3072) return PixelShape{32, 32, 3};
  return std::nullopt;
}

Picture tiled(const Array& images, PixelShape shape, std::size_t per_line, double low,
              double high) {
  return tiled_by(images, shape, per_line,
                  [=](const Real*, std::size_t) { return std::pair(low, high); });
}

Picture tiled_signed(const Array& images, PixelShape shape, std::size_t per_line) {
  return tiled_by(images, shape, per_line, [](const Real* values, std::size_t count) {
    double top = 1e-30;  // an image of zeros is grey
    for (std::size_t i = 0; i < count; ++i) top = std::max(top, std::abs(double(values[i])));
    return std::pair(-top, top);
  });
}

}  // namespace hourglass
