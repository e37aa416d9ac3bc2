#include <hourglass/measure/journal.hpp>

#include <algorithm>
#include <cctype>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

constexpr const char *only_file = "checkpoint.safetensors", *folder_of_parts = "checkpoints";
// A part that takes less is done again: writing its end would take as long.
constexpr double short_part = 0.25;  // seconds
}  // namespace

void Journal::identify(const RunIdentity& more) {
  for (const auto& [key, text] : more) identity_[key] = text;
}

fs::path Journal::file_of(const std::string& part) const {
  if (part.empty()) return settings_.folder / only_file;
  std::string name = part;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return settings_.folder / folder_of_parts / (name + ".safetensors");
}

std::vector<fs::path> Journal::files() const {
  std::vector<fs::path> found;
  if (settings_.folder.empty()) return found;
  std::error_code none;
  if (fs::exists(file_of(""), none)) found.push_back(file_of(""));
  for (const auto& entry : fs::directory_iterator(settings_.folder / folder_of_parts, none)) {
    const fs::path& file = entry.path();  // a hidden one is half of a checkpoint, of a killed run
    if (file.extension() == ".safetensors" && !file.filename().string().starts_with("."))
      found.push_back(file);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void Journal::check() {
  if (checked_) return;
  checked_ = true;
  const std::vector<fs::path> found = files();
  resumes_ = settings_.resume && !found.empty();
  if (resumes_)
    for (const fs::path& file : found) require_same_run(file, identity_);
}

void Journal::begin() {
  if (begun_) return;
  check();
  begun_ = true;
  if (settings_.before_work) settings_.before_work(resumes_);
  if (!resumes_)
    for (const fs::path& file : files()) fs::remove(file);
}

void Journal::remove_parts() const {
  std::error_code ignored;
  for (const fs::path& file : files())
    if (file != file_of("")) fs::remove(file, ignored);
  if (!settings_.folder.empty()) fs::remove(settings_.folder / folder_of_parts, ignored);
}

Part::Part(Journal* journal, std::string name, RunState& state, Parameters parameters,
           Optimiser& optimiser)
    : journal_(journal),
      name_(std::move(name)),
      state_(state),
      parameters_(parameters),
      optimiser_(optimiser) {
  if (!journal_) return;
  journal_->check();
  restore();
  if (journal_->settings_.in_part) journal_->settings_.in_part(true);
}

void Part::restore() {
  const fs::path file = journal_->file_of(name_);
  if (!journal_->resumes_ || !fs::exists(file)) return;
  RunIdentity identity = journal_->identity_;
  identity["part"] = name_;
  state_ = load_checkpoint(file, identity, state_.curve.columns(), parameters_, optimiser_);
  saved_step_ = state_.step;
}

Part::~Part() {
  if (journal_ && journal_->settings_.in_part) journal_->settings_.in_part(false);
}

double Part::seconds_since_saved() const {
  return std::chrono::duration<double>(Clock::now() - saved_).count();
}

void Part::look(bool last) {
  ++journal_->steps_;
  const bool very_first = !journal_->begun_;
  journal_->begin();
  const JournalSettings& settings = journal_->settings_;
  if (settings.stop && settings.stop()) {
    save();
    throw Stopped("stopped after step " + std::to_string(state_.step) +
                  (name_.empty() ? "" : " of " + name_));
  }
  if (very_first) save();
  if (settings.every == 0 && !last) return;
  const double due = last ? std::min(short_part, settings.every > 0 ? settings.every : short_part)
                          : settings.every;
  if (seconds_since_saved() >= due) save();
}

void Part::save() {
  if (!journal_ || journal_->settings_.folder.empty() || saved_step_ == state_.step) return;
  RunIdentity identity = journal_->identity_;
  identity["part"] = name_;
  save_checkpoint(journal_->file_of(name_), identity, state_, parameters_, optimiser_);
  saved_ = Clock::now();
  saved_step_ = state_.step;
}

}  // namespace hourglass
