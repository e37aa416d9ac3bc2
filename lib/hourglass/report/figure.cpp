#include <hourglass/core/error.hpp>
#include <hourglass/core/file.hpp>
#include <hourglass/report/figure.hpp>
#include <hourglass/report/plot.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const Figure& figure, const std::string& what) {
  throw ArgumentError("figure '" + figure.name + "': " + what);
}

// The name becomes part of file names and of the script.
void check_name(const Figure& figure) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; };
  if (figure.name.empty() || !std::all_of(figure.name.begin(), figure.name.end(), allowed))
    fail(figure, "the name may consist of letters, digits, '-' and '_'");
}

void check_curve(const Figure& figure, const Curve& curve) {
  for (const auto* values : {&curve.measured, &curve.predicted, &curve.low, &curve.high})
    if (!values->empty() && values->size() != curve.x.size())
      fail(figure, "curve '" + curve.label + "' has " + std::to_string(curve.x.size()) +
                       " places and " + std::to_string(values->size()) + " values");
  if (curve.low.empty() != curve.high.empty())
    fail(figure, "curve '" + curve.label + "' has only one edge of a band");
}

void check(const Figure& figure) {
  check_name(figure);
  if (figure.panels.empty()) fail(figure, "has no panels");
  if (figure.y_min >= figure.y_max) fail(figure, "y_min is not below y_max");
  if (figure.log_y && (figure.y_min <= 0 || figure.y_max <= 0))
    fail(figure, "a logarithmic axis needs positive y_min and y_max");
  for (const Panel& panel : figure.panels)
    for (const Curve& curve : panel.curves) check_curve(figure, curve);
}

// What the child does between fork and exec; the names of files are relative to its new folder.
class ChildSetup {
 public:
  ChildSetup(const fs::path& folder, const char* messages) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, messages,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
  }
  ChildSetup(const ChildSetup&) = delete;
  ChildSetup& operator=(const ChildSetup&) = delete;
  ~ChildSetup() { posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

[[noreturn]] void fail_to_start(int error) {
  std::string what = std::string("gnuplot cannot be started: ") + std::strerror(error);
  if (error == ENOENT) what += " (Debian: apt-get install gnuplot-nox)";
  throw SystemError(what);
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw SystemError("gnuplot: lost sight of the process");
  return status;
}

// Without a choice of terminal, which gnuplot would try, and fail with, before it reads the script.
std::vector<char*> environment_of_gnuplot() {
  std::vector<char*> result;
  for (char** entry = environ; *entry; ++entry)
    if (!std::string_view(*entry).starts_with("GNUTERM=")) result.push_back(*entry);
  result.push_back(nullptr);
  return result;
}

// With `folder` as its current folder and without the user's own settings. No shell is involved:
// paths may contain anything.
void run_gnuplot(const fs::path& folder, std::string script) {
  const char* messages = "gnuplot.messages";
  const ChildSetup setup(folder, messages);
  std::string program = "gnuplot", plain = "-d";
  const std::array<char*, 4> arguments{program.data(), plain.data(), script.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, program.c_str(), setup.get(), nullptr, arguments.data(),
                                 environment_of_gnuplot().data());
  if (error != 0) fail_to_start(error);
  const int status = wait_for(child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw SystemError("gnuplot failed on " + script + ": " + read_file(folder / messages));
}

// gnuplot may end well with half a drawing, on a full disk for example.
void check_whole(const fs::path& svg) {
  if (read_file(svg).find("</svg>") == std::string::npos)
    throw SystemError("gnuplot left half a drawing in " + svg.filename().string());
}

}  // namespace

void require_gnuplot() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/bin:/usr/bin");  // as posix_spawnp looks for it
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access(((folder.empty() ? "." : folder) + "/gnuplot").c_str(), X_OK) == 0) return;
  fail_to_start(ENOENT);
}

fs::path write_figure(const Figure& figure, const fs::path& folder) {
  check(figure);
  const std::string svg = figure.name + ".svg", script = figure.name + ".gp",
                    data = figure.name + ".dat";
  const StagingFolder staging(folder);
  write_file(staging.path() / data, plot_data(figure));
  write_file(staging.path() / script, plot_script(figure));
  run_gnuplot(staging.path(), script);
  check_whole(staging.path() / svg);
  for (const auto& name : {data, script, svg}) staging.publish(name);
  return folder / svg;
}

}  // namespace hourglass
