#pragma once

#include <hourglass/config.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace HOURGLASS_API hourglass {

// A line on the terminal while something long runs: bar, share done, rate and time left. Silent
// where standard error is no terminal, or when told to be.
class Progress {
 public:
  // Of `total` steps, on standard error.
  Progress(std::string label, std::uint64_t total, bool quiet = false);
  // Writes to `out` whatever that is (null: nowhere).
  Progress(std::string label, std::uint64_t total, std::ostream* out);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // clears the line

  // `done` of the steps are behind us. Call it at every step: the clock is looked at only after as
  // many steps as recently took about a tenth of a second.
  void update(std::uint64_t done) {
    if (done >= next_look_) look(done);
  }

 private:
  using Clock = std::chrono::steady_clock;
  void look(std::uint64_t done);

  std::string label_;
  std::uint64_t total_, next_look_, last_done_ = 0;
  std::ostream* out_;
  Clock::time_point start_, shown_;
};

// The text of that line, at most 79 characters: "train [#####.....]  50%  1200/s  0:12 left".
std::string progress_line(const std::string& label, std::uint64_t done, std::uint64_t total,
                          double seconds);

}  // namespace hourglass
