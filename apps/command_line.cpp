#include "command_line.hpp"

#include "toml_config.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/report/table.hpp>
#include <hourglass/report/write.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <thread>

#include <unistd.h>

namespace hourglass {
namespace {

template <class Number>
bool parse(std::string_view text, Number& number) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && stop == text.data() + text.size();
}

std::vector<std::string> split(std::string text) {
  std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

// Numbers and lists of numbers as such, the rest as text.
SettingValue value_of(const std::string& text) {
  std::int64_t whole = 0;
  double number = 0;
  if (parse(text, whole)) return whole;
  if (parse(text, number)) return number;
  std::vector<double> list;
  for (const std::string& part : split(text)) {
    if (!parse(part, number)) return text;
    list.push_back(number);
  }
  if (list.empty()) return text;
  return list;
}

Setting setting_of(const CLI::Option& option) {
  const std::string name = option.get_single_name();
  if (option.get_items_expected_max() == 0) return {name, option.count() > 0};
  if (option.count() == 0) return {name, value_of(option.get_default_str())};
  std::string joined;
  for (const std::string& part : option.results()) joined += (joined.empty() ? "" : ",") + part;
  return {name, value_of(joined)};
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

}  // namespace

void add_common_options(CLI::App& app, CommonOptions& options) {
  app.add_option("--data", options.data.name,
                 "data set: fashion-mnist, mnist, cifar10, cifar10-gray, or a path")
      ->type_name("NAME|PATH")
      ->capture_default_str();
  app.add_option("--data-dir", options.data.directory, "folder to look for data sets in first")
      ->type_name("DIR");
  app.add_option("--samples", options.data.samples, "use only the first N samples; 0: all")
      ->type_name("N")
      ->check(CLI::Validator(CLI::NonNegativeNumber).description(""))
      ->capture_default_str();
  add_run_options(app, options);
}

void add_run_options(CLI::App& app, CommonOptions& options) {
  options.out = "results/" + app.get_name();
  app.config_formatter(toml_config(app));
  app.set_config("--config", "", "read options from this TOML file")->type_name("FILE");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--seed", options.seed, "seed of initial weights and noise")
      ->type_name("N")
      ->check(CLI::Validator(CLI::NonNegativeNumber).description(""))
      ->capture_default_str();
  app.add_option("--threads", options.threads,
                 "threads for large products and noise; 0: one for each core (no result depends "
                 "on it)")
      ->type_name("N")
      ->check(CLI::Range(0, 1024).description(""))
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for the results")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_flag("--quiet", options.quiet, "no progress bar and no table");
  app.add_flag("--strict", options.strict, "exit with status 3 if a comparison disagrees");
  app.footer(
      "Exit status: 0 done, 1 failure while running, 2 bad usage or input, 3 disagreement "
      "under --strict.");
}

Environment prepare_environment(const CommonOptions& options) {
  kernels::use_one_blas_thread();
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  set_threads(options.threads > 0 ? options.threads : cores);
  return {.threads = threads(), .blas_core = kernels::blas_core()};
}

int finish(const Run& run, const CommonOptions& options) {
  return finish(run, options, run.comparison);
}

int finish(const Run& run, const CommonOptions& options, const Comparison& shown) {
  const auto page = write_report(run, options.out);
  if (!options.quiet) print_table(std::cout, shown);
  std::cout << page.string() << '\n';
  if (!std::cout.flush()) throw SystemError("standard output: could not be written");
  return options.strict && !run.comparison.agrees() ? 3 : 0;
}

void require_writable(const std::string& folder, const std::string& option) {
  if (folder.empty()) throw InputError(option + ": found an empty name, expected a folder");
  auto place = std::filesystem::absolute(folder);
  while (!std::filesystem::exists(place)) place = place.parent_path();
  if (!std::filesystem::is_directory(place) || access(place.c_str(), W_OK) != 0)
    throw InputError(option + " " + folder + ": " + place.string() +
                     " is no folder one may write to");
}

std::vector<Setting> used_settings(const CLI::App& app, const std::vector<Setting>& chosen) {
  std::vector<Setting> settings;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_single_name();
    if (name == "help" || name == "config") continue;
    const auto known = std::find_if(chosen.begin(), chosen.end(),
                                    [&](const Setting& s) { return s.name == name; });
    settings.push_back(known == chosen.end() ? setting_of(*option) : *known);
  }
  return settings;
}

std::string command_of(int argc, char** argv) {
  std::string command;
  for (int i = 0; i < argc; ++i) command += (i > 0 ? " " : "") + quoted(argv[i]);
  return command;
}

int run_app(CLI::App& app, int argc, char** argv, const std::function<int()>& body) {
  restart_with_better_blas(argv);
  const std::string prefix = app.get_name() + ": ";
  try {
    app.parse(argc, argv);
    return body();
  } catch (const CLI::Success& done) {  // --help
    return app.exit(done);
  } catch (const CLI::ParseError& usage) {
    std::cerr << prefix << usage.what() << " (see --help)\n";
    return 2;
  } catch (const InputError& problem) {
    std::cerr << prefix << problem.what() << '\n';
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << prefix << problem.what() << '\n';
    return 1;
  }
}

}  // namespace hourglass
