#include <hourglass/core/error.hpp>
#include <hourglass/report/file.hpp>
#include <hourglass/report/gnuplot.hpp>

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hourglass {
namespace {

// What the child does between fork and exec; the names of files are relative to its new folder.
class ChildSetup {
 public:
  ChildSetup(const std::filesystem::path& folder, const char* messages) {
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

}  // namespace

void run_gnuplot(const std::filesystem::path& folder, const std::string& script) {
  const char* messages = "gnuplot.messages";
  const ChildSetup setup(folder, messages);
  std::string program = "gnuplot", plain = "-d", file = script;
  const std::array<char*, 4> arguments{program.data(), plain.data(), file.data(), nullptr};
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, program.c_str(), setup.get(), nullptr, arguments.data(), environ);
  if (error != 0) fail_to_start(error);
  const int status = wait_for(child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw SystemError("gnuplot failed on " + script + ": " + read_file(folder / messages));
  std::filesystem::remove(folder / messages);
}

}  // namespace hourglass
