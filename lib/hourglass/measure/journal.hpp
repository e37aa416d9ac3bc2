#pragma once

#include <hourglass/core/error.hpp>
#include <hourglass/measure/checkpoint.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

// A study is a sequence of parts, each a training loop: a variant, a seed. Its journal keeps where
// each of them stands, so that a run that is stopped or killed goes on from there to the same
// numbers.
namespace HOURGLASS_API hourglass {

// Thrown where a run is asked to end before its time; the message says where it stands.
struct Stopped : detail::ErrorOf<std::runtime_error> {
  using ErrorOf::ErrorOf;
};

// What a journal is told from outside.
struct JournalSettings {
  std::filesystem::path folder = {};  // of its checkpoints; empty: nothing is kept
  bool resume = false;                // go on from those that are there
  double every = 30;  // seconds between two of them; 0: only where a part ends or is stopped
  std::function<bool()> stop = {};                     // asked after every step
  std::function<void(bool under_way)> in_part = {};    // told where a part begins and ends
  std::function<void(bool resumes)> before_work = {};  // called once, before the first part
};

// Where the parts of a study stand: one checkpoint each, OUT/checkpoints/PART.safetensors, and
// OUT/checkpoint.safetensors of a study that is one part without a name.
class Journal {
 public:
  // By default nothing is kept.
  explicit Journal(JournalSettings settings = {}) : settings_(std::move(settings)) {}

  // Something else that the run is: a checkpoint of another is refused. Before the first part.
  void identify(const RunIdentity& more);
  const RunIdentity& identity() const { return identity_; }  // all that it is

  // Throws InputError where a checkpoint to go on from is of another run or damaged. Parts do so
  // where they begin.
  void check();
  // Before anything is written: checks, and removes the checkpoints of an earlier run where this
  // one does not go on from them. Parts do so after the first step of all.
  void begin();
  // Of the parts with a name: for when the study's results are there.
  void remove_parts() const;

  bool resumes() const { return resumes_; }       // there was something to go on from
  std::uint64_t steps() const { return steps_; }  // taken here, of all parts
  std::filesystem::path file_of(const std::string& part) const;  // its checkpoint

 private:
  friend class Part;
  std::vector<std::filesystem::path> files() const;

  JournalSettings settings_;
  RunIdentity identity_ = {};
  bool checked_ = false, begun_ = false, resumes_ = false;
  std::uint64_t steps_ = 0;
};

// One part while it is under way. It refers to what its loop works on: state.step updates are done.
class Part {
 public:
  // Puts back what the journal holds of the part. Without a journal it does nothing at all. Throws
  // InputError as load_checkpoint does.
  Part(Journal* journal, std::string name, RunState& state, Parameters parameters,
       Optimiser& optimiser);
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part();

  // After every step: saves when it is time to, after the last one, and after the very first of
  // the study, so that what cannot be written shows before the work. Throws Stopped, once the
  // checkpoint is written, where the run is asked to end; SystemError.
  void after_step(bool last) {
    if (journal_) look(last);
  }
  void save();  // unless this step is saved already

 private:
  using Clock = std::chrono::steady_clock;
  void restore();
  void look(bool last);
  double seconds_since_saved() const;

  Journal* journal_;
  std::string name_;
  RunState& state_;
  Parameters parameters_;
  Optimiser& optimiser_;
  Clock::time_point saved_ = Clock::now();
  std::optional<std::uint64_t> saved_step_ = {};
};

}  // namespace hourglass
