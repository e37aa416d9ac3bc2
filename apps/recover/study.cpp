#include "../cli/out_folder.hpp"
#include "figures.hpp"
#include <hourglass/data/readers.hpp>
#include <hourglass/report/number.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace hourglass {
namespace {

// Why zero loss is no recovery here: the rotated pairs that were seen.
std::string warning(const RecoverResult& result) {
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

std::string answer(const RecoverResult& result) {
  const Comparison& c = result.comparison;
  const Quantity& distance = c.agreement(recover::final_distance()).quantities[0];
  std::string text = rounded(100 * result.recovered.mean, 3) + " % of the " + noun(result.config) +
                     " are recovered (cosine above 0.95), at a mean distance of " +
                     rounded(distance.measured, 3);
  if (!std::isnan(distance.predicted))
    text += (result.reaches_theory ? "; predicted " : "; near the dictionary it would end at ") +
            rounded(distance.predicted, 3);
  text += ".";
  if (!result.reaches_theory)
    text +=
        result.recovered.mean < 1
            ? " Not judged: the theory begins near the dictionary, and some atoms are not found."
            : " Not judged: the run is too short after every atom was found.";
  if (const std::size_t off = c.tally().disagree; off > 0)
    text += " " + std::to_string(off) + (off == 1 ? " number disagrees" : " numbers disagree") +
            " with the theory.";
  if (!warning(result).empty()) text += " Warning: rotated pairs of atoms, see the notes.";
  return text;
}

std::vector<std::string> notes(const RecoverResult& result) {
  const RecoveryPrediction& predicted = result.runs.front().predicted;
  std::vector<std::string> lines{
      "Distances are those of normalised columns. From a near start a column is compared with the "
      "atom it started at, otherwise with the one that matches best (the Hungarian method).",
      "The expected map is the closed form of the mean gradient where every code has the true "
      "support. The noise of batches of " +
          std::to_string(result.config.batch) + " leaves a floor of " +
          rounded(predicted.sgd_floor, 3) + " (root mean square); that of the map itself is " +
          rounded(predicted.expected_distance.back(), 3) + "; they add in squares.",
      "Contraction is that of the squared distance above the floor, which is the mean of the last "
      "ten distances. Each of the first four steps must be within 0.01 of the prediction (0.035 "
      "where the map of a sparse model has a floor), and is judged where three standard errors of "
      "the mean over the seeds are within that. The final distance must be within 4 %; from a "
      "start that is not near, where every atom was found and there were steps enough left.",
      "Consistency is the fraction of samples whose code has exactly the true support. Its "
      "predictions are estimates from the measured columns; for sparse codes of a dictionary that "
      "is not orthonormal they are too low, and not judged."};
  if (const std::string text = warning(result); !text.empty())
    lines.insert(lines.begin(), "Warning: " + text);
  return lines;
}

RecoverResult run(const RecoverConfig& config, Session&) {
  if (config.exported) require_writable(*config.exported, "export");
  return run_recover(config);
}

void export_data(const RecoverResult& result, const Session&) {
  if (!result.config.exported) return;
  const std::filesystem::path folder(*result.config.exported);
  std::filesystem::create_directories(folder);
  RecoverConfig one = result.config;
  for (const Recovery& run : result.runs) {
    const std::string name = std::to_string(one.seed) + ".npy";
    data::write_npy(folder / ("samples-" + name), samples_of(one, one.exported_samples));
    data::write_npy(folder / ("dictionary-" + name), atoms_as_rows(run.dictionary));
    ++one.seed;
  }
}

std::string preset_for(const RecoverConfig& config) {
  using Model = RecoverConfig::Model;
  return config.model == Model::mixture ? "P1" : config.model == Model::sparse ? "P3" : "P6";
}

const Study<RecoverConfig, RecoverResult> study{
    .name = "recover",
    .title = "Recovering a generative model with an autoencoder of shared weights",
    .about =
        "A two-layer autoencoder with shared weights learns the dictionary behind its data: "
        "mixtures of Gaussians, sparse and non-negative sparse codes; how near it comes at each "
        "step, beside the expected map, the floor that batches leave, and the predicted "
        "consistency of codes.",
    .question =
        "Does gradient descent on the reconstruction error find the dictionary behind the data, as "
        "fast and as exactly as the theory says?",
    .presets = recover_presets(),
    .preset = "P1",
    .preset_for = preset_for,
    .run = run,
    .answer = answer,
    .notes = notes,
    .figures = figures_of,
    .pictures = pictures_of,
    .save = export_data,
    .warning = warning};

}  // namespace

Program program() { return program_of(study); }

}  // namespace hourglass
