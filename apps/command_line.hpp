#pragma once

#include <hourglass/data/search.hpp>
#include <hourglass/report/run.hpp>

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace hourglass {

// The options that every app has.
struct CommonOptions {
  DataRequest data;
  std::uint64_t seed = 1;
  std::size_t threads = 0;  // 0: one for each core
  std::string out;          // results/<app>
  bool quiet = false, strict = false;
};
void add_common_options(CLI::App& app, CommonOptions& options);
// Those of an app that reads no data: without --data, --data-dir and --samples.
void add_run_options(CLI::App& app, CommonOptions& options);

// Sets the number of threads and leaves BLAS one of its own; returns what a report says of it.
Environment prepare_environment(const CommonOptions& options);

// Adds an option whose default and unit --help shows: number("--steps", steps, "STEPS", help).
inline auto numbers_of(CLI::App& app) {
  return [&app](const char* name, auto& value, const char* unit, const char* help) {
    return app.add_option(name, value, help)->type_name(unit)->capture_default_str();
  };
}

// The end of a run: writes its report into --out, prints the table (of `shown` instead, if it is
// given) unless --quiet, and the path of the page. Returns 3 for a disagreement under --strict,
// otherwise 0. Throws as write_report does.
int finish(const Run& run, const CommonOptions& options);
int finish(const Run& run, const CommonOptions& options, const Comparison& shown);

// Before long work: throws InputError if the folder cannot be made or written to.
void require_writable(const std::string& folder, const std::string& option = "--out");

// Every option of the app as used, defaults included; `chosen` are those that the run decided.
std::vector<Setting> used_settings(const CLI::App& app, const std::vector<Setting>& chosen = {});

// The command as typed, quoted for a shell.
std::string command_of(int argc, char** argv);

// Parses and runs; whatever goes wrong becomes one line on standard error and an exit status:
// 1 failure while running, 2 bad usage or input. `body` returns 0, or 3 for a disagreement.
int run_app(CLI::App& app, int argc, char** argv, const std::function<int()>& body);

}  // namespace hourglass
