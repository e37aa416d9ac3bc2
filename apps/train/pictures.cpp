#include "pictures.hpp"

#include <hourglass/measure/reconstruction.hpp>

#include <algorithm>

namespace hourglass {
namespace {

constexpr std::size_t per_line = 16, features_shown = 64;

// Lines of images under each other: the rows of each of the parts.
Array stacked(const std::vector<Array>& parts) {
  Array all = empty({parts.size() * shape_of(parts[0]).rows, shape_of(parts[0]).columns});
  Real* to = all.data();
  for (const Array& part : parts) to = std::copy(part.begin(), part.end(), to);
  return all;
}

Array first_rows(const Array& x, std::size_t count) {
  Array rows = empty({std::min(count, shape_of(x).rows), shape_of(x).columns});
  std::copy(x.data(), x.data() + rows.size(), rows.data());
  return rows;
}

Array transposed(const Array& x) {
  const auto [rows, columns] = shape_of(x);
  Array result = empty({columns, rows});
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) result(c, r) = x(r, c);
  return result;
}

Array corrupted(const TrainResult& result, const Array& x) {
  Tape tape;
  const Var seen = result.model.corrupt(tape.constant(x), {result.last_step, 0});
  Array rows = empty(shape_of(x));
  std::copy(seen.value().data(), seen.value().data() + x.size(), rows.data());
  return rows;
}

Picture reconstructions(const TrainResult& result, PixelShape shape) {
  const bool held_out = result.validation.samples() > 0;
  const Array original = first_rows((held_out ? result.validation : result.training).x, per_line);
  std::vector<Array> lines{original};
  if (result.model.corrupt) lines.push_back(corrupted(result, original));
  lines.push_back(reconstruct(result.model, lines.back()));
  const auto [low, high] = std::minmax_element(original.begin(), original.end());
  Picture picture = tiled(stacked(lines), shape, shape_of(original).rows, *low, *high);
  picture.name = "reconstructions";
  picture.caption = std::string(held_out ? "Held-out" : "Training") + " images: original, " +
                    (result.model.corrupt ? "corrupted, " : "") + "and the reconstruction of that.";
  return picture;
}

Picture weights(const Array& images, PixelShape shape, const std::string& name,
                const std::string& what) {
  const Array shown = first_rows(images, features_shown);
  Picture picture = tiled_signed(shown, shape, per_line);
  picture.name = name;
  picture.caption = what + " of " + std::to_string(shape_of(shown).rows) + " of " +
                    std::to_string(shape_of(images).rows) +
                    " units: zero is middle grey, the largest of a unit black or white.";
  return picture;
}

}  // namespace

std::vector<Picture> pictures_of(const TrainResult& result) {
  const auto shape = pixel_shape(result.training.features());
  if (!shape) return {};
  std::vector<Picture> pictures{reconstructions(result, *shape)};
  const Parameters parameters = result.model.parameters();
  const Parameter* first = parameters.front();
  const Parameter* last = first;
  for (const Parameter* p : parameters)
    if (!p->bias) last = p;
  pictures.push_back(weights(first->value, *shape, "encoder_features", "First-layer weights"));
  if (last != first && shape_of(last->value).rows == result.training.features())
    pictures.push_back(weights(transposed(last->value), *shape, "decoder_features",
                               "What the last layer draws: the columns of its weights"));
  return pictures;
}

}  // namespace hourglass
