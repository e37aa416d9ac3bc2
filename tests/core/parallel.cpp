#include <hourglass/core/ops.hpp>
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

TEST_CASE("parallel: two tapes in two threads share parameters that neither has seen before") {
  for (int round = 0; round < 50; ++round) {
    std::vector<Parameter> shared;
    for (int k = 0; k < 20; ++k) shared.push_back({"w", filled({2, 2}, Real(k))});
    std::vector<Real> sums(2), slopes(2);
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 2; ++t)
      threads.emplace_back([&, t] {
        Tape tape;
        tape.begin();
        Var total = tape.constant(Real(0));
        for (Parameter& p : shared) total = total + half_squared_norm(tape.leaf(p));
        const std::vector<Var> wrt{tape.leaf(shared.back())};
        slopes[t] = tape.grad(total, wrt)[0].value()(0, 0);
        sums[t] = total.item();
      });
    threads.clear();  // joins
    for (std::size_t t = 0; t < 2; ++t) {
      CHECK(sums[t] == 4940);  // 2 (0 + 1 + 4 + ... + 361)
      CHECK(slopes[t] == 19);
    }
  }
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
