#include "config_file.hpp"
#include "out_folder.hpp"
#include "signals.hpp"
#include "study.hpp"
#include <hourglass/core/instruction_set.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/report/number.hpp>
#include <hourglass/report/progress.hpp>
#include <hourglass/report/table.hpp>
#include <hourglass/report/write.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <CLI/CLI.hpp>
#include <unistd.h>

namespace hourglass {
namespace {

// The options of every run beside those of its study.
struct RunOptions {
  std::string preset, config, out;
  std::size_t threads = 0;  // 0: one for each core
  bool quiet = false, strict = false, resume = false;
  double checkpoint_every = 30;  // seconds
};

// OpenBLAS reads OPENBLAS_CORETYPE when it is loaded, so the program starts again with it. Where
// that fails, or the user has chosen, it goes on with what there is.
void restart_with_better_blas(char** argv) {
  const std::string core = kernels::better_blas_core();
  if (core.empty() || std::getenv("OPENBLAS_CORETYPE")) return;
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (failed) return;
  setenv("OPENBLAS_CORETYPE", core.c_str(), 1);
  execv(program.c_str(), argv);
}

void add_preset_option(Options& table, RunOptions& run, const Program& program) {
  if (program.presets.empty()) return;
  std::vector<Choice<std::string>> names;
  for (const auto& [name, meaning] : program.presets) names.push_back({name, name, meaning});
  table.group("This study");
  table.choice<std::string>("preset", run.preset, names,
                            "settings to start from, which other options override");
}

void add_run_options(Options& table, RunOptions& run) {
  table.group("Run");
  table.add("threads", run.threads, "N",
            "threads for large products and noise; 0: one for each core (no result depends on it)",
            between(0, 1024));
  table.add("out", run.out, "DIR", "folder for the results");
  table.flag("quiet", run.quiet, "no progress bar and no table");
  table.flag("strict", run.strict,
             "exit with status 3 if a comparison disagrees or nothing is judged");
  table.path("config", run.config, "FILE",
             "read options from this TOML file, or from the summary.json of a run to repeat it");
  table.flag("resume", run.resume,
             "go on from the checkpoints in DIR to the same numbers; without any, begin at the "
             "beginning");
  table.add("checkpoint-every", run.checkpoint_every, "SECONDS",
            "how often the state of training is saved in DIR; 0: only where a part of the run is "
            "done or a signal ends it",
            not_negative());
  for (const char* name :
       {"threads", "out", "quiet", "strict", "config", "resume", "checkpoint-every", "preset"})
    if (Option* option = table.find(name)) option->identifies = false;
}

// What a checkpoint must agree with: all that decides the numbers.
RunIdentity identity_of(const Options& table, const Program& program) {
  RunIdentity identity{{"app", program.name},
                       {"version", HOURGLASS_VERSION},
                       {"precision", Environment{}.precision},
                       {"kernels", kernels::blas_core() + ", " + name_of(best_instruction_set())}};
#ifdef HOURGLASS_NATIVE
  identity["kernels"] += ", compiled for one machine";
#endif
  for (const Option& option : table.all())
    if (option.identifies && option.applies()) identity[option.name] = text_of(option.value(), ",");
  return identity;
}

// The default as --help shows it.
std::string default_of(const SettingValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return rounded(*number, 6);
  return text_of(value, ",");
}

// In lines that leave room for CLI11's column of names on a terminal of 100.
std::string wrapped(const std::string& text, std::size_t width = 68) {
  std::string lines;
  std::size_t used = 0;
  std::istringstream words(text);
  for (std::string word; words >> word; used += word.size() + 1) {
    const bool breaks = used > 0 && used + word.size() > width;
    if (used > 0) lines += breaks ? '\n' : ' ';
    if (breaks) used = 0;
    lines += word;
  }
  return lines;
}

CLI::Option* declared(CLI::App& app, const Option& option) {
  const std::string name = "--" + option.name;
  const std::string help =
      wrapped(option.help + (option.where.empty() ? "" : " (" + option.where + ")"));
  if (option.is_flag) return app.add_flag(name, help)->group(option.group);
  const auto ignore = [](const CLI::results_t&) { return true; };
  CLI::Option* added = app.add_option(name, ignore, help);
  added->type_name(option.unit)->group(option.group);
  if (const SettingValue value = option.value(); !std::holds_alternative<std::monostate>(value))
    added->default_str(default_of(value));
  if (option.is_list) added->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
  return added;
}

// As typed; a list's entries, which CLI11's own delimiter would drop where they are empty, by
// commas.
std::vector<std::string> typed_texts(const CLI::Option& option, bool is_list) {
  if (!is_list) return option.results();
  std::vector<std::string> texts;
  for (const std::string& word : option.results())
    for (std::string& entry : detail::split(word, ',')) texts.push_back(std::move(entry));
  return texts;
}

// Preset, then file, then command line: the later goes before the earlier. What a summary records
// was not asked for: where it does not apply any more, it is left out.
void apply(const std::map<std::string, CLI::Option*>& typed, Options& table, RunOptions& run,
           const Program& program) {
  const auto set_typed = [&](const std::string& name, const CLI::Option& option) {
    if (option.count() > 0) table.set(name, typed_texts(option, table.find(name)->is_list));
  };
  set_typed("config", *typed.at("config"));
  ConfigFile file;
  if (!run.config.empty()) file = read_config(run.config, program.name, table);
  const auto set_all = [&] {
    for (const ConfigEntry& entry : file.entries) {
      table.set(entry.name, entry.texts, entry.place);
      table.find(entry.name)->given = !file.is_summary;
    }
    for (const auto& [name, option] : typed) set_typed(name, *option);
  };
  set_all();
  bool chosen = typed.contains("preset") && typed.at("preset")->count() > 0;
  for (const ConfigEntry& entry : file.entries) {
    if (entry.name != "preset") continue;
    chosen = true;
    if (file.is_summary && entry.texts[0] != run.preset)
      throw refused("preset", "'" + run.preset + "' beside the summary of another",
                    "none: a summary gives every option");
  }
  if (program.preset_for && !chosen) run.preset = program.preset_for();
  if (!run.preset.empty()) {
    program.start_from(run.preset);
    set_all();
  }
  table.check_ranges();
  table.check_applying();
}

Environment prepare_environment(const RunOptions& run) {
  kernels::use_one_blas_thread();
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  set_threads(run.threads > 0 ? run.threads : cores);
  return {.threads = threads(), .blas_core = kernels::blas_core()};
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-+=.,/:@%").find(char(c)) != std::string::npos;
  });
  if (plain) return word;
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// As typed, quoted for a shell.
std::string command_of(int argc, char** argv) {
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i > 0 ? " " : "") + quoted(argv[i]);
  return command;
}

// Every option as used, but for the file that some were read from, and whether the run was
// interrupted.
std::vector<Setting> settings_of(const Options& table) {
  std::vector<Setting> settings = table.settings();
  std::erase_if(settings,
                [](const Setting& s) { return s.name == "config" || s.name == "resume"; });
  return settings;
}

void print_outcome(const Run& run, const Program& program, const std::string& page, bool quiet) {
  Comparison shown;
  for (const Agreement& a : run.comparison.agreements)
    if (!program.in_table || program.in_table(a.column)) shown.agreements.push_back(a);
  if (!quiet) print_table(std::cout, shown);
  std::cout << page << '\n';
  if (!std::cout.flush()) throw SystemError("standard output: could not be written");
  if (!run.warning.empty()) std::cerr << program.name << ": " << run.warning << '\n';
}

// What may help is an option that the app has.
std::string advice_for(const Options& table) {
  for (const char* rate : {"rate", "lr", "contraction", "optimiser", "init"})
    for (const Option& option : table.all())
      if (option.name == rate)
        return std::string(" (a smaller ") + (option.name == "optimiser" ? "rate in " : "") + "--" +
               rate + " may help)";
  return "";
}

// What asked for more memory than there is: the largest counts.
InputError too_large(const Options& table) {
  std::vector<std::pair<std::uint64_t, std::string>> counts;
  for (const Setting& s : table.settings()) {
    std::vector<std::uint64_t> values;
    if (const auto* one = std::get_if<std::uint64_t>(&s.value)) values = {*one};
    if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&s.value)) values = *list;
    if (s.name == "seed" || values.empty()) continue;
    counts.emplace_back(*std::max_element(values.begin(), values.end()),
                        "--" + s.name + " " + text_of(s.value, ","));
  }
  std::sort(counts.rbegin(), counts.rend());
  std::string found;
  for (std::size_t k = 0; k < std::min<std::size_t>(counts.size(), 3); ++k)
    found += (k > 0 ? ", " : "") + counts[k].second;
  return InputError("found " + found + ", expected sizes that fit the memory");
}

// Checks all that can be checked before the work, and keeps the folder while it lasts.
Journal journal_of(const Options& table, const RunOptions& options, const Program& program,
                   std::optional<OutFolder>& folder) {
  require_writable(options.out, "out");
  require_free_names(options.out, program.saved);
  require_gnuplot();
  const auto before_work = [&](bool resumes) {
    folder.emplace(options.out, program.saved);
    if (options.resume && !options.quiet)
      std::cout << (resumes ? "resuming from the checkpoint in "
                            : "beginning anew, without a checkpoint in ")
                << options.out << std::endl;
  };
  Journal journal({.folder = options.out,
                   .resume = options.resume,
                   .every = options.checkpoint_every,
                   .stop = signals::received,
                   .in_part = signals::wait_for_step,
                   .before_work = before_work});
  journal.identify(identity_of(table, program));
  return journal;
}

int run_with(const Options& table, const RunOptions& options, const Program& program,
             const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  signals::install();
  const Environment environment = prepare_environment(options);
  std::optional<OutFolder> folder;
  Journal journal = journal_of(table, options, program, folder);
  std::unique_ptr<Progress> progress;  // how much there is to do, the first call tells
  Session session{.out = options.out, .journal = journal};
  session.progress = [&](std::size_t done, std::size_t total) {
    if (!progress) progress = std::make_unique<Progress>(program.name, total, options.quiet);
    progress->update(done);
  };
  Run run = program.run(session);
  progress.reset();
  run.command = command;
  run.config = settings_of(table);
  run.environment = environment;
  run.saved = program.saved;
  if (journal.resumes())
    run.notes.push_back(
        "Resumed from a checkpoint: all numbers are those of a run without interruption.");
  run.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  journal.begin();
  const std::string page = write_report(run, options.out).string();
  journal.remove_parts();
  print_outcome(run, program, page, options.quiet);
  return options.strict && run.comparison.verdict() != Verdict::agrees ? 3 : 0;
}

// Moments, spectra and errors are of squares.
void require_squares(const Dataset& dataset) {
  const double least = 1e4 * std::sqrt(double(std::numeric_limits<Real>::min()));
  const double most = 1e-4 * std::sqrt(double(std::numeric_limits<Real>::max()));
  double largest = 0;
  for (const Real value : dataset.x) largest = std::max(largest, std::abs(double(value)));
  if (largest > most || (largest > 0 && largest < least))
    throw InputError("--data: found values of size " + rounded(largest, 3) + " in " + dataset.name +
                     ", expected sizes from " + rounded(least, 2) + " to " + rounded(most, 2) +
                     ": squares of others are no numbers");
}

}  // namespace

Dataset Session::load(const DataRequest& request) {
  Dataset dataset = data::load_dataset(request);
  require_squares(dataset);
  data = {dataset.name, dataset.samples(), dataset.features(), dataset.checksum};
  journal.identify(
      {{"data", std::to_string(data.samples) + " samples of " + std::to_string(data.features) +
                    " features, checksum " + data.checksum}});
  return dataset;
}

void add_data_options(Options& options, DataRequest& request) {
  options.group("Data");
  options.add("data", request.name, "NAME|PATH",
              "data set: fashion-mnist, mnist, cifar10, cifar10-gray, or a path");
  const auto is_known = [&request] {
    const auto names = data::known_datasets();
    return std::find(names.begin(), names.end(), request.name) != names.end();
  };
  options.path("data-dir", request.directory, "DIR", "folder to look for data sets in first")
      .only("--data NAME", is_known);
  options
      .add("skip-columns", request.skip_columns, "N",
           "leave out the first N columns: an index, names of rows")
      .only("--data FILE.csv", [&request] { return data::is_csv(request.name); });
  options.add("samples", request.samples, "N", "use only the first N samples; 0: all");
  // what was read counts, and not where it was
  for (const char* name : {"data-dir", "samples"}) options.find(name)->identifies = false;
}

int run_program(Program program, int argc, char** argv) {
  restart_with_better_blas(argv);
  CLI::App app(wrapped(program.about, 98), program.name);
  RunOptions run{.preset = program.preset, .config = {}, .out = "results/" + program.name};
  Options table;
  add_preset_option(table, run, program);
  program.add_options(table);
  add_run_options(table, run);
  std::map<std::string, CLI::Option*> typed;
  for (const Option& option : table.all()) typed[option.name] = declared(app, option);
  app.footer(wrapped(
      "Exit status: 0 done, 1 failure while running, 2 bad usage or input, 3 disagreement or "
      "nothing judged under --strict, 129, 130 or 143 stopped by SIGHUP, SIGINT or SIGTERM "
      "(go on with --resume).",
      98));
  try {
    for (int i = 1; i < argc; ++i)
      if (const std::string word = argv[i]; word.starts_with("--") && word.ends_with("="))
        throw InputError(word + " found nothing, expected a value");
    app.parse(argc, argv);
    apply(typed, table, run, program);
    return run_with(table, run, program, command_of(argc, argv));
  } catch (const Stopped& stopped) {
    std::cout << stopped.what() << "; go on with --resume" << std::endl;
    return signals::exit_status();
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& usage) {
    std::cerr << program.name << ": " << usage.what() << " (see --help)\n";
    return 2;
  } catch (const InputError& problem) {
    std::cerr << program.name << ": " << problem.what() << '\n';
    return 2;
  } catch (const std::bad_alloc&) {
    std::cerr << program.name << ": " << too_large(table).what() << '\n';
    return 2;
  } catch (const std::length_error&) {
    std::cerr << program.name << ": " << too_large(table).what() << '\n';
    return 2;
  } catch (const Divergence& problem) {
    std::cerr << program.name << ": " << problem.what() << advice_for(table) << '\n';
    return 1;
  } catch (const std::exception& problem) {
    std::cerr << program.name << ": " << problem.what() << '\n';
    return 1;
  }
}

}  // namespace hourglass
