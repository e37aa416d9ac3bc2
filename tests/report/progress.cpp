#include <hourglass/report/progress.hpp>

#include <chrono>
#include <ctime>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("the progress line shows share, rate and time left") {
  CHECK(progress_line("train", 500, 1000, 10) ==
        "train [############............] 50%  50/s  0:10 left");
  CHECK(progress_line("train", 1, 3601, 1).find("1:00:00 left") != std::string::npos);
  CHECK(progress_line("train", 0, 10, 0) == "train [........................] 0%");
  CHECK(progress_line("train", 20, 10, 1).find("[########################] 100%") !=
        std::string::npos);
  CHECK(progress_line("", 0, 0, 0).find("100%") != std::string::npos);
  const std::uint64_t most = ~std::uint64_t{0};
  CHECK(progress_line(std::string(100, 'x'), 1, most, 1e-9).size() < 80);
}

TEST_CASE("progress appears after a while, not at every step, and clears its line") {
  std::ostringstream out;
  std::size_t lines = 0;
  {
    const auto start = std::chrono::steady_clock::now();
    Progress progress("train", 300, &out);
    for (std::uint64_t done = 1; done <= 300; ++done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      progress.update(done);
    }
    for (const char c : out.str()) lines += c == '\r';
    CHECK(lines >= 1);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    CHECK(double(lines) <= taken.count() / 0.1 + 1);
  }
  CHECK(out.str().ends_with("\r\033[K"));
}

TEST_CASE("without a stream, progress is silent and costs next to nothing") {
  Progress progress("train", 10, static_cast<std::ostream*>(nullptr));
  const std::clock_t start = std::clock();  // the processor's time: others may use it too
  for (std::uint64_t done = 0; done < 1000000; ++done) progress.update(done);
  CHECK(std::clock() - start < CLOCKS_PER_SEC / 5);
}
