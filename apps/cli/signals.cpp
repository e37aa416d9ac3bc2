#include "signals.hpp"

#include <atomic>
#include <csignal>
#include <exception>

#include <unistd.h>

namespace hourglass::signals {
namespace {

// Handlers may use these: they take no lock.
std::atomic<int> last{0};
std::atomic<bool> waits{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

[[noreturn]] void end() {
  constexpr char text[] = "stopped; go on with --resume\n";
  [[maybe_unused]] const auto written = write(STDOUT_FILENO, text, sizeof text - 1);
  _exit(exit_status());
}

extern "C" void on_signal(int signal) {
  last = signal;
  if (!waits) end();
}

}  // namespace

void install() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  if (std::signal(SIGHUP, on_signal) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

bool received() { return last != 0; }

void wait_for_step(bool wait) {
  waits = wait;
  if (!wait && received() && std::uncaught_exceptions() == 0) end();
}

int exit_status() { return 128 + last; }

}  // namespace hourglass::signals
