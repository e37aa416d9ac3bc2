#include <hourglass/core/parallel.hpp>

#include <atomic>
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
