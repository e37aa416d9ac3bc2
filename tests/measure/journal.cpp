// A study's journal: stopped after any step of any part, and resumed, the end is the same.

#include "../temporary_folder.hpp"
#include <hourglass/core/ops.hpp>
#include <hourglass/measure/training.hpp>

#include <filesystem>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

namespace fs = std::filesystem;

const RunIdentity identity{{"app", "test"}, {"seed", "1"}};

// Two parts of momentum on (w^2 + w^4)/2 from different starts.
struct Study {
  std::vector<double> recorded = {};
  std::size_t taken = 0, stop_after = SIZE_MAX;

  JournalSettings settings(const fs::path& folder, bool resume) {
    return {.folder = folder, .resume = resume, .every = 1e-9, .stop = [this] {
              return ++taken >= stop_after;
            }};
  }
  void run(Journal& journal) {
    recorded.clear();
    for (const double start : {1.0, 0.5}) {
      Parameter w{"w", scalar(static_cast<Real>(start))};
      Parameter* all = &w;
      const Probe probe{{{"w", 1}, {"w", 2}}, [&](double loss) {
                          return std::vector<double>{double(w.value(0, 0)), loss};
                        }};
      Optimiser rule = Momentum{.learning_rate = 0.05, .momentum = 0.8};
      const Trace trace = train(
          {.steps = 7, .record = {0, 2, 3, 7}, .journal = &journal, .part = start == 1 ? "a" : "b"},
          [&](Tape& t) {
            const Var x = t.leaf(w);
            return half_squared_norm(x) + half_squared_norm(square(x));
          },
          Parameters(&all, 1), rule, probe);
      for (const std::size_t c : {0, 1})
        recorded.insert(recorded.end(), trace.values(c).begin(), trace.values(c).end());
    }
  }
};

}  // namespace

TEST_CASE("journal: stopped after any step of any part and resumed, the traces are the same") {
  Study whole;
  Journal none;
  whole.run(none);
  REQUIRE(whole.recorded.size() == 16);
  for (std::size_t stop = 1; stop <= 14; ++stop) {
    CAPTURE(stop);
    const testing::TemporaryFolder folder;
    Study first, second;
    first.stop_after = stop;
    Journal begun(first.settings(folder.path(), true));
    begun.identify(identity);
    CHECK_THROWS_AS(first.run(begun), Stopped);
    CHECK_FALSE(begun.resumes());
    // what a kill in the middle of saving leaves is no checkpoint
    const fs::path half = folder.write("checkpoints/.staging-7-b.safetensors", "half");
    Journal resumed(second.settings(folder.path(), true));
    resumed.identify(identity);
    second.run(resumed);
    CHECK(resumed.resumes());
    CHECK(resumed.steps() == 14 - stop);
    CHECK(second.recorded == whole.recorded);
    fs::remove(half);
    resumed.remove_parts();
    CHECK(fs::is_empty(folder.path()));
  }
}

TEST_CASE(
    "journal: another run's checkpoints are refused, or removed by one that does not resume") {
  const testing::TemporaryFolder folder;
  Study study;
  study.stop_after = 9;
  Journal first(study.settings(folder.path(), false));
  first.identify(identity);
  CHECK_THROWS_WITH(study.run(first), "stopped after step 2 of b");
  CHECK(fs::exists(first.file_of("a")));

  bool asked = false;
  Study other;
  JournalSettings settings = other.settings(folder.path(), true);
  settings.before_work = [&](bool) { asked = true; };
  Journal refused(settings);
  refused.identify({{"app", "test"}, {"seed", "2"}});
  try {
    other.run(refused);
    FAIL("accepted");
  } catch (const InputError& problem) {
    CHECK(std::string(problem.what()).ends_with("a.safetensors: seed: found '1', expected '2'"));
  }
  CHECK_FALSE(asked);
  CHECK(fs::exists(refused.file_of("b")));

  other.stop_after = 1;
  Journal anew(other.settings(folder.path(), false));
  anew.identify({{"app", "test"}, {"seed", "2"}});
  CHECK_THROWS_AS(other.run(anew), Stopped);
  CHECK_FALSE(fs::exists(anew.file_of("b")));
}

TEST_CASE("journal: a folder that cannot be written to shows at the first step") {
  const testing::TemporaryFolder folder;
  Study study;
  Journal journal(study.settings(folder.write("file", "x"), false));
  CHECK_THROWS_AS(study.run(journal), SystemError);
  CHECK(study.taken == 1);
}
