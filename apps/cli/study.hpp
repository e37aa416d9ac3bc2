#pragma once

#include "options.hpp"
#include <hourglass/data/search.hpp>
#include <hourglass/measure/journal.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

// A study is one value; the one main runs it.
namespace hourglass {

// What a run has besides its config.
class Session {
 public:
  std::filesystem::path out;
  Journal& journal;
  DataRecord data = {};  // what was loaded, for the report
  std::function<void(std::size_t done, std::size_t total)> progress = {};

  // Loads and remembers. Throws InputError as data::load_dataset does.
  Dataset load(const DataRequest& request);
};

template <class Config>
struct Preset {
  std::string name, meaning;
  Config config;
};
// Throws InputError naming those there are.
template <class Config>
const Config& preset_named(const std::vector<Preset<Config>>& presets, const std::string& name) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& preset : presets) {
    if (preset.name == name) return preset.config;
    names.emplace_back(preset.name, "");
  }
  throw InputError("preset is '" + name + "'; expected " + listed(names));
}

// Config: a struct of values with an add_options(Options&, Config&), a `seed` if there is chance, a
// `data` request if data are read, a `progress` that is called with the steps done and in all, a
// `journal` for its training loops: with it the study can be stopped and resumed.
// Result: `config` as used, `comparison`, `steps` of training and the `training_seconds` they took.
template <class Config, class Result>
struct Study {
  std::string name, title;
  std::string about;     // the head of --help
  std::string question;  // what a run asks, one sentence
  std::vector<Preset<Config>> presets = {};
  std::string preset = {};  // the one that the defaults are; empty: none
  // Where the one to start from, if none is asked for, depends on what is asked for.
  std::string (*preset_for)(const Config& asked) = nullptr;
  Result (*run)(const Config&, Session&);
  std::string (*answer)(const Result&) = [](const Result& r) { return answer_of(r.comparison); };
  std::vector<std::string> (*notes)(const Result&);
  std::vector<Figure> (*figures)(const Result&);
  std::vector<Picture> (*pictures)(const Result&) = nullptr;
  bool (*in_table)(const Column&) = nullptr;              // on the terminal; none: all
  void (*save)(const Result&, const Session&) = nullptr;  // files elsewhere, before the report
  std::vector<std::string> saved = {};  // names of files that `run` leaves beside the report
  std::string (*warning)(const Result&) = nullptr;  // for standard error, or empty
};

// A study whose types are forgotten.
struct Program {
  std::string name, about, preset;
  std::vector<std::pair<std::string, std::string>> presets;  // names and meanings
  std::function<void(Options&)> add_options;
  std::function<void(const std::string& preset)> start_from;
  std::function<std::string()> preset_for = {};  // that which the options so far ask for; or none
  std::function<Run(Session&)> run;  // all of the report but settings, environment and time
  bool (*in_table)(const Column&) = nullptr;
  std::vector<std::string> saved = {};
};

// Defined by each study, for cli/main.cpp.
Program program();

// Parses, runs and reports; whatever goes wrong becomes one line on standard error and an exit
// status: 1 failure while running, 2 bad usage or input, 3 disagreement or nothing judged under
// --strict, 129, 130 or 143 where a signal stopped the run.
int run_program(Program program, int argc, char** argv);

void add_data_options(Options& options, DataRequest& request);

namespace detail {

template <class Config, class Result>
Run report_of(const Study<Config, Result>& study, const Result& result, const Session& session) {
  Run run{.app = study.name,
          .title = study.title,
          .question = study.question,
          .answer = study.answer(result),
          .notes = study.notes(result),
          .data = session.data,
          .comparison = result.comparison,
          .figures = study.figures(result),
          .steps_per_second =
              double(session.journal.resumes() ? session.journal.steps() : result.steps) /
              result.training_seconds};
  if (study.pictures) run.pictures = study.pictures(result);
  if (study.warning) run.warning = study.warning(result);
  return run;
}

template <class Config, class Result>
Run run_study(const Study<Config, Result>& study, Config& config, Session& session) {
  if constexpr (requires { config.progress; }) config.progress = session.progress;
  if constexpr (requires { config.journal; }) config.journal = &session.journal;
  const Result result = study.run(config, session);
  config = result.config;
  if (study.save) study.save(result, session);
  return report_of(study, result, session);
}

}  // namespace detail

template <class Config, class Result>
Program program_of(const Study<Config, Result>& study) {
  const auto config = std::make_shared<Config>();
  Program program{
      .name = study.name,
      .about = study.about,
      .preset = study.preset,
      .presets = {},
      .add_options = {},
      .start_from = {},
      .run = [config, study](Session& s) { return detail::run_study(study, *config, s); },
      .in_table = study.in_table,
      .saved = study.saved};
  for (const auto& preset : study.presets)
    program.presets.emplace_back(preset.name, preset.meaning);
  program.start_from = [config, study](const std::string& name) {
    *config = preset_named(study.presets, name);
  };
  if (study.preset_for) program.preset_for = [config, study] { return study.preset_for(*config); };
  program.add_options = [config](Options& options) {
    options.group("This study");
    add_options(options, *config);
    if constexpr (requires { config->data; })  // where the study has not done it in its own words
      if (!options.find("data")) add_data_options(options, config->data);
    options.group("Run");
    if constexpr (requires { config->seed; })
      options.add("seed", config->seed, "N", "seed of initial weights and noise");
  };
  return program;
}

}  // namespace hourglass
