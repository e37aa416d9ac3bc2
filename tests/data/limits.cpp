#include "files.hpp"
#include <hourglass/core/error.hpp>
#include <hourglass/data/readers.hpp>
#include <hourglass/data/safetensors.hpp>
#include <hourglass/data/search.hpp>

#include <cstdio>
#include <fstream>
#include <functional>
#include <string>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__)
#define HOURGLASS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOURGLASS_SANITIZED 1
#endif
#endif

void limit_memory(std::size_t bytes) {
#ifndef HOURGLASS_SANITIZED  // which reserves terabytes of addresses
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages;
  const rlim_t most = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + bytes;
  const rlimit limit{most, most};
  setrlimit(RLIMIT_AS, &limit);
#else
  (void)bytes;
#endif
}

// What a process that may take no more than `bytes` of memory besides what it has says of it.
std::string complaint(std::size_t bytes, const std::function<void()>& read) {
  const TemporaryFolder folder;
  const fs::path said = folder.path() / "said";
  const pid_t child = fork();
  if (child == 0) {
    limit_memory(bytes);
    std::string text = "nothing";
    try {
      read();
    } catch (const InputError& error) {
      text = error.what();
    } catch (const std::exception& other) {
      text = std::string("not an InputError: ") + other.what();
    }
    std::ofstream(said) << text;
    std::_Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  std::ifstream in(said);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr std::size_t mega = std::size_t{1} << 20;

// The gzip members of `count` MiB of one byte, `start` before them.
std::string bomb(const std::string& start, char byte, std::size_t count) {
  const std::string member = gzip(std::string(16 * mega, byte));
  std::string all = gzip(start);
  for (std::size_t k = 0; k < count; k += 16) all += member;
  return all;
}

}  // namespace

TEST_CASE("sizes that a header claims take no memory") {
  const TemporaryFolder folder;
  const std::string dictionary = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
  const auto npy_of = [&](const std::string& shape) {
    return npy(dictionary + shape + ")}", "abc");
  };
  const std::string tensor = R"({"a":{"dtype":"F64","shape":[)";
  struct Case {
    std::string content, expected;
    std::function<void(const fs::path&)> read;
  };
  const auto read_npy = [](const fs::path& file) { data::read_npy(file); };
  const auto read_idx = [](const fs::path& file) { data::read_idx(file); };
  const auto read_tensors = [](const fs::path& file) { data::read_safetensors(file); };
  const Case cases[] = {
      {npy_of("1048576, 1048576"), "found 3 bytes, expected 8796093022208", read_npy},
      {npy_of("500000000, 1"), "found 3 bytes, expected 4000000000", read_npy},
      {npy_of("4294967296, 4294967296"), "makes more than 2^40 values", read_npy},
      {npy_of("18446744073709551615, 2"), "makes more than 2^40 values", read_npy},
      {npy("", "", 2).replace(8, 4, little_endian(0xf0000000, 4)) + std::string(100, ' '),
       "header length: found 4026531840, expected at most 1048576", read_npy},
      {idx_header(8, {0xffffffff, 255}) + "abc", "found 3 bytes, expected 1095216660225", read_idx},
      {idx_header(8, {0xffffffff, 0xffffffff}), "makes more than 2^40 values", read_idx},
      {safetensors(tensor + R"(536870912],"data_offsets":[0,4294967296]}})", "abc"),
       "ends at byte 4294967296, but the file holds 3", read_tensors},
      {safetensors(tensor + R"(2305843009213693952],"data_offsets":[0,0]}})", ""),
       "is beyond 2^64 bytes", read_tensors},
      {safetensors(tensor + R"(4294967296,4294967296,0],"data_offsets":[0,0]}})", ""),
       "is beyond 2^64 bytes", read_tensors},
  };
  for (const Case& c : cases)
    for (const bool compressed : {false, true}) {
      if (compressed && c.content[8] == '{') continue;  // safetensors are plain
      const fs::path file = write(folder, "x", c.content, compressed);
      const std::string said = complaint(64 * mega, [&] { c.read(file); });
      CHECK_MESSAGE(contains(said, c.expected), c.expected << " in: " << said);
    }
}

TEST_CASE("a small file cannot take more memory than limits say") {
  const TemporaryFolder folder;
  const std::string header =
      "{'descr': '<f8', 'fortran_order': False, 'shape': (65536, 1024)}";  // 512 MiB
  const fs::path array = folder.write("x.npy.gz", bomb(npy(header, ""), '\0', 512));
  CHECK(fs::file_size(array) < mega);
  const std::string said = complaint(1024 * mega, [&] { data::read_npy(array); });
  CHECK_MESSAGE(contains(said, "times as large without compression, expected at most 100 times"),
                said);
  const fs::path line = folder.write("x.csv.gz", bomb("1,2\n", '1', 32));
  CHECK(contains(complaint(128 * mega, [&] { data::read_csv(line); }),
                 "line 2: is longer than 16 MiB"));
  const fs::path cells = folder.write("y.csv.gz", bomb("1", ',', 32));
  CHECK(contains(complaint(128 * mega, [&] { data::read_csv(cells); }),
                 "line 1: is longer than 16 MiB"));
}

#ifndef HOURGLASS_SANITIZED  // these ask how much memory is taken, and take their time
TEST_CASE(
    "the longest header of safetensors and the longest line of a CSV are read in a gigabyte") {
  const TemporaryFolder folder;
  std::string commas(data::longest_csv_line - 1, ',');
  const fs::path csv = folder.write("x.csv", "1" + commas + "\n");
  CHECK(contains(complaint(1024 * mega, [&] { data::read_csv(csv); }),
                 "row 1, column 2 (line 1): found \"\", expected a number"));
  std::string json = "{\"a\":[0";
  while (json.size() < 16 * mega - 4) json += ",0";
  const fs::path tensors = folder.write("x.safetensors", safetensors(json + "]}", ""));
  CHECK(contains(complaint(1024 * mega, [&] { data::read_safetensors(tensors); }),
                 "tensor a: found [0"));
  const fs::path longer = folder.write("y.safetensors", safetensors(json + ",0,0,0]}", ""));
  CHECK(contains(complaint(64 * mega, [&] { data::read_safetensors(longer); }),
                 "expected at most 16777216"));
}

TEST_CASE("a data set that does not fit into memory is refused by its name") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("x.npy", npy("{'descr': '<f8', 'fortran_order': False, "
                                                  "'shape': (8192, 1024)}",
                                                  std::string(64 * mega, '\0')));
  CHECK(contains(complaint(32 * mega, [&] { data::load_dataset({.name = file.string()}); }),
                 "x.npy: does not fit into memory; fewer samples of it might"));
  CHECK(complaint(32 * mega, [&] { data::load_dataset({.name = file.string(), .samples = 9}); }) ==
        "nothing");
}
#endif
