// A process that forks: the child has none of its parent's threads, and must still work and end.

#include <hourglass/core/kernels.hpp>
#include <hourglass/core/parallel.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <thread>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hourglass;

namespace {

Array64 product() {
  Array64 a = empty64({700, 200}), b = empty64({200, 300});
  a.fill(2);
  b.fill(3);
  return kernels::product(a, b);
}

// All tasks of a few jobs are done, and a product is right.
bool works(std::size_t expected_threads) {
  bool right = threads() == expected_threads;
  for (int job = 0; job < 50; ++job) {
    std::atomic<int> hits = 0;
    parallel_for(7, [&](std::size_t) { ++hits; });
    right = right && hits == 7;
  }
  const Array64 found = product();
  for (const double entry : found) right = right && entry == 1200;
  return right;
}

// The status of a child that does this and then exits as a program does, joining its threads; it is
// ended by a signal after 60 s. Unless the parent is `alone`, what its other threads had allocated
// is lost in the child, which then goes without being searched for leaks.
int status_of_child(auto&& body, bool alone = true) {
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    const int status = body() ? 0 : 1;
    if (alone) std::exit(status);
    _exit(status);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("fork: a child makes the pool anew, and it ends") {
  for (const std::size_t count : {1u, 2u, 4u}) {
    CAPTURE(count);
    set_threads(count);
    CHECK(works(count));
    CHECK(status_of_child([] { return true; }) == 0);  // that uses no thread
    CHECK(status_of_child([&] { return works(count); }) == 0);
    CHECK(status_of_child([] {
            set_threads(3);
            return works(3);
          }) == 0);
    CHECK(status_of_child([&] {
            return works(count) && status_of_child([&] { return works(count); }) == 0;
          }) == 0);  // a grandchild
    CHECK(works(count));
  }
  set_threads(1);
}

TEST_CASE("fork: while another thread multiplies") {
  set_threads(2);
  std::atomic<bool> enough = false;
  std::jthread busy([&] {
    while (!enough) product();
  });
  for (int child = 0; child < 5; ++child)
    CHECK(status_of_child([] { return works(2); }, false) == 0);
  enough = true;
  busy.join();
  set_threads(1);
}
