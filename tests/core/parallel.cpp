#include <hourglass/core/parallel.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("parallel: every task runs exactly once, job after job, for any number of threads") {
  for (const std::size_t count : {1u, 2u, 5u}) {
    set_threads(count);
    CHECK(threads() == count);
    for (int job = 0; job < 200; ++job) {
      std::vector<std::atomic<int>> hits(job % 17);
      parallel_for(hits.size(), [&](std::size_t i) { ++hits[i]; });
      for (const auto& h : hits) CHECK(h == 1);
    }
  }
  set_threads(0);
  CHECK(threads() == 1);
}

TEST_CASE("parallel: jobs inside a job and from several threads at once are done too") {
  set_threads(3);
  std::atomic<int> hits = 0;
  const auto nested = [&](std::size_t) { parallel_for(5, [&](std::size_t) { ++hits; }); };
  std::vector<std::jthread> callers;
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&] {
      for (int job = 0; job < 50; ++job) parallel_for(7, nested);
    });
  callers.clear();  // joins
  CHECK(hits == 4 * 50 * 7 * 5);
  set_threads(1);
}
