#pragma once

#include <hourglass/core/array.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace HOURGLASS_API hourglass {

// A raster image: rows from the top, pixels from the left, 1 (grey) or 3 (red, green, blue) bytes a
// pixel.
struct Picture {
  std::string name = {};  // of its file: letters, digits, '-', '_'
  std::size_t width = 0, height = 0, channels = 1;
  std::vector<std::uint8_t> bytes = {};
  std::string caption = {};
};

// The picture as a PNG file. Throws ArgumentError where bytes and sizes do not match.
std::string to_png(const Picture& picture);
// The same as the address of an <img>: nothing is loaded from elsewhere.
std::string to_data_uri(const Picture& picture);

// How the features of a sample are the pixels of an image: row by row, colour by colour.
struct PixelShape {
  std::size_t width, height, channels;
};
// 784: 28x28 grey; 1024: 32x32 grey; 3072: 32x32 in colour. Other data have no image.
std::optional<PixelShape> pixel_shape(std::size_t features);

// A grid of images on white, `per_line` to a line; `images` has one a row. Values from `low`
// (black) to `high` (white); beyond that they are cut off. Throws ArgumentError unless a
// row has as many values as the shape has pixels.
Picture tiled(const Array& images, PixelShape shape, std::size_t per_line, double low, double high);

// The same for weights: in each image 0 is middle grey and the largest |value| black or white.
Picture tiled_signed(const Array& images, PixelShape shape, std::size_t per_line);

}  // namespace hourglass
