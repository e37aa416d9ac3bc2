#include "figures.hpp"

#include <hourglass/theory/matrix.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

// Mean and standard deviation over the seeds, the prediction, and where it ends.
Figure distance_figure(const RecoverResult& result) {
  const Comparison& c = result.comparison;
  Curve curve = curve_of(c, recover::mean_distance(), "mean over the atoms");
  for (const MeanAndDeviation& spread : result.mean_distance) {
    if (std::isnan(spread.deviation)) continue;
    curve.low.push_back(std::max(spread.mean - spread.deviation, 1e-3 * spread.mean));
    curve.high.push_back(spread.mean + spread.deviation);
  }
  std::vector<Level> levels;  // a predicted curve shows its end itself
  if (curve.predicted.empty())
    levels = {{"predicted if all are found",
               c.agreement(recover::final_distance()).quantities[0].predicted}};
  return {
      .name = "distance",
      .x_label = "step",
      .y_label = "distance |wᵢ − aᵢ|",
      .log_y = true,
      .relative_deviation = true,
      .panels = {{.curves = {curve}, .levels = levels}},
      .caption =
          std::string("Distance of the learned columns from the atoms: marks are training "
                      "(mean and, as a band, standard deviation over the seeds)") +
          (curve.predicted.empty() ? "."
                                   : ", the line is the expected map with the noise of batches.")};
}

Figure gates_figure(const RecoverResult& result) {
  const Comparison& c = result.comparison;
  return {.name = "gates",
          .x_label = "step",
          .y_label = "fraction",
          .panels = {{.curves = {curve_of(c, recover::consistency(), "codes of the right support"),
                                 curve_of(c, recover::missed(), "off, should be on"),
                                 curve_of(c, recover::raised(), "on, should be off")}}},
          .caption =
              "How often a code has the support of the true one, and the fractions of gates "
              "that are wrong."};
}

// Each pixel as a square of `times` by `times`.
Array enlarged(const Array& images, PixelShape& shape, std::size_t times) {
  const PixelShape large{shape.width * times, shape.height * times, 1};
  Array result = empty({shape_of(images).rows, large.width * large.height});
  for (std::size_t k = 0; k < shape_of(images).rows; ++k)
    for (std::size_t y = 0; y < large.height; ++y)
      for (std::size_t x = 0; x < large.width; ++x)
        result(k, y * large.width + x) = images(k, y / times * shape.width + x / times);
  shape = large;
  return result;
}

// Squares where n is a square, otherwise lines.
PixelShape shape_of_atoms(std::size_t n) {
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n))));
  return side * side == n ? PixelShape{side, side, 1} : PixelShape{n, 1, 1};
}

constexpr std::size_t atoms_a_line = 16, lines = 3, least_pixels = 24, least_overlaps = 256;

// Lines of true atoms, each with the learned ones below.
Picture atoms_picture(const RecoverConfig& config, const Recovery& run, std::uint64_t seed) {
  const Array truth = atoms_as_rows(run.dictionary), learned = atoms_as_rows(run.learned);
  const std::size_t shown = std::min(config.m, atoms_a_line * lines);
  const std::size_t per_line = std::min(shown, atoms_a_line), down = shown / per_line;
  Array images = empty({2 * per_line * down, config.n});
  for (std::size_t k = 0; k < per_line * down; ++k)
    for (std::size_t r = 0; r < config.n; ++r) {
      const std::size_t row = 2 * (k / per_line) * per_line + k % per_line;
      images(row, r) = truth(k, r);
      images(row + per_line, r) = learned(k, r);
    }
  PixelShape shape = shape_of_atoms(config.n);
  const std::size_t times = std::max<std::size_t>(1, least_pixels / shape.width);
  images = enlarged(images, shape, times);
  Picture picture = tiled_signed(images, shape, per_line);
  picture.name = "dictionary";
  picture.caption = "The first " + std::to_string(per_line * down) + " " + noun(config) +
                    " of seed " + std::to_string(seed) +
                    ": odd lines are true, below each the learned ones, in the order that matches "
                    "best; a feature a pixel, grey is 0.";
  return picture;
}

// All overlaps of learned columns with atoms, as one image.
Picture overlaps_picture(const RecoverConfig& config, const Recovery& run) {
  Array overlaps = empty({1, config.m * config.m});
  for (std::size_t i = 0; i < config.m; ++i)
    for (std::size_t j = 0; j < config.m; ++j) {
      double sum = 0;
      for (std::size_t r = 0; r < config.n; ++r) sum += run.learned(r, i) * run.dictionary(r, j);
      overlaps(0, i * config.m + j) = static_cast<Real>(std::abs(sum));
    }
  PixelShape shape{config.m, config.m, 1};
  const std::size_t times = std::max<std::size_t>(1, least_overlaps / config.m);
  overlaps = enlarged(overlaps, shape, times);
  Picture picture = tiled(overlaps, shape, 1, 0, 1);
  picture.name = "overlaps";
  picture.caption =
      "Size of the cosine of every learned column (down) with every one of the true " +
      noun(config) +
      " (across), black 0, white 1: a white diagonal is recovery, a grey square of "
      "four a rotated pair.";
  return picture;
}

}  // namespace

std::vector<Figure> figures_of(const RecoverResult& result) {
  return {distance_figure(result), gates_figure(result)};
}

std::vector<Picture> pictures_of(const RecoverResult& result) {
  const auto shown = std::max_element(result.runs.begin(), result.runs.end(),
                                      [](const Recovery& a, const Recovery& b) {
                                        return a.rotated_pairs.size() < b.rotated_pairs.size();
                                      });
  const auto seed = result.config.seed + static_cast<std::uint64_t>(shown - result.runs.begin());
  return {atoms_picture(result.config, *shown, seed), overlaps_picture(result.config, *shown)};
}

Array atoms_as_rows(const Array64& dictionary) { return to_real(theory::transposed(dictionary)); }

std::string noun(const RecoverConfig& config) {
  return config.model == RecoverConfig::Model::mixture ? "centres" : "atoms";
}

}  // namespace hourglass
