#include "recover_page.hpp"

#include <hourglass/report/number.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {
namespace {

using Values = std::vector<double>;

const Agreement* find(const Comparison& comparison, const std::string& series) {
  for (const Agreement& a : comparison.agreements)
    if (a.column.series == series) return &a;
  return nullptr;
}

std::string percent(double fraction, int digits = 3) {
  return rounded(100 * fraction, digits) + " %";
}

Curve measured_curve(const Comparison& c, const std::string& series, const std::string& label) {
  return {.label = label,
          .x = c.measured.steps(),
          .measured = c.measured.values(c.measured.find({series}))};
}

// Mean and standard deviation over the seeds, the prediction, and where it ends.
Figure distance_figure(const SeededRecovery& result) {
  const Comparison& c = result.comparison;
  Curve curve = measured_curve(c, "mean distance", "mean over the atoms");
  const std::size_t predicted = c.predicted.find({"mean distance"});
  if (predicted < c.predicted.columns().size()) curve.predicted = c.predicted.values(predicted);
  for (const MeanAndDeviation& spread : result.mean_distance) {
    if (std::isnan(spread.deviation)) continue;
    curve.low.push_back(std::max(spread.mean - spread.deviation, 1e-3 * spread.mean));
    curve.high.push_back(spread.mean + spread.deviation);
  }
  std::vector<Level> levels;  // a predicted curve shows its end itself
  if (curve.predicted.empty()) {
    const Agreement* end = find(c, "final mean distance");
    levels = {{"predicted if all are found", end->quantities[0].predicted}};
  }
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

Figure gates_figure(const SeededRecovery& result) {
  const Comparison& c = result.comparison;
  return {.name = "gates",
          .x_label = "step",
          .y_label = "fraction",
          .panels = {{.curves = {measured_curve(c, "consistency", "codes of the right support"),
                                 measured_curve(c, "missed gates", "off, should be on"),
                                 measured_curve(c, "raised gates", "on, should be off")}}},
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

std::string noun(const RecoveryConfig& config) {
  return config.model == RecoveryConfig::Model::mixture ? "centres" : "atoms";
}

constexpr std::size_t atoms_a_line = 16, lines = 3, least_pixels = 24, least_overlaps = 256;

// Lines of true atoms, each with the learned ones below.
Picture atoms_picture(const RecoveryConfig& config, const Recovery& run, std::uint64_t seed) {
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
Picture overlaps_picture(const RecoveryConfig& config, const Recovery& run) {
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

std::string answer(const RecoveryConfig& config, const SeededRecovery& result) {
  const Agreement* end = find(result.comparison, "final mean distance");
  const Quantity& distance = end->quantities[0];
  std::string text = percent(result.recovered.mean) + " of the " + noun(config) +
                     " are recovered (cosine above 0.95), at a mean distance of " +
                     rounded(distance.measured, 3);
  if (!std::isnan(distance.predicted)) text += "; predicted " + rounded(distance.predicted, 3);
  text += ".";
  const Comparison& c = result.comparison;
  if (c.agrees()) return text;
  const auto off = std::count_if(c.agreements.begin(), c.agreements.end(),
                                 [](const Agreement& a) { return !a.agrees(); });
  return text + " " + std::to_string(off) + (off == 1 ? " number disagrees" : " numbers disagree") +
         " with the theory.";
}

std::vector<std::string> notes(const RecoveryConfig& config, const SeededRecovery& result) {
  std::vector<std::string> lines{
      "Distances are those of normalised columns. From a near start a column is compared with the "
      "atom it started at, otherwise with the one that matches best (the Hungarian method).",
      "The expected map is the closed form of the mean gradient where every code has the true "
      "support. The noise of batches of " +
          std::to_string(config.batch) + " leaves a floor of " +
          rounded(result.runs.front().predicted.sgd_floor, 3) +
          " (root mean square); that of the map itself is " +
          rounded(result.runs.front().predicted.expected_distance.back(), 3) +
          "; they add in squares.",
      "Contraction is that of the squared distance above the floor, which is the mean of the last "
      "ten distances. Each of the first four steps must be within 0.01 of the prediction (0.035 "
      "where the map of a sparse model has a floor), and is judged where three standard errors of "
      "the mean over the seeds are within that. The final distance must be within 4 %.",
      "Consistency is the fraction of samples whose code has exactly the true support. Its "
      "predictions are estimates from the measured columns; for sparse codes of a dictionary that "
      "is not orthonormal they are too low, and not judged."};
  if (const std::string warning = warning_of(result); !warning.empty())
    lines.insert(lines.begin(), "Warning: " + warning);
  return lines;
}

}  // namespace

Array atoms_as_rows(const Array64& dictionary) {
  const auto [n, m] = shape_of(dictionary);
  Array rows = empty({m, n});
  for (std::size_t j = 0; j < shape_of(rows).rows; ++j)
    for (std::size_t r = 0; r < shape_of(rows).columns; ++r)
      rows(j, r) = static_cast<Real>(dictionary(r, j));
  return rows;
}

std::string warning_of(const SeededRecovery& result) {
  std::size_t pairs = 0, runs = 0;
  for (const Recovery& run : result.runs) {
    pairs += run.rotated_pairs.size();
    runs += run.rotated_pairs.empty() ? 0 : 1;
  }
  if (pairs == 0) return "";
  return std::to_string(pairs) + (pairs == 1 ? " pair" : " pairs") + " of learned columns (in " +
         std::to_string(runs) + " of " + std::to_string(result.runs.size()) +
         " runs) share two atoms evenly, rotated by 45 degrees. Such samples are reconstructed "
         "exactly though neither atom is found: the loss does not see it. A threshold above 0.707 "
         "excludes it.";
}

Run page_of(const RecoveryConfig& config, const SeededRecovery& result) {
  // The run to show: one that has something to warn of, if any does.
  const auto worst = std::max_element(result.runs.begin(), result.runs.end(),
                                      [](const Recovery& a, const Recovery& b) {
                                        return a.rotated_pairs.size() < b.rotated_pairs.size();
                                      });
  const auto seed = config.seed + static_cast<std::uint64_t>(worst - result.runs.begin());
  std::string text = answer(config, result);
  if (!warning_of(result).empty()) text += " Warning: rotated pairs of atoms, see the notes.";
  return {.app = "recover",
          .title = "Recovering a generative model with an autoencoder of shared weights",
          .question = "Does gradient descent on the reconstruction error find the " + noun(config) +
                      " behind the data, as fast and as exactly as the theory says?",
          .answer = text,
          .notes = notes(config, result),
          .comparison = result.comparison,
          .figures = {distance_figure(result), gates_figure(result)},
          .pictures = {atoms_picture(config, *worst, seed), overlaps_picture(config, *worst)}};
}

}  // namespace hourglass
