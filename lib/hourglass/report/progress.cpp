#include <hourglass/report/number.hpp>
#include <hourglass/report/progress.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>

#include <unistd.h>

namespace hourglass {
namespace {

constexpr double shown_every = 0.1;  // seconds

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, 3.6e6));
  char text[32];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%u:%02u:%02u", static_cast<unsigned>(whole / 3600),
                  static_cast<unsigned>(whole / 60 % 60), static_cast<unsigned>(whole % 60));
  else
    std::snprintf(text, sizeof text, "%u:%02u", static_cast<unsigned>(whole / 60),
                  static_cast<unsigned>(whole % 60));
  return text;
}

}  // namespace

Progress::Progress(std::string label, std::uint64_t total, std::ostream* out)
    : label_(std::move(label)),
      total_(total),
      next_look_(out ? 1 : std::numeric_limits<std::uint64_t>::max()),
      out_(out),
      start_(Clock::now()),
      shown_(start_) {}

Progress::Progress(std::string label, std::uint64_t total, bool quiet)
    : Progress(std::move(label), total, !quiet && isatty(STDERR_FILENO) ? &std::cerr : nullptr) {}

Progress::~Progress() {
  if (out_) *out_ << "\r\033[K" << std::flush;
}

void Progress::look(std::uint64_t done) {
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - shown_).count();
  const std::uint64_t steps = done - last_done_;
  if (elapsed < shown_every) {
    // too early: look again after at most twice as many steps
    const double share = std::clamp(shown_every / std::max(elapsed, 1e-9) - 1, 0.01, 1.0);
    next_look_ = done + std::max<std::uint64_t>(
                            1, static_cast<std::uint64_t>(static_cast<double>(steps) * share));
    return;
  }
  const double seconds = std::chrono::duration<double>(now - start_).count();
  *out_ << '\r' << progress_line(label_, done, total_, seconds) << "\033[K" << std::flush;
  const double rate = static_cast<double>(steps) / elapsed;
  next_look_ = done + std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rate * shown_every));
  last_done_ = done;
  shown_ = now;
}

std::string progress_line(const std::string& label, std::uint64_t done, std::uint64_t total,
                          double seconds) {
  constexpr std::size_t cells = 24;
  const double share =
      total > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(total)) : 1.0;
  const auto full = static_cast<std::size_t>(share * static_cast<double>(cells));
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string line = label.substr(0, 20) + " [" + std::string(full, '#') +
                     std::string(cells - full, '.') + "] " +
                     std::to_string(static_cast<int>(100 * share)) + "%";
  if (rate > 0) {
    line += "  " + rounded(rate, 3) + "/s";
    line += "  " + duration((1 - share) * static_cast<double>(total) / rate) + " left";
  }
  return line;
}

}  // namespace hourglass
